import CSQLite
import Foundation
import Shop
import Synchronization

/// Makes SQLite's writes to the files of one folder fail, as a disk that is full or broken does.
///
/// Stands between SQLite and the system's `pwrite`, which is what SQLite's own tests do: the errors come from where real
/// ones come from, and take the same ways.
public final class FaultyDisk: Sendable {
    private let folder: String

    /// Whole until it is told to fail.
    public init(_ folder: TemporaryFolder) {
        self.folder = folder.path
        _ = Faults.install
    }

    deinit { repair() }

    /// From now on writes fail with this error (`ENOSPC`, `EIO`), until `repair`.
    public func fail(with error: Int32) {
        Faults.byFolder.withLock { $0[folder] = error }
        Faults.areAny.store(true, ordering: .sequentiallyConsistent)
    }

    public func repair() {
        Faults.byFolder.withLock { $0[folder] = nil }
    }
}

private enum Faults {
    static let byFolder = Locked<[String: Int32]>([:])
    /// So that writes cost nothing more until the first fault.
    static let areAny = Atomic<Bool>(false)

    /// Once for the process.
    static let install: Void = {
        guard let vfs = sqlite3_vfs_find(nil) else { return }
        let replacement: @convention(c) (Int32, UnsafeRawPointer?, Int, Int) -> Int = { file, bytes, count, offset in
            if let error = Faults.error(for: file) {
                errno = error
                return -1
            }
            return pwrite(file, bytes, count, offset)
        }
        for name in ["pwrite", "pwrite64"] {
            _ = vfs.pointee.xSetSystemCall?(vfs, name, unsafeBitCast(replacement, to: sqlite3_syscall_ptr.self))
        }
    }()

    static func error(for file: Int32) -> Int32? {
        guard areAny.load(ordering: .sequentiallyConsistent) else { return nil }
        return byFolder.withLock { faults in
            if faults.isEmpty { return nil }
            // No descriptor is without a path here; one that cannot be read belongs to no faulty folder.
            guard let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(file)") else {
                return nil
            }
            return faults.first { path.hasPrefix($0.key) }?.value
        }
    }
}
