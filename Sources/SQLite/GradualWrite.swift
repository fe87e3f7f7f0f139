import CLinux
import CSQLite
import Glibc

/// Has what one thread writes on the disk bit by bit, instead of all at once when it is synchronized.
///
/// A checkpoint writes thousands of pages into the kernel's memory, and then waits for the disk. A commit that wants to reach the
/// same disk meanwhile waits behind all of them, fifteen times as long as otherwise.
///
/// SQLite's own call of the system is replaced for that, since its interface knows neither the file's descriptor (and one opened
/// beside it would, when closed, take the process's locks away) nor where a checkpoint could be interrupted.
final class GradualWrite {
    private static let bytesAtOnce = 256 * 1024

    private let pause: () -> Void
    private var bytes = 0
    private var start = off_t.max
    private var end = off_t.min

    private init(_ pause: @escaping () -> Void) { self.pause = pause }

    /// Does the work, whose thread waits for the disk after each quarter of a MiB that it writes.
    ///
    /// - Parameter pause: called each time that much is on the disk.
    static func during<Result>(pausing pause: @escaping () -> Void, _ work: () throws -> Result) rethrows -> Result {
        let write = GradualWrite(pause)
        return try withExtendedLifetime(write) {
            pthread_setspecific(current, Unmanaged.passUnretained(write).toOpaque())
            defer { pthread_setspecific(current, nil) }
            return try work()
        }
    }

    /// The thread's own.
    private static let current: pthread_key_t = {
        var key = pthread_key_t()
        let error = pthread_key_create(&key, nil)
        precondition(error == 0, "no key for a thread's own: error \(error)")
        return key
    }()

    private typealias Write = @convention(c) (Int32, UnsafeRawPointer?, Int, off_t) -> Int
    private static let names = ["pwrite64", "pwrite"]
    /// What SQLite has called until now.
    private static let systemWrite: Write? = {
        guard let vfs = sqlite3_vfs_find(nil), let get = vfs.pointee.xGetSystemCall else { return nil }
        return names.lazy.compactMap { get(vfs, $0) }.first.map { unsafeBitCast($0, to: Write.self) }
    }()

    /// To be called once, before the first connection. Where SQLite has no such call, it writes as it always does.
    static func install() {
        guard systemWrite != nil, let vfs = sqlite3_vfs_find(nil), let set = vfs.pointee.xSetSystemCall else { return }
        _ = current
        let write: Write = { file, bytes, count, offset in
            guard let written = GradualWrite.systemWrite?(file, bytes, count, offset) else { return -1 }
            guard written > 0, let own = pthread_getspecific(GradualWrite.current) else { return written }
            return Unmanaged<GradualWrite>.fromOpaque(own).takeUnretainedValue().note(written, at: offset, in: file)
        }
        for name in names where vfs.pointee.xGetSystemCall?(vfs, name) != nil {
            _ = set(vfs, name, unsafeBitCast(write, to: sqlite3_syscall_ptr.self))
        }
    }

    /// Returns the count, or -1 and a reason in `errno` if the disk has failed. The kernel tells that only once for a descriptor:
    /// the `fdatasync` after this one would succeed.
    private func note(_ count: Int, at offset: off_t, in file: Int32) -> Int {
        bytes += count
        start = min(start, offset)
        end = max(end, offset + off_t(count))
        guard bytes >= Self.bytesAtOnce else { return count }
        defer { (bytes, start, end) = (0, .max, .min) }
        // Neither a system without it nor a sandbox that refuses it has written anything.
        if clinux_write_out(file, start, end - start) != 0, ![ENOSYS, EPERM, EINVAL, ESPIPE].contains(errno) {
            return -1
        }
        pause()
        return count
    }
}
