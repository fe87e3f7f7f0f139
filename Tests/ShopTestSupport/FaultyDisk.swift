import CSQLite
import Foundation
import POSIX
import Shop
import Synchronization
public import TestSupport

/// Makes SQLite's reads, writes and syncs of one folder's files fail, as a full or broken disk does.
///
/// Intercepts the system calls, as SQLite's own tests do: the errors come from where real ones come from, and take the
/// same paths.
public final class FaultyDisk: Sendable {
    /// What SQLite asks of a disk.
    public enum Call: Sendable {
        case read, write, sync
        /// `sync_file_range`: what was written so far goes to the disk.
        case writeOut
    }

    private let folder: String

    /// Healthy until told to fail.
    public init(_ folder: TemporaryFolder) {
        self.folder = folder.path
        _ = Faults.install
    }

    deinit { repair() }

    /// From now on these calls fail with this error (`ENOSPC`, `EIO`), this many times or until `repair`.
    public func fail(_ call: Call = .write, with error: Int32, times: Int = .max) {
        Faults.byFolder.withLock { $0[folder] = Faults.Fault(call: call, error: error, times: times) }
        Faults.areAny.store(true, ordering: .sequentiallyConsistent)
    }

    public func repair() {
        Faults.byFolder.withLock { $0[folder] = nil }
    }
}

private enum Faults {
    struct Fault {
        let call: FaultyDisk.Call
        let error: Int32
        var times: Int
    }

    static let byFolder = Locked<[String: Fault]>([:])
    /// Keeps calls free of cost until the first fault.
    static let areAny = Atomic<Bool>(false)

    /// What SQLite has called until now, which is the shop's own.
    private static let systemWrite: @convention(c) (Int32, UnsafeRawPointer?, Int, Int) -> Int = {
        guard let vfs = sqlite3_vfs_find(nil), let call = vfs.pointee.xGetSystemCall?(vfs, "pwrite64") else {
            preconditionFailure("SQLite has no such call")
        }
        return unsafeBitCast(call, to: (@convention(c) (Int32, UnsafeRawPointer?, Int, Int) -> Int).self)
    }()

    /// Once per process.
    static let install: Void = {
        guard let vfs = sqlite3_vfs_find(nil) else { return }
        _ = systemWrite
        let write: @convention(c) (Int32, UnsafeRawPointer?, Int, Int) -> Int = { file, bytes, count, offset in
            if let error = Faults.error(.write, file) {
                errno = error
                return -1
            }
            return Faults.systemWrite(file, bytes, count, offset)
        }
        let read: @convention(c) (Int32, UnsafeMutableRawPointer?, Int, Int) -> Int = { file, bytes, count, offset in
            if let error = Faults.error(.read, file) {
                errno = error
                return -1
            }
            return pread(file, bytes, count, offset)
        }
        for name in ["pwrite", "pwrite64"] {
            _ = vfs.pointee.xSetSystemCall?(vfs, name, unsafeBitCast(write, to: sqlite3_syscall_ptr.self))
        }
        for name in ["pread", "pread64"] {
            _ = vfs.pointee.xSetSystemCall?(vfs, name, unsafeBitCast(read, to: sqlite3_syscall_ptr.self))
        }
    }()

    static func error(_ call: FaultyDisk.Call, _ file: Int32) -> Int32? {
        guard areAny.load(ordering: .sequentiallyConsistent) else { return nil }
        return byFolder.withLock { faults in
            if faults.isEmpty { return nil }
            // Every descriptor here has a path; one that cannot be read belongs to no faulty folder.
            guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(file)"),
                let folder = faults.keys.first(where: { path.hasPrefix($0) }), var fault = faults[folder],
                fault.call == call, fault.times > 0
            else { return nil }
            fault.times -= 1
            faults[folder] = fault
            return fault.error
        }
    }
}

/// Shadows the system's function, as SQLite's library finds the program's first: SQLite's own table of replaceable
/// calls has no syncs.
@_cdecl("fdatasync")
public func fdatasyncOfAFaultyDisk(_ file: Int32) -> Int32 {
    if let error = Faults.error(.sync, file) {
        errno = error
        return -1
    }
    return realFdatasync(file)
}

/// The same for what the shop calls.
@_cdecl("sync_file_range")
public func syncFileRangeOfAFaultyDisk(_ file: Int32, _ offset: Int, _ count: Int, _ flags: UInt32) -> Int32 {
    if let error = Faults.error(.writeOut, file) {
        errno = error
        return -1
    }
    return realSyncFileRange(file, offset, count, flags)
}

private let realFdatasync = unsafeBitCast(ofTheSystem("fdatasync"), to: (@convention(c) (Int32) -> Int32).self)
private let realSyncFileRange = unsafeBitCast(
    ofTheSystem("sync_file_range"), to: (@convention(c) (Int32, Int, Int, UInt32) -> Int32).self)

private func ofTheSystem(_ name: String) -> UnsafeMutableRawPointer {
    // RTLD_NEXT, which Swift does not import: the next library that has one.
    let next = UnsafeMutableRawPointer(bitPattern: -1)
    guard let symbol = dlsym(next, name) else { preconditionFailure("the system has no \(name)") }
    return symbol
}
