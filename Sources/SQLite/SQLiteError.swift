import CSQLite

/// SQLite's error from a failed call.
public struct SQLiteError: Error, Sendable, CustomStringConvertible {
    /// The extended result code (`SQLITE_IOERR_FSYNC`, `SQLITE_CONSTRAINT_UNIQUE`, …).
    public let extendedCode: Int32
    /// SQLite's own message.
    public let message: String
    /// The statement at fault, if any.
    public let sql: String?

    public init(extendedCode: Int32, message: String, sql: String? = nil) {
        self.extendedCode = extendedCode
        self.message = message
        self.sql = sql
    }

    init(of handle: OpaquePointer?, sql: String? = nil) {
        self.init(
            extendedCode: sqlite3_extended_errcode(handle),
            message: handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory",
            sql: sql)
    }

    /// The primary result code (`SQLITE_IOERR`, `SQLITE_CONSTRAINT`, …).
    public var code: Int32 { extendedCode & 0xff }

    /// A CHECK, UNIQUE, NOT NULL or FOREIGN KEY was violated: the statement failed, the transaction goes on.
    public var isConstraint: Bool { code == SQLITE_CONSTRAINT }

    /// Another connection holds a lock that was needed.
    public var isBusy: Bool { code == SQLITE_BUSY }

    /// The file is not a database, or is damaged.
    public var saysDamaged: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }

    /// Another thread asked the statement to stop.
    public var isInterrupt: Bool { code == SQLITE_INTERRUPT }

    /// The disk failed, or something between it and SQLite.
    public var isOfTheDisk: Bool { code == SQLITE_IOERR }

    /// The disk is full.
    public var isFull: Bool { code == SQLITE_FULL }

    /// A value that must be unique exists already.
    public var isUniqueViolation: Bool {
        extendedCode == csqlite_constraint_unique || extendedCode == csqlite_constraint_primary_key
    }

    public var description: String {
        "SQLite error \(extendedCode): \(message)" + (sql.map { " in: \($0)" } ?? "")
    }
}
