import Foundation
import TestSupport

/// A connected stream socket with deadlines.
public final class Wire: Sendable {
    public let fd: Int32

    /// Connects to a port of this machine.
    public init(port: UInt16, timeoutSeconds: Int = 20) throws {
        fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.address(port)
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw refused("port \(port)") }
        var on: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        limit(timeoutSeconds)
    }

    /// Connects to a Unix socket.
    public init(path: String, timeoutSeconds: Int = 20) throws {
        fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let code = try Self.withAddress(path) { connect(fd, $0, $1) }
        guard code == 0 else { throw refused(path) }
        limit(timeoutSeconds)
    }

    deinit { close(fd) }

    private func refused(_ what: String) -> Failure {
        let reason = String(cString: strerror(errno))
        return Failure("connect to \(what): \(reason)")
    }

    private func limit(_ seconds: Int) {
        var timeout = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    static func withAddress(_ path: String, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws -> Int32 {
        var address = sockaddr_un()
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure("\(path) is too long")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Sends all of it; throws if the peer is gone.
    public func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure("send: \(String(cString: strerror(errno)))") }
            rest = rest.dropFirst(count)
        }
    }

    /// What has arrived, at least one byte; empty at the end.
    public func receive() throws -> [UInt8] {
        try withUnsafeTemporaryAllocation(byteCount: 64 * 1024, alignment: 16) { buffer in
            let count = recv(fd, buffer.baseAddress, buffer.count, 0)
            guard count >= 0 else { throw Failure("receive: \(String(cString: strerror(errno)))") }
            return Array(buffer[..<count])
        }
    }

    /// How many sent bytes the peer has not read yet. For a Unix socket.
    public var unread: Int32 {
        var count: Int32 = 0
        return ioctl(fd, UInt(TIOCOUTQ), &count) == 0 ? count : -1
    }
}

/// A listening Unix socket of the test's own, as systemd passes it to a service.
public final class Listener: Sendable {
    public let fd: Int32

    public init(path: String) throws {
        fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard try Wire.withAddress(path, { bind(fd, $0, $1) }) == 0, listen(fd, 4_096) == 0 else {
            throw Failure("listen on \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(fd) }
}

/// A port reserved for as long as this lives. nginx can still listen on it: both ask for SO_REUSEPORT, and this one
/// does not listen.
final class ReservedPort: Sendable {
    let number: UInt16
    private let fd: Int32

    init() throws {
        fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var on: Int32 = 1
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = Wire.address(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { [fd] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(fd, $0, size) == 0 ? getsockname(fd, $0, &size) : -1
            }
        }
        guard code == 0 else { throw Failure("no free port") }
        number = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(fd) }
}
