import Glibc

/// A WAL without its database: creating a database there, or opening an empty file, would make SQLite discard what the
/// log holds.
public struct OrphanedLogError: Error, Equatable, CustomStringConvertible {
    /// Where the database should be.
    public let database: String

    public var description: String {
        "\(database)-wal lies where its database is not: nothing makes a new one there, for that would empty the log. "
            + "Put \(database) back, or, where it is lost, keep both out of the way (mv \(database)-wal elsewhere)"
    }

    /// Throws this error if the log has content and the database is missing or empty.
    public static func check(_ database: String) throws {
        guard size(of: database) == 0, size(of: database + "-wal") > 0 else { return }
        throw OrphanedLogError(database: database)
    }

    /// 0 if there is nothing.
    private static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
