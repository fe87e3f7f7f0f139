import CSQLite
import Glibc

/// A connection to a database file, with its prepared statements.
///
/// Opened without SQLite's own mutex: one thread at a time uses it. It may be passed between threads as long as each
/// hand-over synchronizes, as the pool and the writer above do; that is all that `@unchecked Sendable` claims.
public final class Connection: @unchecked Sendable {
    /// How a connection is opened.
    public enum Access: Sendable {
        /// Reads and writes; creates the file if it does not exist.
        case create
        /// Reads and writes an existing file.
        case readWrite
        /// Reads an existing file; a write fails with `SQLITE_READONLY`.
        case readOnly
    }

    /// The file's path.
    public let path: String
    let handle: OpaquePointer
    let busyTimeoutMilliseconds: Int
    private let lockWait = LockWait()
    private var statements: [Statement: OpaquePointer] = [:]

    /// Opens the file; throws `OrphanedLogError` if only its log is there.
    ///
    /// - Parameter busyTimeoutMilliseconds: how long a statement waits for another's lock before it fails with
    ///   `SQLITE_BUSY`. It retries every half millisecond: SQLite's own handler sleeps up to 100 ms at a time, longer
    ///   than the gaps that a busy writer leaves.
    public init(path: String, access: Access, busyTimeoutMilliseconds: Int) throws {
        _ = Self.library
        try OrphanedLogError.check(path)
        var opened: OpaquePointer?
        let flags =
            switch access {
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .readWrite: SQLITE_OPEN_READWRITE
            case .readOnly: SQLITE_OPEN_READONLY
            }
        let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let opened else {
            defer { sqlite3_close_v2(opened) }
            throw SQLiteError(of: opened)
        }
        self.path = path
        self.handle = opened
        self.busyTimeoutMilliseconds = busyTimeoutMilliseconds
        waitForOthers(atMostMilliseconds: busyTimeoutMilliseconds)
    }

    func waitForOthers(atMostMilliseconds milliseconds: Int) {
        lockWait.tries.store(max(1, milliseconds * 2), ordering: .relaxed)
        sqlite3_busy_handler(
            handle,
            { wait, tried in
                guard let wait else { return 0 }
                let lockWait = Unmanaged<LockWait>.fromOpaque(wait).takeUnretainedValue()
                lockWait.noteTry()
                guard Int(tried) < lockWait.tries.load(ordering: .relaxed) else { return 0 }
                usleep(500)
                return 1
            }, Unmanaged.passUnretained(lockWait).toOpaque())
    }

    /// Whether a statement, in any thread, is waiting for another connection's lock.
    public var isWaitingForLock: Bool { lockWait.isWaiting }

