import Dispatch
import Glibc
import POSIX
public import SQLite

/// Why a copy of a database is unusable.
public enum DatabaseCopyError: Error, Equatable, CustomStringConvertible {
    /// SQLite's first message about it.
    case damaged(String)
    /// Another program's database, or an empty one.
    case noShop
    /// The books are wrong: the number of differences, and the first.
    case differences(Int, first: String)

    public var description: String {
        switch self {
        case .damaged(let words): "it is damaged: \(words)"
        case .noShop: "it is no database of a shop"
        case .differences(let count, let first): "the audit finds \(count) differences, the first: \(first)"
        }
    }
}

/// A single-file copy of a shop's database, made while the shop sells and verified by reading all of it.
public struct DatabaseCopy: Sendable {
    /// The copy's path.
    public let path: String

    public init(path: String) { self.path = path }

    /// The files that SQLite may keep beside a database. A copy never has any, so removing its one file removes
    /// everything.
    public static let suffixes = ["-journal", "-wal", "-shm"]

    /// Copies the database at `source` over the existing file at `path`, without syncing it to the disk.
    ///
    /// - Parameter afterEach: called after each 4 MiB; an error it throws ends the copying.
    public func make(of source: String, afterEach: () throws -> Void = {}) throws {
        let reading = try Connection(path: source, access: .readOnly, busyTimeoutMilliseconds: 5_000)
        let writing = try Connection(path: path, access: .readWrite, busyTimeoutMilliseconds: 0)
        // Nobody reads the copy before it is complete, verified and synced: until then it needs no journal.
        try writing.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        try reading.copySnapshot(to: writing) { _, _ in try afterEach() }
    }

    /// The result of verifying a copy.
    public struct Proof: Sendable {
        public let schemaVersion: Int
        /// How many of the audit's rules hold.
        public let rules: Int
        public let traceEnd: TraceEnd
    }

    /// Reads the whole copy: SQLite's integrity check, the foreign keys, and the audit of the books.
    ///
    /// A copy with an older schema is migrated for the audit and then rolled back: the rules are this program's, and
    /// this shows that the copy works with it. The copy is taken out of WAL mode.
    ///
    /// - Throws: a `DatabaseCopyError`, `MigrationError.newer`, or `SQLiteError` if it cannot be read.
    public func prove() throws -> Proof {
        try setMode(1)
        let sql = try Connection(path: path, access: .readWrite, busyTimeoutMilliseconds: 0)
        do {
            return try Self.prove(sql)
        } catch let error as SQLiteError where error.saysDamaged {
            throw DatabaseCopyError.damaged(error.message)
        }
    }

    private static func prove(_ sql: Connection) throws -> Proof {
        // A migration's changes stay in memory until they are rolled back.
        try sql.execute(
            """
            PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY;
            PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY
            """)
        if let damage = try damage(sql) { throw DatabaseCopyError.damaged(damage) }
        let version = try Migrations.version(of: sql)
        guard version > 0 else { throw DatabaseCopyError.noShop }
        guard version <= Migrations.current else {
            throw MigrationError.newer(database: version, program: Migrations.current)
        }
        if let broken = try sql.rows(of: "PRAGMA foreign_key_check").first {
            throw DatabaseCopyError.damaged("a row of \(broken.first ?? "a table") refers to one that is not there")
        }
        var count = 0
        var first: String?
        try sql.execute("BEGIN")
        if version < Migrations.current { try Migrations.apply(to: sql, from: version) }
        let audit = try Audit.run(on: sql) { difference in
            count += 1
            first = first ?? difference.description
        }
        try sql.execute("ROLLBACK")
        if let first { throw DatabaseCopyError.differences(count, first: first) }
        return Proof(schemaVersion: version, rules: audit.rules, traceEnd: audit.traceEnd)
    }

    /// The first finding of SQLite's integrity check, in one line; nil if there is none.
    public static func damage(_ sql: Connection) throws -> String? {
        let words = try sql.pragma("integrity_check(1)")
        return words == "ok" ? nil : words.split(separator: "\n").joined(separator: " ")
    }

    /// The result of examining a database.
    public enum Examination: Equatable, Sendable {
        case sound
        /// SQLite's first message about it.
        case damaged(String)
        /// Time ran out; what was read is sound.
        case unfinished
    }

    /// Reads a database to look for damage, for at most this long; nil for all of it.
    public static func examine(_ sql: Connection, atMostSeconds seconds: Double?) throws -> Examination {
        let end = DispatchWorkItem { sql.interrupt() }
        if let seconds { DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: end) }
        defer { end.cancel() }
        do {
            return try damage(sql).map(Examination.damaged) ?? .sound
        } catch let error as SQLiteError where error.isInterrupt {
            return .unfinished
        }
    }

    /// Puts the copy into WAL mode, as a shop's database has to be. Call it once the copy is verified.
    public func makeUsable() throws { try setMode(2) }

    /// Writes the two header bytes in which SQLite keeps the mode: 1 for a journal, 2 for a WAL
    /// (<https://www.sqlite.org/fileformat.html>, "File format version numbers"). `PRAGMA journal_mode` would create a
    /// WAL beside the file. Leaves a file alone that is not a database.
    private func setMode(_ mode: UInt8) throws {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw SystemError("cannot open \(path)") }
        defer { close(file) }
        var magic = [UInt8](repeating: 0, count: 16)
        guard pread(file, &magic, 16, 0) == 16, magic == Array("SQLite format 3\0".utf8) else { return }
        guard pwrite(file, [mode, mode], 2, 18) == 2 else { throw SystemError("cannot write the header of \(path)") }
    }
}
