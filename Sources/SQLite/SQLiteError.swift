import CSQLite

/// What SQLite said of a call that failed.
public struct SQLiteError: Error, Sendable, CustomStringConvertible {
    /// The extended result code (`SQLITE_IOERR_FSYNC`, `SQLITE_CONSTRAINT_UNIQUE`, …).
    public let extendedCode: Int32
    /// SQLite's own words.
    public let message: String
    /// The statement at fault, where there was one.
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

    /// A CHECK, UNIQUE, NOT NULL or FOREIGN KEY was broken: the statement failed, the transaction goes on.
    public var isConstraint: Bool { code == SQLITE_CONSTRAINT }

    /// Another connection holds a lock that was needed.
    public var isBusy: Bool { code == SQLITE_BUSY }

    /// The file is no database, or one that is broken.
    public var saysDamaged: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }

    /// Another thread has asked the statement to end.
    public var isInterrupt: Bool { code == SQLITE_INTERRUPT }

    /// The disk, or what is between it and SQLite, failed.
    public var isOfTheDisk: Bool { code == SQLITE_IOERR }

    /// There is no room left on the disk.
    public var isFull: Bool { code == SQLITE_FULL }

    /// A value that has to be unique is there already.
    public var isUniqueViolation: Bool {
        extendedCode == csqlite_constraint_unique || extendedCode == csqlite_constraint_primary_key
    }

    public var description: String {
        "SQLite error \(extendedCode): \(message)" + (sql.map { " in: \($0)" } ?? "")
    }
}
