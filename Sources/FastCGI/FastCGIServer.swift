import CFastCGI
import Dispatch
import Glibc
import Logging
import Synchronization
import Web

/// Answers FastCGI requests on one listening socket, each connection on a thread of its own.
///
/// A front end keeps connections open and sends one request after the other on them, and a kept connection holds its
/// thread. So there are many threads, more than twice the connections that the front end may keep, and it is the front
/// end that closes: a server that closes a kept connection loses the request that was just sent on it.
public final class FastCGIServer: Sendable {
    public struct Options: Sendable {
        public var threads = 512
        /// A kept connection on which nothing comes for so long is closed after all: some front ends never do.
        public var idleSeconds = 60
        /// So is one that stops in the middle of a request, or of taking an answer. nginx never does: it has read a request
        /// to its end before it passes it on, and takes an answer at once.
        public var stalledSeconds = 15
        /// How long a stop waits for kept connections that are silent …
        public var quietStopSeconds = 1.7
        /// … and for requests that are being answered.
        public var busyStopSeconds = 10.0

        public init() {}
    }

    private static let stackBytes = 512 * 1024
    /// A peer that connects and says nothing is closed: nginx connects when it has something to say.
    private static let silentSeconds: Int32 = 2

    private let socket: ListeningSocket
    private let stopEvent: Int32
    private let responder: any Responder
    private let options: Options
    private let logger: Logger
    private let isStopping = Atomic<Bool>(false)
    private let running = Atomic<Int>(0)
    /// Threads that hold a connection.
    private let connected = Atomic<Int>(0)
    /// In the lower half how many requests are being answered now, in the upper how many were: told by one addition.
    private let requests = Atomic<UInt64>(0)
    private let probe: WorkerProbe
    private let queue = StandingQueue()
    private let ended = DispatchSemaphore(value: 0)
    private let lastFailedAccept = Atomic<Int>(0)

    /// Signals have to be blocked before (`Signals.block`).
    public init(_ socket: ListeningSocket, options: Options = Options(), responder: any Responder, logger: Logger)
        throws
    {
        self.socket = socket
        self.responder = responder
        self.options = options
        self.logger = logger
        stopEvent = eventfd(0, Int32(EFD_CLOEXEC))
        guard stopEvent >= 0 else { throw SystemError("a descriptor to stop by") }
        probe = try WorkerProbe()
        signal(SIGPIPE, SIG_IGN)
        Self.raiseDescriptorLimit()
    }

