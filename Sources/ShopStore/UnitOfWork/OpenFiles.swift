import Glibc

/// The database and its log as opened: whether they are still where they were.
///
/// A removed or replaced file still accepts writes from those who have it open, and nobody ever finds them again. The
/// check uses paths only: opening and closing one of the files in this process would drop SQLite's locks. Link counts
/// would add nothing: SQLite has the file open, so its inode is not reused, and if the path still leads to it, it has a
/// link. A second link is a copy that somebody keeps.
struct OpenFiles: Sendable {
    private struct File: Sendable {
        let path: String
        let device: dev_t
        let inode: ino_t

        /// nil if there is nothing.
        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            self.path = path
            (device, inode) = (status.st_dev, status.st_ino)
        }

        /// A file that cannot be checked for some other reason is not gone.
        var isThere: Bool {
            var status = stat()
            guard stat(path, &status) == 0 else { return errno != ENOENT && errno != ENOTDIR }
            return status.st_dev == device && status.st_ino == inode
        }
    }

    private let files: [File]
    /// The log's path.
    let log: String

    /// - Parameter database: its path; it and its log must be open by now.
    init(database: String) {
        log = database + "-wal"
        files = [database, log].compactMap { File(path: $0) }
    }

    /// The path that now leads to another file, or to none.
    var missing: String? { files.first { !$0.isThere }?.path }
}
