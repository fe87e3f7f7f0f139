import Foundation
import TestSupport

/// A datagram socket of the test's own, as systemd gives one to a service.
public final class NotifySocket: Sendable {
    public let fd: Int32

    /// - Parameter path: where to create it.
    public init(path: String) throws {
        fd = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard try Wire.withAddress(path, { bind(fd, $0, $1) }) == 0 else {
            throw Failure("bind \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// - Parameter name: its name in the abstract namespace, without a file.
    public init(abstract name: String) throws {
        fd = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            for (index, byte) in name.utf8.enumerated() { path[index + 1] = byte }
        }
        let size = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        let code = withUnsafePointer(to: &address) { [fd] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(fd, $0, size) }
        }
        guard code == 0 else { throw Failure("bind @\(name): \(String(cString: strerror(errno)))") }
    }

    deinit { close(fd) }

    /// The next message; nil if none comes in time.
    public func next(within seconds: Double = 10) -> String? {
        var waiting = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, Int32(seconds * 1_000)) == 1 else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 16) { buffer in
            let count = recv(fd, buffer.baseAddress, buffer.count, 0)
            return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    /// Discards what has come so far.
    public func drain() { while next(within: 0) != nil {} }
}
