import CFastCGI
import Dispatch
import Glibc
import Logging
import POSIX
import Synchronization
import Web

/// Answers FastCGI requests on one listening socket, each on a thread of its own.
///
/// A front end keeps connections open and sends one request after another on them. Closing them is up to the front end:
/// a server that closes a kept connection loses the request just sent on it. A thread belongs to a request, not to a
/// connection.
///
/// There are as many threads as keep a machine busy, and more only while these make no progress: while hundreds of
/// writes wait for a disk, or for another process's lock, reads still get a thread.
public final class FastCGIServer: Sendable {
    public struct Options: Sendable {
        /// The most requests answered at once.
        public var threads = 512
        /// How long a kept connection may be idle before it is closed after all: some front ends never close one.
        public var idleSeconds = 60
        /// The same for one that stalls in the middle of a request or of taking an answer. nginx never does: it reads a
        /// request to its end before passing it on, and takes an answer at once.
        public var stalledSeconds = 15
        /// How long a stop waits for idle kept connections …
        public var quietStopSeconds = 1.7
        /// … and for requests that are being answered.
        public var busyStopSeconds = 10.0

        public init() {}
    }

    /// The most connections open at once; further clients wait until one is closed.
    public static let mostConnections = OpenConnections.most

    private static let stackBytes = 512 * 1024
    /// The number of threads to begin with. Many more runnable ones would only compete for the processors.
    private static let fewThreads = 64
    /// How often to check whether there are too few.
    private static let pulseMilliseconds: Int32 = 100
    /// A client that connects and says nothing is closed: nginx connects when it has something to say.
    private static let silentSeconds = 2

    private let socket: ListeningSocket
    private let connections: OpenConnections
    private let responder: any Responder
    private let options: Options
    private let logger: Logger
    private let running = Atomic<Int>(0)
    /// Threads that answer, and the target for their number.
    private let answerers = Atomic<Int>(0)
    private let wanted = Atomic<Int>(0)
    /// The requests being answered, in the lower half, and those answered, in the upper; one addition updates both.
    private let requests = Atomic<UInt64>(0)
    private let probe: WorkerProbe
    private let queue = StandingQueue()
    private let ended = DispatchSemaphore(value: 0)
    private let lastFailedAccept = Atomic<Int>(0)

    /// Signals must be blocked first (`Signals.block`).
    public init(_ socket: ListeningSocket, options: Options = Options(), responder: any Responder, logger: Logger)
        throws
    {
        self.socket = socket
        self.responder = responder
        self.options = options
        self.logger = logger
        Self.raiseDescriptorLimit()
        probe = try WorkerProbe()
        connections = try OpenConnections(socket, probe: probe.event)
        signal(SIGPIPE, SIG_IGN)
    }

    /// A connection needs a descriptor.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// Starts the threads.
    public func start() throws {
        wanted.store(min(Self.fewThreads, options.threads), ordering: .relaxed)
        try startThread { server in server.accept() }
        try startAnswerers()
    }

    /// As many as the target says.
    private func startAnswerers() throws {
        while answerers.load(ordering: .relaxed) < wanted.load(ordering: .relaxed) {
            answerers.add(1, ordering: .relaxed)
            do {
                try startThread { server in server.serve() }
            } catch {
                answerers.subtract(1, ordering: .relaxed)
                throw error
            }
        }
    }

    /// Closes idle connections, and checks whether all threads are held up: each has a request, and few have finished.
    private func feelPulse(_ answeredBefore: inout UInt64) {
        connections.closeIdle(silent: Self.silentSeconds, idle: options.idleSeconds)
        let (busy, all, done) = (answering, answerers.load(ordering: .relaxed), answered)
        let ended = done &- answeredBefore
        answeredBefore = done
        if busy >= all, ended < busy {
            wanted.store(min(2 * all, options.threads), ordering: .relaxed)
            // If there is no memory for more, the existing ones carry on.
            try? startAnswerers()
        } else if busy < all / 2 {
            wanted.store(min(Self.fewThreads, options.threads), ordering: .relaxed)
        }
    }

    /// Whether the calling thread is surplus; if so, it is no longer counted.
    private func isTooMany() -> Bool {
        var all = answerers.load(ordering: .relaxed)
        while all > wanted.load(ordering: .relaxed) {
            let (isLess, now) = answerers.weakCompareExchange(expected: all, desired: all - 1, ordering: .relaxed)
            if isLess { return true }
            all = now
        }
        return false
    }

    /// What a new thread receives.
    private final class Life {
        let server: FastCGIServer
        let body: (FastCGIServer) -> Void

        init(_ server: FastCGIServer, _ body: @escaping (FastCGIServer) -> Void) {
            self.server = server
            self.body = body
        }
    }

