import CSQLite

/// Counts the commits to a database in WAL mode, those of every connection and process, at the cost of a memory read.
///
/// SQLite keeps a counter of commits in the header of the WAL index, the shared memory beside the file (its layout is
/// documented: <https://www.sqlite.org/walformat.html>, "WAL-Index Header", field `iChange`). `PRAGMA data_version`
/// answers the same question through a read transaction, at a thousand times the price.
public final class CommitCounter: @unchecked Sendable {
    /// `iChange` in the first of the header's two copies.
    private static let offset = 8

    /// The connection whose mapping this reads. SQLite maps the index once and keeps the mapping while the connection is
    /// open.
    private let connection: Connection
    private let address: UnsafeRawPointer

    /// Fails when the database is not in WAL mode.
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

    /// The count now. It wraps around after four thousand million: compare for equality only.
    public var value: UInt32 { csqlite_load_acquire(address) }
}

extension Connection {
    /// How far a checkpoint may go.
    public enum CheckpointMode: Sendable {
        /// Copies what it can without making anybody wait.
        case passive
        /// Also waits for readers, so that the next write starts the WAL from its beginning.
        case restart
        /// Also cuts the file to nothing.
        case truncate
    }

    /// Copies the WAL back into the database; says how many frames the WAL has and how many of them are copied.
    ///
    /// - Parameter milliseconds: how long others are waited for, in place of the connection's own time.
    @discardableResult
    public func checkpoint(
        _ mode: CheckpointMode, waitingAtMostMilliseconds milliseconds: Int? = nil
    ) throws -> (frames: Int, copied: Int) {
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
    /// Bytes of a log of so many frames: behind its head, each page with a head of its own.
    public static func logBytes(frames: Int, pageBytes: Int = 4_096) -> Int { 32 + frames * (24 + pageBytes) }

    /// Where the log has become longer, the first commit of this connection after the log has begun anew cuts it to this.
    public func limitLog(bytes: Int) throws { try execute("PRAGMA journal_size_limit = \(bytes)") }
}

/// Watches how long the WAL has become, as SQLite tells after each commit of one connection.
public final class WALSize: @unchecked Sendable {
    /// Written by the hook, on the thread that commits, and read there.
    public private(set) var frames = 0
    /// Commits of the connection that reached the WAL; a transaction that changed nothing makes none.
    public private(set) var commits = 0
    /// Keeps the connection from outliving the hook's argument, or the other way round.
    private let connection: Connection

    /// Takes the connection's one WAL hook, which also switches its automatic checkpoints off.
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