    /// Drops the cached pages, so that the next read comes from the file.
    public func forgetPages() { sqlite3_db_release_memory(handle) }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close_v2(handle)
    }

    /// Whether no transaction is open. Also true after an error that made SQLite end the transaction on its own,
    /// although nobody committed.
    public var isAutocommit: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// Rows inserted, changed and deleted since the connection was opened, including those rolled back.
    public var totalChanges: Int64 { sqlite3_total_changes64(handle) }

    /// Makes the statement running in another thread fail with `SQLITE_INTERRUPT`.
    public func interrupt() { sqlite3_interrupt(handle) }

    /// Leaves the WAL to whoever opens the file next, instead of copying it back when this connection closes.
    public func leaveWALOnClose() { _ = csqlite_no_checkpoint_on_close(handle) }

    /// Configures the library, once per process. SQLite counts its allocations under one lock for all threads, for
    /// statistics that nobody here reads; the lock is the cost. If something else has opened a database before, the
    /// setting is refused, which only costs speed.
    private static let library: Void = {
        _ = csqlite_without_memory_statistics()
        GradualWrite.install()
    }()

    // MARK: Statements

    /// Runs statements that return no rows and are not worth caching (PRAGMA, DDL); `sql` may contain several.
    public func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw SQLiteError(of: handle, sql: sql) }
    }

    /// Runs one statement to its end. The prepared statement is cached.
    public func run(_ sql: Statement, _ values: any Bindable...) throws {
        try query(sql, values) { (_: borrowing Row) in () }
    }

    /// Runs one statement and returns how many rows it changed.
    public func change(_ sql: Statement, _ values: any Bindable...) throws -> Int {
        try query(sql, values) { (_: borrowing Row) in () }
        return Int(sqlite3_changes64(handle))
    }

    /// Runs an INSERT of one row into a table with an integer key; returns the key that SQLite assigned.
    ///
    /// Used instead of RETURNING, for which SQLite keeps the row in a table of its own, guarded by a journal: a fifth
    /// of the statement's time.
    public func insert(_ sql: Statement, _ values: any Bindable...) throws -> Int64 {
        try query(sql, values) { (_: borrowing Row) in () }
        return sqlite3_last_insert_rowid(handle)
    }

    /// The statement's first row, or nil if there is none.
    public func first<Result>(
        _ sql: Statement, _ values: any Bindable..., read: (borrowing Row) throws -> Result
    ) throws -> Result? {
        var result: Result?
        try step(sql, values) { row in
            result = try read(row)
            return false
        }
        return result
    }

    /// All rows of the statement.
    public func all<Result>(
        _ sql: Statement, _ values: any Bindable..., read: (borrowing Row) throws -> Result
    ) throws -> [Result] {
        var results: [Result] = []
        try query(sql, values) { row in results.append(try read(row)) }
        return results
    }

    /// Passes each row of the statement to `body`, without storing them.
    public func forEach(
        _ sql: Statement, _ values: any Bindable..., body: (borrowing Row) throws -> Void
    ) throws {
        try query(sql, values, body)
    }

    /// Passes rows to `body` until it returns false.
    public func forEachUntil(
        _ sql: Statement, _ values: any Bindable..., body: (borrowing Row) throws -> Bool
    ) throws {
        try step(sql, values, body)
    }

    private func query(
        _ sql: Statement, _ values: [any Bindable], _ body: (borrowing Row) throws -> Void
    ) throws {
        try step(sql, values) { row in
            try body(row)
            return true
        }
    }

    /// Steps through the rows while `body` returns true. The statement is reset on every way out: one left halfway
    /// would keep its snapshot, and with it the WAL, forever.
    private func step(
        _ sql: Statement, _ values: [any Bindable], _ body: (borrowing Row) throws -> Bool
    ) throws {
        let statement = try prepared(sql)
        defer { sqlite3_reset(statement) }
        for (index, value) in values.enumerated() {
            guard value.bind(to: statement, at: Int32(index + 1)) == SQLITE_OK else {
                throw SQLiteError(of: handle, sql: sql.description)
            }
        }
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW: if try !body(Row(statement)) { return }
            case SQLITE_DONE: return
            default: throw SQLiteError(of: handle, sql: sql.description)
            }
        }
    }

    private func prepared(_ sql: Statement) throws -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        let statement = try prepare(sql.description, flags: UInt32(SQLITE_PREPARE_PERSISTENT))
        statements[sql] = statement
        return statement
    }

    private func prepare(_ sql: String, flags: UInt32) throws -> OpaquePointer {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v3(handle, sql, -1, flags, &statement, nil) == SQLITE_OK, let statement else {
            throw SQLiteError(of: handle, sql: sql)
        }
        return statement
    }

    // MARK: For tests and checks

    /// The first value that `PRAGMA name` returns, as text.
    public func pragma(_ name: String) throws -> String {
        try rows(of: "PRAGMA \(name)").first?.first ?? ""
    }

    /// The query planner's lines for a statement.
    public func plan(_ sql: String) throws -> [String] {
        try rows(of: "EXPLAIN QUERY PLAN " + sql).map { $0.last ?? "" }
    }

    /// The statements that this connection has prepared so far.
    public var preparedSQL: [String] { statements.keys.map(\.description) }

    /// All rows of a statement built at run time, as text. For checks and tools, not for requests.
    public func rows(of sql: String) throws -> [[String]] {
        let statement = try prepare(sql, flags: 0)
        defer { sqlite3_finalize(statement) }
        var rows: [[String]] = []
        while true {
            switch sqlite3_step(statement) {
            case SQLITE_ROW:
                let row = Row(statement)
                var columns: [String] = []
                for column in 0..<sqlite3_column_count(statement) { columns.append(row.text(column)) }
                rows.append(columns)
            case SQLITE_DONE: return rows
            default: throw SQLiteError(of: handle, sql: sql)
            }
        }
    }
}
