import Dispatch
import Glibc
import POSIX
public import SQLite

/// Why a copy of a database is worth nothing.
public enum DatabaseCopyError: Error, Equatable, CustomStringConvertible {
    /// SQLite's first words about it.
    case damaged(String)
    /// A database of something else, or an empty one.
    case noShop
    /// The books are not right: how many differences there are, and the first.
    case differences(Int, first: String)

    public var description: String {
        switch self {
        case .damaged(let words): "it is damaged: \(words)"
        case .noShop: "it is no database of a shop"
        case .differences(let count, let first): "the audit finds \(count) differences, the first: \(first)"
        }
    }
}

/// A copy of a shop's database in one file: made while the shop sells, and proven by reading all of it.
public struct DatabaseCopy: Sendable {
    /// Where the copy lies.
    public let path: String

    public init(path: String) { self.path = path }

    /// What SQLite may have beside a database. A copy has none of it at any time, so that whoever removes the one file has
    /// removed all.
    public static let suffixes = ["-journal", "-wal", "-shm"]

    /// Makes it of the database at `source`, over the file at `path`, which has to be there. It is not synced to the disk.
    ///
    /// - Parameter afterEach: is called after each 4 MiB; what it throws ends the copying.
    public func make(of source: String, afterEach: () throws -> Void = {}) throws {
        let reading = try Connection(path: source, access: .readOnly, busyTimeoutMilliseconds: 5_000)
        let writing = try Connection(path: path, access: .readWrite, busyTimeoutMilliseconds: 0)
        // Nobody reads it before it is whole, proven and synced: until then it needs no journal.
        try writing.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        try reading.copySnapshot(to: writing) { _, _ in try afterEach() }
    }

    /// What is known of a copy that was proven.
    public struct Proof: Sendable {
        public let schemaVersion: Int
        /// Rules of the audit that hold.
        public let rules: Int
    }

    /// Reads all of it: SQLite's integrity check, the foreign keys, and the audit of the books.
    ///
    /// A copy of an older schema is migrated for the audit, and that is undone: the rules are those of this program, and
    /// it shows that the copy can be used with it. The copy is taken out of WAL mode.
    ///
    /// - Throws: a `DatabaseCopyError`, `MigrationError.newer`, or `SQLiteError` where it cannot be read.
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
        // What a migration would change is kept in memory until it is undone.
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
        let rules = try Audit.run(on: sql) { difference in
            count += 1
            first = first ?? difference.description
        }
        try sql.execute("ROLLBACK")
        if let first { throw DatabaseCopyError.differences(count, first: first) }
        return Proof(schemaVersion: version, rules: rules)
    }

    /// What SQLite's integrity check says first, in one line; nil where all is well.
    public static func damage(_ sql: Connection) throws -> String? {
        let words = try sql.pragma("integrity_check(1)")
        return words == "ok" ? nil : words.split(separator: "\n").joined(separator: " ")
    }

    /// What is known of a database after it was looked at.
    public enum Examination: Equatable, Sendable {
        case sound
        /// SQLite's first words about it.
        case damaged(String)
        /// There was more of it than time; what was read is sound.
        case unfinished
    }

    /// Reads a database for damage, for so long at most; nil for all of it.
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

    /// Puts it into WAL mode, in which a shop's database is. Call it once the copy is proven.
    public func makeUsable() throws { try setMode(2) }

    /// Writes the two bytes of the header in which SQLite keeps the mode: 1 for a journal, 2 for a WAL (documented:
    /// <https://www.sqlite.org/fileformat.html>, "File format version numbers"). To change it, `PRAGMA journal_mode` would
    /// make a WAL beside the file. Leaves alone what is no database.
    private func setMode(_ mode: UInt8) throws {
        let file = open(path, O_RDWR | O_CLOEXEC)
        guard file >= 0 else { throw SystemError("cannot open \(path)") }
        defer { close(file) }
        var magic = [UInt8](repeating: 0, count: 16)
        guard pread(file, &magic, 16, 0) == 16, magic == Array("SQLite format 3\0".utf8) else { return }
        guard pwrite(file, [mode, mode], 2, 18) == 2 else { throw SystemError("cannot write the header of \(path)") }
    }
}