    private func startThread(_ body: @escaping (FastCGIServer) -> Void) throws {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Self.stackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var id = pthread_t()
        running.add(1, ordering: .relaxed)
        let life = Unmanaged.passRetained(Life(self, body))
        let code = pthread_create(
            &id, &attributes,
            { argument in
                guard let argument else { return nil }
                let life = Unmanaged<Life>.fromOpaque(argument).takeRetainedValue()
                life.body(life.server)
                life.server.running.subtract(1, ordering: .releasing)
                life.server.ended.signal()
                return nil
            }, life.toOpaque())
        guard code == 0 else {
            life.release()
            running.subtract(1, ordering: .relaxed)
            throw SystemError("pthread_create", code: code)
        }
    }

    /// Stops without losing a request: accepts no new connections, answers what has arrived, and serves the kept
    /// connections until the front end closes them.
    ///
    /// Clients already connected to a socket of our own are still accepted, since no other server will; on a parent's
    /// socket they wait for the next one. Returns whether every request was answered.
    @discardableResult
    public func stop() -> Bool {
        socket.removePath()
        if !socket.isOurs { connections.acceptNobody() }
        let began = DispatchTime.now()
        while connections.count > 0 || socket.isOurs && connections.hasNewcomers {
            let isBusy = answering > 0
            let deadline = began + (isBusy ? options.busyStopSeconds : options.quietStopSeconds)
            if DispatchTime.now() >= deadline { return !isBusy }
            usleep(5_000)
        }
        connections.endAll()
        while running.load(ordering: .acquiring) > 0 { _ = ended.wait(timeout: .now() + .milliseconds(20)) }
        return true
    }

    private var answering: Int { Int(requests.load(ordering: .acquiring) & 0xffff_ffff) }
    private var answered: UInt64 { requests.load(ordering: .acquiring) >> 32 }

    // MARK: Statistics

    /// What the threads are doing.
    public struct Workers: Sendable, Equatable {
        /// Answering a request.
        public let busy: Int
        /// Connections without a request, or whose request waits for a thread; they occupy none.
        public let kept: Int
        /// Waiting for a request.
        public let waiting: Int
    }

    public var workers: Workers {
        let busy = answering
        return Workers(
            busy: busy, kept: max(0, connections.count - busy),
            waiting: max(0, answerers.load(ordering: .relaxed) - busy))
    }

    /// Whether requests get answers: one of ours from a waiting thread or, if none is waiting, another client's.
    public func answers(_ target: String, within seconds: Double) -> Bool {
        let before = answered
        return probe.ask(target, seconds: seconds) || answered != before
    }

    // MARK: The threads

    private func accept() {
        var answeredBefore = answered
        connections.acceptAll(every: Self.pulseMilliseconds, prepare: limitStalling) {
            feelPulse(&answeredBefore)
        } note: { error in
            // One line a second reports it.
            let second = time(nil)
            if lastFailedAccept.exchange(second, ordering: .relaxed) == second { return }
            logger.warning("accepting failed", metadata: ["error": "\(error)"])
        }
    }

    private func serve() {
        var front = FrontConnection()
        var head: [UInt8] = []
        while true {
            switch connections.next() {
            case .connection(let connection): answer(on: connection, &front, &head)
            case .probe:
                guard let connection = probe.take() else { continue }
                connections.take(connection)
                answer(on: connection, &front, &head, isNew: true)
            case .over: return
            }
            if isTooMany() { return }
        }
    }

    /// Answers a request on one of our connections, and parks or closes it.
    private func answer(
        on connection: Int32, _ front: inout FrontConnection, _ head: inout [UInt8], isNew: Bool = false
    ) {
        front.take(connection)
        switch front.look() {
        case .end: return connections.close(connection)
        case .nothing: return connections.park(connection, isNew: isNew)
        case .something: break
        }
        while front.readRequest() {
            requests.wrappingAdd(1, ordering: .relaxed)
            answer(&front, &head)
            requests.wrappingAdd(Self.oneAnswered, ordering: .releasing)
            guard front.isKept else { break }
            if !front.hasUnread { return connections.park(connection, isNew: false) }
        }
        connections.close(connection)
    }

    /// One fewer being answered, one more answered.
    private static let oneAnswered: UInt64 = (1 << 32) - 1

    /// Bounds each wait in the middle of a request.
    private func limitStalling(of connection: Int32) {
        var timeout = timeval(tv_sec: options.stalledSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
    }

    private func answer(_ connection: inout FrontConnection, _ head: inout [UInt8]) {
        let parameters = Parameters(connection)
        let waited = queue.wait(readAt: parameters.readAt, now: StandingQueue.now())
        let body = BodyReader.read(promised: parameters.contentLength) {
            parameters.room(responder)
        } _: {
            connection.readInput($0)
        }
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
        guard let rest = response.rest, !isHead else { return connection.answer(head, isHead ? [] : response.body) }
        do {
            try connection.answer(head, response.body, rest)
        } catch is ReaderGoneError {
            return
        } catch {
            logger.error("an answer broke off: \(error)", metadata: ["request": "\(parameters.requestID)"])
        }
    }
}