    /// A thread needs two descriptors: its connection and its epoll.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Starts the threads.
    public func start() throws {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        for _ in 0..<options.threads {
            var id = pthread_t()
            running.add(1, ordering: .relaxed)
            let code = pthread_create(
                &id, &attributes,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<FastCGIServer>.fromOpaque(argument).takeRetainedValue().serve()
                    return nil
                }, Unmanaged.passRetained(self).toOpaque())
            guard code == 0 else {
                Unmanaged.passUnretained(self).release()
                running.subtract(1, ordering: .relaxed)
                throw SystemError("pthread_create", code: code)
            }
        }
    }

    /// Stops without losing a request: accepts no more, answers what came, and serves the kept connections until the
    /// front end closes them.
    ///
    /// Who has connected to a socket of our own is still accepted, since nobody will come after us; on a parent's socket
    /// they wait for the next server. Says whether every request was answered.
    @discardableResult
    public func stop() -> Bool {
        isStopping.store(true, ordering: .releasing)
        socket.removePath()
        eventfd_write(stopEvent, 1)
        let began = DispatchTime.now()
        while running.load(ordering: .acquiring) > 0 {
            let isBusy = answering > 0
            let deadline = began + (isBusy ? options.busyStopSeconds : options.quietStopSeconds)
            if DispatchTime.now() >= deadline { return !isBusy }
            _ = ended.wait(timeout: min(deadline, .now() + .milliseconds(20)))
        }
        return true
    }

    private var answering: Int { Int(requests.load(ordering: .acquiring) & 0xffff_ffff) }
    private var answered: UInt64 { requests.load(ordering: .acquiring) >> 32 }

    // MARK: How it is doing

    /// What the threads do now.
    public struct Workers: Sendable, Equatable {
        /// Answer a request.
        public let busy: Int
        /// Hold a connection on which nothing is asked now.
        public let kept: Int
        /// Wait for a connection.
        public let waiting: Int
    }

    public var workers: Workers {
        let busy = answering
        let connected = connected.load(ordering: .relaxed)
        return Workers(
            busy: busy, kept: max(0, connected - busy), waiting: max(0, running.load(ordering: .relaxed) - connected))
    }

    /// Whether a request gets an answer: one of our own, from a thread that waits; where none does, somebody else's.
    public func answers(_ target: String, within seconds: Double) -> Bool {
        let before = answered
        return probe.ask(target, seconds: seconds) || answered != before
    }

    // MARK: A thread

    private func serve() {
        defer {
            running.subtract(1, ordering: .releasing)
            ended.signal()
        }
        let events = wakeUpCalls()
        defer { close(events) }
        var head: [UInt8] = []
        while let connection = nextConnection(events) {
            connected.add(1, ordering: .relaxed)
            answerAll(on: FrontConnection(connection), &head)
            connected.subtract(1, ordering: .relaxed)
        }
    }

    /// Waits for a connection; nil when the server stops.
    private func nextConnection(_ events: Int32) -> Int32? {
        while true {
            if isStopping.load(ordering: .acquiring), !socket.isOurs { return nil }
            let connection = accept(socket.fd, nil, nil)
            if connection >= 0 { return connection }
            switch errno {
            case EAGAIN:
                if isStopping.load(ordering: .acquiring) { return nil }
                var event = epoll_event()
                let count = epoll_wait(events, &event, 1, -1)
                if count < 0, errno != EINTR { usleep(10_000) }
                if count > 0, event.data.fd == probe.event, let connection = probe.take() { return connection }
            case EINTR, ECONNABORTED: break
            default:
                // EMFILE, ENFILE, ENOBUFS, ENOMEM: others will give back what is missing. A thread that gave up here
                // would be lost for good.
                noteFailedAccept(errno)
                usleep(50_000)
            }
        }
    }

    /// Every waiting thread meets the same trouble, again and again: one line a second tells of it.
    private func noteFailedAccept(_ code: Int32) {
        let second = time(nil)
        if lastFailedAccept.exchange(second, ordering: .relaxed) == second { return }
        logger.warning("accepting failed", metadata: ["error": "\(String(cString: strerror(code)))"])
    }

    /// Answers one request after the other until the front end closes the connection.
    private func answerAll(on connection: consuming FrontConnection, _ head: inout [UInt8]) {
        limitStalling(of: connection.fd)
        var seconds = Self.silentSeconds
        // One on a kept connection has not waited for a thread.
        var isFirst = true
        while connection.hasUnread || waitForRequest(on: connection.fd, seconds: seconds), connection.readRequest() {
            requests.wrappingAdd(1, ordering: .relaxed)
            answer(&connection, isFirst: isFirst, &head)
            isFirst = false
            requests.wrappingAdd(Self.oneAnswered, ordering: .releasing)
            if !connection.isKept { return }
            seconds = Int32(options.idleSeconds)
        }
    }

    /// One less that is being answered, one more that was.
    private static let oneAnswered: UInt64 = (1 << 32) - 1

    /// Whether there is something to read, be it the end.
    ///
    /// Waits with `poll` and not in the read that follows: that one would wake up each time the front end takes something
    /// of an answer, for nothing. It is one of two switches between threads that a request costs.
    private func waitForRequest(on connection: Int32, seconds: Int32) -> Bool {
        var waiting = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        while true {
            let count = poll(&waiting, 1, seconds * 1_000)
            if count < 0, errno == EINTR { continue }
            return count > 0
        }
    }

    /// Bounds each wait in the middle of a request.
    private func limitStalling(of connection: Int32) {
        var timeout = timeval(tv_sec: options.stalledSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    /// An epoll of this thread's own over the listening socket, the probe's and the stop event. Exclusive, so that a connection wakes
    /// one thread and not all of them.
    private func wakeUpCalls() -> Int32 {
        let events = epoll_create1(Int32(EPOLL_CLOEXEC))
        var connection = epoll_event()
        connection.events = cfastcgi_epoll_exclusive()
        var asked = connection
        asked.data.fd = probe.event
        var stop = epoll_event()
        stop.events = EPOLLIN.rawValue
        guard events >= 0, epoll_ctl(events, EPOLL_CTL_ADD, socket.fd, &connection) == 0,
            epoll_ctl(events, EPOLL_CTL_ADD, probe.event, &asked) == 0,
            epoll_ctl(events, EPOLL_CTL_ADD, stopEvent, &stop) == 0
        else {
            logger.critical("no epoll for a thread: raise the limit of open files", metadata: ["errno": "\(errno)"])
            return events
        }
        return events
    }

    private func answer(_ connection: inout FrontConnection, isFirst: Bool, _ head: inout [UInt8]) {
        let parameters = Parameters(connection)
        let waited = isFirst ? queue.wait(readAt: parameters.readAt, now: StandingQueue.now()) : .zero
        let body = BodyReader.read(promised: parameters.contentLength) { connection.readInput($0) }
        let response: Response
        var isHead = false
        do {
            let web = try parameters.request(body, waited: waited)
            isHead = web.method == .head
            response = responder.respond(to: web)
        } catch {
            response = responder.respond(to: error, fields: parameters.fields)
        }
        ResponseHead.write(response, into: &head)
        connection.answer(head, isHead ? [] : response.body)
    }
}
