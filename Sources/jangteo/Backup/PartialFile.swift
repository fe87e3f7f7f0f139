import Glibc
import POSIX

/// An unfinished file, beside the place that it is meant for: `FILE.partial`, readable by its owner only.
///
/// Either it is finished, and moves to that place in one step, or nothing of it remains.
final class PartialFile {
    /// The path of the finished file.
    let path: String
    /// The path until then.
    let partialPath: String
    /// Open while in use. A process loses SQLite's locks on a file as soon as it closes any descriptor of it.
    let file: Int32
    private var isOpen = true

    init(_ path: String) throws {
        let partialPath = path + ".partial"
        self.path = path
        self.partialPath = partialPath
        // Nothing interrupts between creating it and recording that it has to be removed.
        file = try Interruption.willRemove(partialPath) { try Self.takeOver(partialPath) }
    }

    /// Creates it, empty and locked. One left by a killed process is free: the kernel has released its lock.
    private static func takeOver(_ path: String) throws -> Int32 {
        // Root restores into a folder that is not root's: a link that somebody planted there is not followed.
        let file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemError("cannot write \(path)") }
        var opened = stat()
        var named = stat()
        guard flock(file, LOCK_EX | LOCK_NB) == 0, fstat(file, &opened) == 0, lstat(path, &named) == 0,
            opened.st_dev == named.st_dev, opened.st_ino == named.st_ino, opened.st_nlink == 1
        else {
            close(file)
            throw CommandError("another process is writing \(path): wait until it is done")
        }
        guard fchmod(file, 0o600) == 0, ftruncate(file, 0) == 0 else {
            defer { close(file) }
            throw SystemError("cannot write \(path)")
        }
        return file
    }

    deinit { abandon() }

    /// Removes it. Not needed when the object is released anyway.
    func abandon() {
        guard isOpen else { return }
        isOpen = false
        Interruption.finish(partialPath) { unlink(partialPath) }
        close(file)
    }

    /// The size in bytes.
    var size: Int {
        var status = stat()
        return fstat(file, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Flushes what was written so far, so that not everything is flushed at the end, with others waiting for the same
    /// disk.
    func writeBack() throws {
        guard fdatasync(file) == 0 else { throw SystemError("cannot write \(partialPath)") }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            guard count > 0 else { throw SystemError("cannot write \(partialPath)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Moves it into place; it is on the disk on return. Nothing interrupts from `before` until then.
    func finish<Result: Sendable>(before: () throws -> Result) throws -> Result {
        guard fsync(file) == 0 else { throw SystemError("cannot write \(partialPath)") }
        let result = try Interruption.finish(partialPath) {
            let result = try before()
            guard rename(partialPath, path) == 0 else { throw SystemError("cannot make \(path)") }
            return result
        }
        isOpen = false
        close(file)
        try Folder.sync(of: path)
        return result
    }

    func finish() throws { try finish {} }
}

/// Folders whose files have to survive a power cut.
enum Folder {
    /// The folder that contains a file.
    static func path(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    /// Syncs the folder, so that the file's new name is on the disk on return.
    static func sync(of file: String) throws {
        let path = path(of: file)
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw SystemError("cannot open \(path)") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw SystemError("cannot sync \(path)") }
    }
}
