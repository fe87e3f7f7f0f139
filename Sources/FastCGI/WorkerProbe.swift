import CFastCGI
import Glibc
import POSIX
import Synchronization

/// Sends one of the server's own threads a request, as a front end would: over a connection, in FastCGI.
final class WorkerProbe: Sendable {
    /// Readable if there is a connection to take.
    let event: Int32
    /// The workers' end of the connection; -1 for none.
    private let offered = Atomic<Int32>(-1)

    init() throws {
        event = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard event >= 0 else { throw SystemError("a descriptor to ask a worker by") }
    }

    deinit { close(event) }

    // MARK: The workers' side

    /// The connection, for whoever comes first.
    func take() -> Int32? {
        var count: UInt64 = 0
        eventfd_read(event, &count)
        let connection = offered.exchange(-1, ordering: .acquiringAndReleasing)
        return connection >= 0 ? connection : nil
    }

    // MARK: The asking side

    /// Whether a worker answers a GET with 200 in time. One call at a time.
    func ask(_ target: String, seconds: Double) -> Bool {
        var ends: (Int32, Int32) = (-1, -1)
        let made = withUnsafeMutableBytes(of: &ends) { ends in
            socketpair(
                AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0,
                ends.baseAddress?.assumingMemoryBound(to: Int32.self))
        }
        guard made == 0 else { return false }
        defer { close(ends.0) }
        let request = Self.request(target)
        guard send(ends.0, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            close(ends.1)
            return false
        }
        offered.store(ends.1, ordering: .releasing)
        eventfd_write(event, 1)
        let isRight = readsAnswer(ends.0, seconds: seconds)
        // Nobody took it: closing this end is still up to us.
        if offered.exchange(-1, ordering: .acquiringAndReleasing) >= 0 { close(ends.1) }
        return isRight
    }

    private func readsAnswer(_ connection: Int32, seconds: Double) -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var answer: [UInt8] = []
        while answer.count < 64 * 1_024 {
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            var waiting = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&waiting, 1, Int32(left.rounded(.up))) != 0 else { return false }
            let count = withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer in
                let count = recv(connection, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                if count > 0 { answer.append(contentsOf: buffer[..<count]) }
                return count
            }
            if count == 0 { break }
        }
        // The first record's content, after its header.
        return answer.dropFirst(8).starts(with: "Status: 200 ".utf8)
    }

    /// The records of a request that asks for the connection to be closed afterwards.
    private static func request(_ target: String) -> [UInt8] {
        let parameters = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", target)].flatMap { name, value in
            [UInt8(name.utf8.count), UInt8(value.utf8.count)] + Array(name.utf8) + Array(value.utf8)
        }
        let responder: UInt8 = 1
        return record(.beginRequest, [0, responder, 0, 0, 0, 0, 0, 0]) + record(.parameters, parameters)
            + record(.parameters, []) + record(.input, [])
    }

    private static func record(_ type: RecordType, _ content: [UInt8]) -> [UInt8] {
        RecordHead(type: type.rawValue, request: 1, contentLength: content.count).bytes + content
    }
}
