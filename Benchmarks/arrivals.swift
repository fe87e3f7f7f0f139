// Sends requests when they are due, however busy who answers is: an open loop, as people arrive. overload.py builds and runs it.
//
//   arrivals PORT CONNECTIONS REQUESTS RESULTS RATE:SECONDS…
//
// All connections are made first and kept. REQUESTS are taken in their order, and again from the first when they are through:
// each a kind (one byte), a length (4 bytes, little endian) and what is sent. A RATE is in requests a second; 0 lets each
// connection ask again as soon as it has its answer. RESULTS has a Result for each request, as it lies in memory.

import CFastCGI
import Glibc

struct Result {
    /// When it was due, when it was sent and when it was answered, in seconds since the start.
    var due = 0.0
    var sent = 0.0
    var ended = 0.0
    /// Which of the requests.
    var request: UInt32 = 0
    /// 0 where the connection was reset or closed, or nothing came.
    var status: UInt16 = 0
    var kind: UInt8 = 0
    var retryAfter: UInt8 = 0
}

/// One connection, with at most one request on it.
struct Connection {
    var fd: Int32 = -1
    var current = Result()
    var isBusy = false
    /// What has come of a head that is not whole.
    var head: [UInt8] = []
    /// Bytes of the body that are still to come; nil while the head is read.
    var remaining: Int?
    var isClosing = false
}

func fail(_ words: String) -> Never {
    let line = "arrivals: \(words)\n"
    write(2, line, line.utf8.count)
    exit(2)
}

func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// What a head says that matters here.
struct Head {
    var status: UInt16 = 0
    var length = 0
    var retryAfter: UInt8 = 0
    var isClosing = false

