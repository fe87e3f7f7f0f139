import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// A file system of a few megabytes. Only root can mount one; for others the tests that need it are skipped, and say
/// so.
struct SmallDisk {
    private let folder: TemporaryFolder

    static func run(megabytes: Int, _ test: (SmallDisk) throws -> Void) throws {
        guard getuid() == 0 else { try Test.cancel("only root can mount a small disk: not tested") }
        let disk = SmallDisk(folder: try TemporaryFolder())
        try disk.mount(["-t", "tmpfs", "-o", "size=\(megabytes)m,mode=0700", "tmpfs"])
        defer { disk.unmount() }
        try test(disk)
    }

    func callAsFunction(_ name: String) -> String { folder(name) }

    /// Leaves no free page.
    func fill() throws {
        let file = open(folder("ballast"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure("no ballast") }
        defer { close(file) }
        let page = [UInt8](repeating: 0, count: 4_096)
        while page.withUnsafeBytes({ Glibc.write(file, $0.baseAddress, $0.count) }) > 0 {}
        guard errno == ENOSPC else { throw Failure("the disk does not get full") }
    }

    func free() throws {
        guard unlink(folder("ballast")) == 0 else { throw Failure("the ballast stays") }
    }

    func makeReadOnly() throws { try mount(["-o", "remount,ro"]) }

    private func mount(_ options: [String]) throws {
        let status = try ChildProcess("mount", options + [folder.path]).wait()
        guard status == 0 else { throw Failure("mount \(options) failed") }
    }

    private func unmount() {
        // Lazily, so that it works even if a process has not ended yet; the folder itself is removed then.
        _ = try? ChildProcess("umount", ["-l", folder.path]).wait()
    }
}
