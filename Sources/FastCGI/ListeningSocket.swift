import CFastCGI
import Glibc
import POSIX

/// Why there is no listening socket.
public enum ListeningSocketError: Error, Equatable, CustomStringConvertible {
    case inUse(String)
    case pathTooLong(String)
    case taken(String)
    case notASocket(Int32)

    public var description: String {
        switch self {
        case .inUse(let path): "another server is listening on \(path): stop it, or take another --socket"
        case .pathTooLong(let path): "\(path) is too long for a Unix socket (107 bytes at most)"
        case .taken(let path): "\(path) is there and no socket: take another --socket"
        case .notASocket(let fd):
            "file descriptor \(fd) is not a listening socket: give --socket PATH, or start it from systemd or spawn-fcgi"
        }
    }
}

/// The Unix socket on which the front end connects.
public final class ListeningSocket: Sendable {
    /// How many connections may wait; the kernel caps it at net.core.somaxconn.
    private static let backlog: Int32 = 4_096

    let fd: Int32
    /// The path that we created and will remove; nil for a socket inherited from a parent.
    private let path: String?
    /// Locked for as long as the path is ours: the kernel releases it however the process ends.
    private let lock: Int32

    /// The socket that a parent has bound and passes as this descriptor: 0 by FastCGI's convention.
    public init(inherited fd: Int32 = 0) throws {
        var isListening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &size) == 0, isListening != 0 else {
            throw ListeningSocketError.notASocket(fd)
        }
        self.fd = fd
        path = nil
        lock = -1
        try prepare()
    }

    /// Binds a socket at a path; replaces one left by a dead server, never one in use.
    ///
    /// - Parameter mode: the socket's permissions: 0660, so that the front end's group can connect and nobody else.
    public init(path: String, mode: mode_t = 0o660) throws {
        var address = sockaddr_un()
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < capacity else { throw ListeningSocketError.pathTooLong(path) }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }

        lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw SystemError("open \(path).lock") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw ListeningSocketError.inUse(path)
        }
        fd = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard fd >= 0 else { throw SystemError("socket") }
        self.path = path
        do {
            try Self.removeStale(path, &address)
            // Between bind and chmod the socket would be open to all: bind it with its final permissions.
            let mask = umask(~mode & 0o777)
            let bound = Self.withAddress(&address) { Glibc.bind(fd, $0, $1) }
            let code = errno
            umask(mask)
            guard bound == 0 else { throw SystemError("bind \(path)", code: code) }
            guard listen(fd, Self.backlog) == 0 else { throw SystemError("listen on \(path)") }
            try prepare()
        } catch {
            close(fd)
            close(lock)
            throw error
        }
    }

    /// Removes what a dead server left; throws if somebody answers there.
    private static func removeStale(_ path: String, _ address: inout sockaddr_un) throws {
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw SystemError("socket") }
        defer { close(probe) }
        if withAddress(&address, { connect(probe, $0, $1) }) == 0 { throw ListeningSocketError.inUse(path) }
        switch errno {
        case ENOENT: return
        case ECONNREFUSED:
            // A file that is not a socket refuses in the same way, and belongs to somebody.
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
                throw ListeningSocketError.taken(path)
            }
            guard unlink(path) == 0 else { throw SystemError("unlink \(path)") }
        default: throw SystemError("connect to \(path)")
        }
    }

    private static func withAddress(
        _ address: inout sockaddr_un, _ call: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                call($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// If another process has taken the connection, accept must not block: it could not be stopped.
    private func prepare() throws {
        guard cfastcgi_set_nonblocking(fd) == 0 else { throw SystemError("fcntl on the listening socket") }
    }

    /// Whether we bound it, not a parent.
    var isOurs: Bool { path != nil }

    /// Stops new clients from connecting to our own socket. Those already connected still wait to be accepted.
    func removePath() {
        guard let path else { return }
        unlink(path)
        unlink(path + ".lock")
    }

    deinit {
        if path != nil {
            close(fd)
            close(lock)
        }
    }
}