    init(_ bytes: ArraySlice<UInt8>) {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(whereSeparator: { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") })
            guard words.count > 1, let first = words.first else { continue }
            let value = words[1]
            if status == 0 {
                status = UInt16(Self.number(value))
            } else if Self.matches(first, "content-length:") {
                length = Self.number(value)
            } else if Self.matches(first, "retry-after:") {
                retryAfter = UInt8(clamping: Self.number(value))
            } else if Self.matches(first, "connection:") {
                isClosing = Self.matches(value, "close")
            } else if Self.matches(first, "transfer-encoding:") {
                fail("an answer without a length")
            }
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    private static func matches(_ bytes: ArraySlice<UInt8>, _ lower: StaticString) -> Bool {
        lower.withUTF8Buffer { wanted in
            bytes.count == wanted.count && zip(bytes, wanted).allSatisfy { $0 == $1 || $0 | 0x20 == $1 }
        }
    }
}

/// Where a head ends: the place after its empty line.
func end(of head: [UInt8]) -> Int? {
    var place = 3
    while place < head.count {
        if head[place] == 10, head[place - 2] == 10 { return place + 1 }
        place += 1
    }
    return nil
}

final class Crowd {
    private static let patience = 30.0

    let events = epoll_create1(0)
    let port: UInt16
    let requests: [(kind: UInt8, bytes: ArraySlice<UInt8>)]
    var connections: [Connection]
    /// Connections on which nothing is asked, taken in turn so that each is used.
    var free: [Int] = []
    var firstFree = 0
    /// Requests that are due and find no connection.
    var waiting: [Result] = []
    var firstWaiting = 0
    var results: [Result] = []
    var sent = 0
    var began = 0.0
    var asksAgain = false
    private var buffer = [UInt8](repeating: 0, count: 1 << 20)

    init(port: UInt16, connections: Int, requests: [UInt8]) {
        self.port = port
        var parsed: [(UInt8, ArraySlice<UInt8>)] = []
        var place = 0
        while place < requests.count {
            let length = (0..<4).reduce(0) { $0 | Int(requests[place + 1 + $1]) << (8 * $1) }
            parsed.append((requests[place], requests[(place + 5)..<(place + 5 + length)]))
            place += 5 + length
        }
        self.requests = parsed
        self.connections = [Connection](repeating: Connection(), count: connections)
        results.reserveCapacity(4_000_000)
        for index in 0..<connections {
            connect(index)
            free.append(index)
        }
    }

    private func connect(_ index: Int) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(fd, $0, size) }
        }
        guard fd >= 0, code == 0 else { fail("no connection: \(String(cString: strerror(errno)))") }
        var one: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        _ = fcntl(fd, F_SETFL, O_NONBLOCK)
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: UInt64(index)))
        _ = epoll_ctl(events, EPOLL_CTL_ADD, fd, &event)
        connections[index].fd = fd
    }

    // MARK: Sending

    /// A request is due: it goes out, or waits for a connection.
    private func arrive(_ due: Double) {
        let number = sent % requests.count
        sent += 1
        let result = Result(due: due, request: UInt32(number), kind: requests[number].kind)
        guard firstFree < free.count else { return waiting.append(result) }
        let index = free[firstFree]
        firstFree += 1
        if firstFree > 100_000 {
            free.removeFirst(firstFree)
            firstFree = 0
        }
        send(result, on: index)
    }

    private func send(_ result: Result, on index: Int) {
        connections[index].current = result
        connections[index].current.sent = now() - began
        connections[index].isBusy = true
        let bytes = requests[Int(result.request)].bytes
        let count = bytes.withUnsafeBytes {
            Glibc.send(connections[index].fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count != bytes.count { ended(index, status: 0) }
    }

    // MARK: Answers

    private func read(_ index: Int) {
        let count = Glibc.read(connections[index].fd, &buffer, buffer.count)
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else { return ended(index, status: 0) }
        if let remaining = connections[index].remaining {
            connections[index].remaining = remaining - count
        } else {
            connections[index].head += buffer[..<count]
            guard let length = end(of: connections[index].head) else { return }
            let head = Head(connections[index].head[..<length])
            connections[index].remaining = head.length - (connections[index].head.count - length)
            connections[index].head.removeAll(keepingCapacity: true)
            connections[index].current.status = head.status
            connections[index].current.retryAfter = head.retryAfter
            connections[index].isClosing = head.isClosing
        }
        if connections[index].remaining == 0 { ended(index, status: connections[index].current.status) }
    }

    private func ended(_ index: Int, status: UInt16) {
        if connections[index].isBusy {
            connections[index].current.status = status
            connections[index].current.ended = now() - began
            results.append(connections[index].current)
        }
        let wasBusy = connections[index].isBusy
        connections[index].isBusy = false
        connections[index].remaining = nil
        connections[index].head.removeAll(keepingCapacity: true)
        if status == 0 || connections[index].isClosing {
            close(connections[index].fd)
            connections[index].isClosing = false
            connect(index)
        }
        guard wasBusy else { return }
        if firstWaiting < waiting.count {
            let next = waiting[firstWaiting]
            firstWaiting += 1
            return send(next, on: index)
        }
        free.append(index)
        if asksAgain { arrive(now() - began) }
    }

    private var isIdle: Bool { free.count - firstFree == connections.count }

    // MARK: The time

    func run(_ phases: [(rate: Double, seconds: Double)]) {
        began = now()
        var start = 0.0
        for phase in phases {
            if phase.rate == 0 {
                asksAgain = true
                for _ in 0..<(free.count - firstFree) { arrive(now() - began) }
                while now() - began < start + phase.seconds { take(0.001) }
                asksAgain = false
            } else {
                let count = Int(phase.rate * phase.seconds)
                var next = 0
                while next < count {
                    let time = now() - began
                    while next < count, start + Double(next) / phase.rate <= time {
                        arrive(start + Double(next) / phase.rate)
                        next += 1
                    }
                    // Until then the processor is left to others.
                    take(began + start + Double(next) / phase.rate - now())
                }
            }
            start += phase.seconds
        }
        while !isIdle, now() - began < start + Self.patience { take(0.01) }
        for index in connections.indices where connections[index].isBusy {
            connections[index].current.status = 0
            connections[index].current.ended = now() - began
            results.append(connections[index].current)
        }
    }

    private var found = [epoll_event](repeating: epoll_event(), count: 512)

    /// Takes the answers that are there; waits for one for so many seconds.
    private func take(_ seconds: Double) {
        var time = timespec(tv_sec: 0, tv_nsec: min(999_999_999, max(0, Int(seconds * 1e9))))
        let count = epoll_pwait2(events, &found, 512, &time, nil)
        for place in 0..<max(0, Int(count)) { read(Int(found[place].data.u64)) }
    }
}

func contents(_ path: String) -> [UInt8] {
    let fd = open(path, O_RDONLY)
    var status = stat()
    guard fd >= 0, fstat(fd, &status) == 0 else { fail("no \(path)") }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var place = 0
    while place < bytes.count {
        let left = bytes.count - place
        let count = bytes.withUnsafeMutableBytes { Glibc.read(fd, $0.baseAddress?.advanced(by: place), left) }
        guard count > 0 else { fail("\(path) cannot be read") }
        place += count
    }
    return bytes
}

let arguments = CommandLine.arguments
guard arguments.count > 5, let port = UInt16(arguments[1]), let connections = Int(arguments[2]) else {
    fail("usage: arrivals PORT CONNECTIONS REQUESTS RESULTS RATE:SECONDS...")
}
let phases = arguments[5...].map { argument in
    let numbers = argument.split(separator: ":").compactMap { Double($0) }
    guard numbers.count == 2 else { fail("no RATE:SECONDS: \(argument)") }
    return (rate: numbers[0], seconds: numbers[1])
}
let crowd = Crowd(port: port, connections: connections, requests: contents(arguments[3]))
crowd.run(phases)
let output = open(arguments[4], O_WRONLY | O_CREAT | O_TRUNC, 0o600)
crowd.results.withUnsafeBytes { bytes in
    var place = 0
    while place < bytes.count {
        let count = write(output, bytes.baseAddress?.advanced(by: place), bytes.count - place)
        guard count > 0 else { fail("\(arguments[4]) cannot be written") }
        place += count
    }
}
