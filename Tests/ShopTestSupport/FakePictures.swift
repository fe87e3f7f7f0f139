import POSIX
public import Shop

/// Keeps pictures in memory, and makes them of whatever is sent: only what is refused by its first byte is refused.
public final class FakePictureStore: PictureStore {
    private let pictures = Locked<Set<PictureHash>>([])
    private let lastLook = Locked<Timestamp?>(nil)
    /// What goes wrong whenever pictures are to be cleared.
    public let trouble = Locked<UnavailableError?>(nil)

    public init() {}

    /// Those whose files are there.
    public var kept: Set<PictureHash> { pictures.read { $0 } }

    public func whileKept<Result>(_ work: () throws -> Result) throws -> Result { try work() }
    public func whileNobodyMakes<Result>(_ work: () throws -> Result) throws -> Result? {
        if let trouble = trouble.read({ $0 }) { throw trouble }
        return try work()
    }

    public func make(from source: any PictureSource) throws -> Picture {
        var bytes: [UInt8] = []
        try source.forEachPiece { bytes.append(contentsOf: $0) }
        if source.size > PictureFlaw.mostBytes { throw ShopError.pictureRefused(.tooLarge) }
        if bytes.first == UInt8(ascii: "<") { throw ShopError.pictureRefused(.unknown) }
        let hash = FakePicture.hash(of: bytes)
        pictures.write { _ = $0.insert(hash) }
        return Picture(hash: hash, width: 960, height: 720)
    }

    public func remove(_ picture: Picture) throws { pictures.write { _ = $0.remove(picture.hash) } }
    public func removeStrays(before time: Timestamp, at now: Timestamp, known: (PictureHash) throws -> Bool) throws {
        for hash in kept where try !known(hash) { pictures.write { _ = $0.remove(hash) } }
        lastLook.write { $0 = now }
    }
    public func lastLookForStrays() throws -> Timestamp? { lastLook.read { $0 } }
}

/// Something to send as a picture; its bytes are its name.
public struct FakePicture: PictureSource {
    private let bytes: [UInt8]

    public init(_ name: String = "picture") { bytes = Array(name.utf8) }

    /// What a fake store names it.
    public var hash: PictureHash { Self.hash(of: bytes) }

    static func hash(of bytes: [UInt8]) -> PictureHash {
        let padded = Array((bytes + [UInt8](repeating: 0, count: PictureHash.byteCount)).prefix(PictureHash.byteCount))
        guard let hash = PictureHash(padded) else { preconditionFailure("\(padded.count) bytes") }
        return hash
    }

    public var size: Int { bytes.count }
    public func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws { try bytes.withUnsafeBytes(body) }
}
