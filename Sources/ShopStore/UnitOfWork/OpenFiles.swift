import Glibc

/// The database and its log as they were opened: whether they still lie where they did.
///
/// A file that was removed or replaced goes on taking writes, from who has it open, that nobody will ever find again.
/// They are looked at by their paths alone: to open and close one of them in this process would take SQLite's locks away.
/// How many links a file has tells no more: SQLite has it open, so that no other gets its inode, and where its path leads to
/// it there is one. A second link is a copy that somebody keeps.
struct OpenFiles: Sendable {
    private struct File: Sendable {
        let path: String
        let device: dev_t
        let inode: ino_t

        /// nil where nothing lies there.
        init?(path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            self.path = path
            (device, inode) = (status.st_dev, status.st_ino)
        }

        /// What cannot be looked at, for whatever other reason, is not gone.
        var isThere: Bool {
            var status = stat()
            guard stat(path, &status) == 0 else { return errno != ENOENT && errno != ENOTDIR }
            return status.st_dev == device && status.st_ino == inode
        }
    }

    private let files: [File]
    /// The log's path.
    let log: String

    /// - Parameter database: its path, where it and its log are open by now.
    init(database: String) {
        log = database + "-wal"
        files = [database, log].compactMap { File(path: $0) }
    }

    /// The path at which another file lies now, or none.
    var missing: String? { files.first { !$0.isThere }?.path }
}
