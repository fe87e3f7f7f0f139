public import Shop

/// What the first bytes of a file say that it is: only these count, not what it is called.
public struct PictureHead: Sendable, Equatable {
    public enum Kind: String, Sendable { case jpeg, png, webp }

    public let kind: Kind
    /// In pixels, as stored: the camera may have been held sideways.
    public let width: Int
    public let height: Int

    /// How far into a file the size of a picture is looked for. What cameras write before it is some 100 KB at most.
    public static let longest = 4 * 1024 * 1024

    /// Throws a `PictureFlaw` for what is none of the three kinds, for films, and for more pixels than are taken.
    public init(_ bytes: some RandomAccessCollection<UInt8>) throws(PictureFlaw) {
        var reader = ByteReader(bytes.prefix(Self.longest))
        let size: (width: Int, height: Int)?
        if reader.takes([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
            kind = .png
            size = try Self.sizeOfPNG(&reader)
        } else if reader.takes([0xff, 0xd8]) {
            kind = .jpeg
            size = Self.sizeOfJPEG(&reader)
        } else if reader.takes(Array("RIFF".utf8)), reader.skip(4), reader.takes(Array("WEBP".utf8)) {
            kind = .webp
            size = try Self.sizeOfWebP(&reader)
        } else {
            throw .unknown
        }
        guard let size, size.width > 0, size.height > 0 else { throw .damaged }
        guard max(size.width, size.height) <= PictureFlaw.longestSide,
            size.width * size.height <= PictureFlaw.mostPixels
        else { throw .tooManyPixels }
        (width, height) = size
    }

    // MARK: PNG

    /// The header comes first; a film says that it is one before its first picture.
    private static func sizeOfPNG(_ reader: inout ByteReader) throws(PictureFlaw) -> (Int, Int)? {
        guard reader.number(4) == 13, reader.takes(Array("IHDR".utf8)), let width = reader.number(4),
            let height = reader.number(4), reader.skip(5 + 4)
        else { return nil }
        while let length = reader.number(4), let name = reader.take(4) {
            if name == Array("acTL".utf8) { throw .moving }
            if name == Array("IDAT".utf8) { return (width, height) }
            guard reader.skip(length + 4) else { return nil }
        }
        return nil
    }

    // MARK: JPEG

    /// Marker by marker, up to the frame's header.
    private static func sizeOfJPEG(_ reader: inout ByteReader) -> (Int, Int)? {
        while reader.takes([0xff]) {
            var marker = reader.number(1)
            while marker == 0xff { marker = reader.number(1) }
            guard let marker, let length = reader.number(2), length >= 2 else { return nil }
            switch marker {
            // Frames of every kind; C4, C8 and CC are tables.
            case 0xc0...0xcf where marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
                guard reader.skip(1), let height = reader.number(2), let width = reader.number(2) else { return nil }
                return (width, height)
            // The image itself would begin, without a header.
            case 0xda, 0xd9: return nil
            default: guard reader.skip(length - 2) else { return nil }
            }
        }
        return nil
    }

    // MARK: WebP

    private static func sizeOfWebP(_ reader: inout ByteReader) throws(PictureFlaw) -> (Int, Int)? {
        guard let name = reader.take(4), reader.skip(4) else { return nil }
        switch String(decoding: name, as: UTF8.self) {
        case "VP8X":
            guard let flags = reader.number(1), reader.skip(3), let width = reader.littleNumber(3),
                let height = reader.littleNumber(3)
            else { return nil }
            let isMoving = flags & 0x02 != 0
            if isMoving { throw .moving }
            return (width + 1, height + 1)
        case "VP8L":
            guard reader.takes([0x2f]), let bits = reader.littleNumber(4) else { return nil }
            return (bits & 0x3fff + 1, bits >> 14 & 0x3fff + 1)
        case "VP8 ":
            guard reader.skip(3), reader.takes([0x9d, 0x01, 0x2a]), let width = reader.littleNumber(2),
                let height = reader.littleNumber(2)
            else { return nil }
            return (width & 0x3fff, height & 0x3fff)
        default: return nil
        }
    }
}

/// Reads bytes from the front; nothing behind the end.
private struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) { rest = Array(bytes)[...] }

    /// Whether these bytes come next; consumes them if so.
    mutating func takes(_ bytes: [UInt8]) -> Bool {
        guard rest.starts(with: bytes) else { return false }
        rest = rest.dropFirst(bytes.count)
        return true
    }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func skip(_ count: Int) -> Bool {
        guard count >= 0, rest.count >= count else { return false }
        rest = rest.dropFirst(count)
        return true
    }

    /// The highest byte first.
    mutating func number(_ count: Int) -> Int? { take(count)?.reduce(0) { $0 << 8 | Int($1) } }

    /// The lowest byte first.
    mutating func littleNumber(_ count: Int) -> Int? { take(count)?.reversed().reduce(0) { $0 << 8 | Int($1) } }
}
