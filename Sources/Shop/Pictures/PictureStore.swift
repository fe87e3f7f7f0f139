/// Where the pictures' files are, and who makes them from what somebody sends.
public protocol PictureStore: Sendable {
    /// Runs the work while nobody clears files away: what it makes stays until a product names it.
    ///
    /// Throws `UnavailableError` if somebody clears for too long.
    func whileKept<Result>(_ work: () throws -> Result) throws -> Result

    /// Makes the sizes of a picture and keeps them, on the disk when this returns; makes the same again if they are there.
    ///
    /// Throws `ShopError.pictureRefused` for what is no picture that the shop takes, and `UnavailableError`.
    func make(from source: any PictureSource) throws -> Picture

    /// Runs the work while nobody makes files; nil if somebody does for so long that it was not run.
    func whileNobodyMakes<Result>(_ work: () throws -> Result) throws -> Result?

    /// Removes the picture's files.
    func remove(_ picture: Picture) throws

    /// Removes what was made before this time for no picture that is `known`: what was left by a process that ended in the
    /// middle. Pictures can be made meanwhile; what cannot be removed beside that is left for the next look.
    func removeStrays(before time: Timestamp, at now: Timestamp, known: (PictureHash) throws -> Bool) throws

    /// When all strays were last removed; nil for never.
    func lastLookForStrays() throws -> Timestamp?
}

/// What somebody sends as a picture, piece by piece: it need never be in memory as a whole.
public protocol PictureSource: Sendable {
    /// In bytes.
    var size: Int { get }
    /// Passes all of it to `body`, from the beginning, in pieces that memory has room for; may be called again.
    func forEachPiece(_ body: (UnsafeRawBufferPointer) throws -> Void) throws
}

/// Why something that was sent is no picture for the shop.
public enum PictureFlaw: String, Error, Sendable, CaseIterable {
    /// Neither JPEG nor PNG nor WebP, whatever it is called.
    case unknown
    /// Of more bytes than are taken.
    case tooLarge = "too-large"
    /// Of more pixels than are taken.
    case tooManyPixels = "too-many-pixels"
    /// A film of several pictures.
    case moving
    /// It cannot be read to its end.
    case damaged

    /// In bytes.
    public static let mostBytes = 10 * 1024 * 1024
    /// Some more than the cameras of telephones have.
    public static let mostPixels = 50_000_000
    /// In pixels, in each direction.
    public static let longestSide = 16_000
}

/// A shop without a folder for pictures: none can be added.
struct NoPictures: PictureStore {
    private var error: UnavailableError { UnavailableError("this process has no folder for pictures") }

    func whileKept<Result>(_ work: () throws -> Result) throws -> Result { try work() }
    func make(from source: any PictureSource) throws -> Picture { throw error }
    func whileNobodyMakes<Result>(_ work: () throws -> Result) throws -> Result? { try work() }
    func remove(_ picture: Picture) throws {}
    func removeStrays(before time: Timestamp, at now: Timestamp, known: (PictureHash) throws -> Bool) throws {}
    func lastLookForStrays() throws -> Timestamp? { nil }
}
