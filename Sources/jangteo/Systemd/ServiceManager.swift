import FoundationEssentials
import Glibc

/// Tells systemd how the service is doing (`sd_notify(3)`), if the environment asks for that.
struct ServiceManager: Sendable {
    enum State: String {
        case ready = "READY=1"
        case stopping = "STOPPING=1"
        case alive = "WATCHDOG=1"
    }

    /// The path of a datagram socket, or `@` and its name in the abstract namespace.
    private let socketName: String?
    /// How long systemd waits for a sign of life before it kills the service; nil for no limit.
    let watchdogSeconds: Double?

    init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        socketName = environment["NOTIFY_SOCKET"].flatMap { ["/", "@"].contains($0.first) ? $0 : nil }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Double($0) } ?? 0
        watchdogSeconds = socketName != nil && isForUs && microseconds > 0 ? microseconds / 1e6 : nil
    }

    /// Returns whether it could be sent; true if nobody wants to know.
    @discardableResult
    func tell(_ state: State) -> Bool {
        guard let socketName else { return true }
        var address = sockaddr_un()
        let name = Array(socketName.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            path.copyBytes(from: name)
            if name.first == UInt8(ascii: "@") { path[0] = 0 }
        }
        // An abstract name ends where the address ends; a path, with a zero that is there already.
        let size = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 2) + socklen_t(name.count)
        let fd = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard fd >= 0 else { return false }
        defer { close(fd) }
        let text = Array(state.rawValue.utf8)
        let sent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(fd, text, text.count, Int32(MSG_NOSIGNAL), $0, size)
            }
        }
        return sent == text.count
    }
}
