import Glibc
import POSIX

/// A file in the making, beside the place of the one that it is to be: `FILE.partial`, readable by its owner alone.
///
/// Either it is finished, and takes that place in one step, or nothing of it stays.
final class PartialFile {
    /// The place that it takes.
    let path: String
    /// Where it lies until then.
    let partialPath: String
    /// Open for as long as it is worked on. A process loses SQLite's locks on a file with the first descriptor of it that it
    /// closes.
    let file: Int32
    private var isOpen = true

    init(_ path: String) throws {
        let partialPath = path + ".partial"
        self.path = path
        self.partialPath = partialPath
        // Nothing interrupts between making it and knowing that it is to be removed.
        file = try Interruption.willRemove(partialPath) { try Self.takeOver(partialPath) }
    }

    /// Makes it, ours and empty. One that a killed process has left is nobody's: the kernel let go of its lock.
    private static func takeOver(_ path: String) throws -> Int32 {
        // Root restores into a folder that is not root's: what somebody has put in its place is not followed.
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

    /// Removes it. Not needed where it is let go of in any case.
    func abandon() {
        guard isOpen else { return }
        isOpen = false
        Interruption.finish(partialPath) { unlink(partialPath) }
        close(file)
    }

    /// Its size in bytes.
    var size: Int {
        var status = stat()
        return fstat(file, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Hands what was written so far to the disk, so that it does not come at once in the end, and whoever waits for the
    /// same disk behind it.
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

    /// Puts it into its place, on the disk when this returns. Nothing interrupts between `before` and that.
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

/// Folders of files that have to survive a power cut.
enum Folder {
    /// The folder that a file lies in.
    static func path(of file: String) -> String {
        guard let slash = file.lastIndex(of: "/") else { return "." }
        return slash == file.startIndex ? "/" : String(file[..<slash])
    }

    /// A file's new name is on the disk when this returns.
    static func sync(of file: String) throws {
        let path = path(of: file)
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw SystemError("cannot open \(path)") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw SystemError("cannot sync \(path)") }
    }
}
