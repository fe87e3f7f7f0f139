import Shop

/// A store whose calls are seen before they are made, on the caller's thread.
public struct WatchedStore: Store {
    public enum Call: Sendable {
        case read, write, piece, touch
    }

    public let hasWaitingWrites: Bool
    private let store: any Store
    private let repeatsReads: Bool
    private let willCall: @Sendable (Call) throws -> Void

    /// - Parameters:
    ///   - hasWaitingWrites: what the store says of others.
    ///   - repeatsReads: runs what reads twice, as when the first time a file had to be opened anew.
    public init(
        _ store: any Store, hasWaitingWrites: Bool = false, repeatsReads: Bool = false,
        willCall: @escaping @Sendable (Call) throws -> Void
    ) {
        self.store = store
        self.hasWaitingWrites = hasWaitingWrites
        self.repeatsReads = repeatsReads
        self.willCall = willCall
    }

    public func read<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        try willCall(.read)
        if repeatsReads { _ = try store.read(work) }
        return try store.read(work)
    }

    public func lookUp<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        try willCall(.read)
        return try store.lookUp(work)
    }

    public func write<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        try willCall(.write)
        return try store.write(work)
    }

    public func writePiece<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        try willCall(.piece)
        return try store.writePiece(work)
    }

    public func touch() throws {
        try willCall(.touch)
        try store.touch()
    }

    public var waitsForAnother: Bool { store.waitsForAnother }
    public func version(of topic: Topic) -> Version { store.version(of: topic) }
}
