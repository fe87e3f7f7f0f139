import Glibc

/// A WAL that lies beside no database: whoever made one there, or opened an empty file, would have SQLite throw away what
/// the log holds.
public struct OrphanedLogError: Error, Equatable, CustomStringConvertible {
    /// Where the database should lie.
    public let database: String

    public var description: String {
        "\(database)-wal lies where its database is not: nothing makes a new one there, for that would empty the log. "
            + "Put \(database) back, or, where it is lost, keep both out of the way (mv \(database)-wal elsewhere)"
    }

    /// Throws itself where the log holds something and the database is not there, or holds nothing.
    public static func check(_ database: String) throws {
        guard size(of: database) == 0, size(of: database + "-wal") > 0 else { return }
        throw OrphanedLogError(database: database)
    }

    /// 0 where nothing is there.
    private static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
