import CSQLite

/// Counts the commits to a database in WAL mode, by any connection or process, at the cost of a memory read.
///
/// SQLite keeps a commit counter in the header of the WAL index, the shared memory beside the file
/// (<https://www.sqlite.org/walformat.html>, "WAL-Index Header", field `iChange`). `PRAGMA data_version` answers the
/// same question with a read transaction, at a thousand times the cost.
public final class CommitCounter: @unchecked Sendable {
    /// `iChange` in the first of the header's two copies.
    private static let offset = 8

    /// The connection whose mapping this reads. SQLite maps the index once and keeps it mapped while the connection is
    /// open.
    private let connection: Connection
    private let address: UnsafeRawPointer

    /// Fails if the database is not in WAL mode.
    public init(_ connection: Connection) throws {
        self.connection = connection
        // A read makes SQLite open and map the WAL index.
        try connection.execute("SELECT count(*) FROM sqlite_schema")
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(connection.handle, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        var region: UnsafeMutableRawPointer?
        guard code == SQLITE_OK, let file, let map = file.pointee.pMethods?.pointee.xShmMap,
            map(file, 0, 32 * 1024, 0, &region) == SQLITE_OK, let region
        else {
            throw SQLiteError(extendedCode: SQLITE_CANTOPEN, message: "the database has no WAL index")
        }
        address = UnsafeRawPointer(region) + Self.offset
    }

    /// The current count. It wraps around after 2^32: compare for equality only.
    public var value: UInt32 { csqlite_load_acquire(address) }
}

extension Connection {
    /// How much a checkpoint may do.
    public enum CheckpointMode: Sendable {
        /// Copies what it can without making anybody wait.
        case passive
        /// Also waits for readers, so that the next write starts the WAL over.
        case restart
        /// Also truncates the file to nothing.
        case truncate
    }

    /// Copies the WAL back into the database; returns how many frames the WAL has and how many of them are copied.
    ///
    /// - Parameters:
    ///   - milliseconds: how long to wait for others, instead of the connection's own timeout.
    ///   - pause: if given, what is copied reaches the disk bit by bit, and others' commits in between: called on this thread
    ///     after each quarter of a MiB.
    @discardableResult
    public func checkpoint(
        _ mode: CheckpointMode, waitingAtMostMilliseconds milliseconds: Int? = nil, pausing pause: (() -> Void)? = nil
    ) throws -> (frames: Int, copied: Int) {
        guard let pause else { return try checkpoint(mode, milliseconds) }
        return try GradualWrite.during(pausing: pause) { try checkpoint(mode, milliseconds) }
    }

    private func checkpoint(_ mode: CheckpointMode, _ milliseconds: Int?) throws -> (frames: Int, copied: Int) {
        if let milliseconds { waitForOthers(atMostMilliseconds: milliseconds) }
        defer { if milliseconds != nil { waitForOthers(atMostMilliseconds: busyTimeoutMilliseconds) } }
        var frames: Int32 = 0
        var copied: Int32 = 0
        let flag =
            switch mode {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .restart: SQLITE_CHECKPOINT_RESTART
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        let code = sqlite3_wal_checkpoint_v2(handle, nil, flag, &frames, &copied)
        guard code == SQLITE_OK || code == SQLITE_BUSY else { throw SQLiteError(of: handle) }
        return (Int(frames), Int(copied))
    }
}

extension Connection {
    /// The size of a log with this many frames: after its header, a header and a page per frame.
    public static func logBytes(frames: Int, pageBytes: Int = 4_096) -> Int { 32 + frames * (24 + pageBytes) }

    /// Once a longer log starts over, this connection's first commit truncates it to this size.
    public func limitLog(bytes: Int) throws { try execute("PRAGMA journal_size_limit = \(bytes)") }
}

/// Tracks the length of the WAL, as SQLite reports it after each commit of one connection.
public final class WALSize: @unchecked Sendable {
    /// Written by the hook on the committing thread, and read there.
    public private(set) var frames = 0
    /// The connection's commits that reached the WAL; a transaction without changes makes none.
    public private(set) var commits = 0
    /// Keeps the connection and the hook's argument alive together.
    private let connection: Connection

    /// Takes the connection's only WAL hook, which also disables automatic checkpoints.
    public init(_ connection: Connection) {
        self.connection = connection
        sqlite3_wal_hook(
            connection.handle,
            { size, _, _, frames in
                guard let size else { return SQLITE_OK }
                let watched = Unmanaged<WALSize>.fromOpaque(size).takeUnretainedValue()
                watched.frames = Int(frames)
                watched.commits += 1
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { sqlite3_wal_hook(connection.handle, nil, nil) }
}
