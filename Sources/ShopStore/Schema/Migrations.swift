import Glibc
public import SQLite

/// Why this program cannot use a database.
public enum MigrationError: Error, Equatable, CustomStringConvertible {
    case newer(database: Int, program: Int)
    case older(database: Int, program: Int)
    /// Negative: another program's number.
    case foreign(database: Int)

    public var description: String {
        switch self {
        case .newer(let database, let program):
            "the database has schema version \(database), this program knows up to \(program): "
                + "install a newer jangteo, or restore a backup made with this one"
        case .older(let database, let program):
            "the database has schema version \(database), this program needs \(program): run jangteo migrate"
        case .foreign(let database):
            "the database has schema version \(database), which is none of a shop's: look whether it is the right file"
        }
    }
}

/// The schema's versions, each made from the one before. SQLite stores the number in the file (`PRAGMA user_version`).
public enum Migrations {
    /// Turns one version into the next, in SQL or in code. What ALTER TABLE cannot do, `Connection.rebuild` does.
    typealias Step = @Sendable (Connection) throws -> Void

    /// The n-th step leads to version n. Never change one that a shop may have run: add another.
    static let steps: [Step] = [
        { try $0.execute(schema0001.description) }, { try $0.execute(schema0002.description) }, schema0003, schema0004,
        schema0005,
    ]

    /// The version that this program works with.
    public static var current: Int { steps.count }

    /// The database's version; 0 for an empty file. Throws a `MigrationError` if it is not a shop's.
    public static func version(of connection: Connection) throws -> Int {
        let version = Int(try connection.pragma("user_version")) ?? 0
        guard version >= 0 else { throw MigrationError.foreign(database: version) }
        return version
    }

    /// Throws a `MigrationError` unless the database has this program's version.
    public static func check(_ connection: Connection) throws {
        let version = try version(of: connection)
        if version > current { throw MigrationError.newer(database: version, program: current) }
        if version < current { throw MigrationError.older(database: version, program: current) }
    }

    /// SQLite does not wait for another connection that is switching at the same time, so this does.
    private static func switchToWAL(_ connection: Connection) throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try connection.execute("PRAGMA journal_mode = WAL")
            } catch let error as SQLiteError where error.isBusy && ContinuousClock.now < deadline {
                usleep(10_000)
            }
        }
    }

    /// Migrates the database to this program's version in one transaction; returns the versions before and after.
    /// Throws a `MigrationError` if it is newer.
    ///
    /// - Parameter before: called with the version of a database that has data, before anything is changed and while
    ///   nobody else can write; an error it throws leaves the database as it was.
    @discardableResult
    public static func migrate(
        _ connection: Connection, before: (_ version: Int) throws -> Void = { _ in }
    ) throws -> (from: Int, to: Int) {
        try migrate(connection, by: steps, before: before)
    }

    /// The same with other steps. For tests.
    static func migrate(
        _ connection: Connection, by steps: [Step], before: (_ version: Int) throws -> Void = { _ in }
    ) throws -> (from: Int, to: Int) {
        let (first, current) = (try version(of: connection), steps.count)
        if first > current { throw MigrationError.newer(database: first, program: current) }
        try switchToWAL(connection)
        if first == current { return (first, current) }
        // With enforcement on, no table could be rebuilt; inside a transaction it cannot be switched.
        let areEnforced = try connection.pragma("foreign_keys")
        try connection.execute("PRAGMA foreign_keys = OFF")
        defer {
            // Restores the previous setting; nothing can be in the way.
            try? connection.execute("PRAGMA foreign_keys = \(areEnforced)")
        }
        try connection.execute("BEGIN IMMEDIATE")
        do {
            // Another process may have been faster: only the version read under the lock counts.
            let locked = try version(of: connection)
            if locked > current { throw MigrationError.newer(database: locked, program: current) }
            if locked > 0, locked < current { try before(locked) }
            try apply(steps, to: connection, from: locked)
            try connection.execute("COMMIT")
        } catch {
            if !connection.isAutocommit { try connection.execute("ROLLBACK") }
            throw error
        }
        return (first, current)
    }

    /// Applies the steps from this version on, in the connection's open transaction.
    static func apply(_ steps: [Step] = steps, to connection: Connection, from version: Int) throws {
        for step in steps[version...] { try step(connection) }
        try connection.execute("PRAGMA user_version = \(steps.count)")
    }
}
