import CFastCGI
import Dispatch
import Glibc
import Logging
import POSIX
import Synchronization
import Web

/// Answers FastCGI requests on one listening socket, each on a thread of its own.
///
/// A front end keeps connections open and sends one request after the other on them. It is the front end that closes: a
/// server that closes a kept connection loses the request that was just sent on it. A thread is held by a request and not by
/// a connection.
///
/// There are as many threads as keep a machine busy, and more only where those come to nothing: while hundreds of writes wait
/// for a disk, or for another process's lock, what only reads still gets one.
public final class FastCGIServer: Sendable {
    public struct Options: Sendable {
        /// Requests that are answered at once, at most.
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

    /// So many connections are open at once; who connects then waits for one to be closed.
    public static let mostConnections = OpenConnections.most

    private static let stackBytes = 512 * 1024
    /// Threads at first. Many more that are not held up would only take the processor's time from each other.
    private static let fewThreads = 64
    /// How often it is seen whether there are too few.
    private static let pulseMilliseconds: Int32 = 100
    /// A peer that connects and says nothing is closed: nginx connects when it has something to say.
    private static let silentSeconds = 2

    private let socket: ListeningSocket
    private let connections: OpenConnections
    private let responder: any Responder
    private let options: Options
    private let logger: Logger
    private let running = Atomic<Int>(0)
    /// Threads that answer, and how many there should be.
    private let answerers = Atomic<Int>(0)
    private let wanted = Atomic<Int>(0)
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

    /// As many as are wanted.
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

    /// Closes what is silent, and sees whether all threads are held up: all have a request, and few came to an end.
    private func feelPulse(_ answeredBefore: inout UInt64) {
        connections.closeIdle(silent: Self.silentSeconds, idle: options.idleSeconds)
        let (busy, all, done) = (answering, answerers.load(ordering: .relaxed), answered)
        let ended = done &- answeredBefore
        answeredBefore = done
        if busy >= all, ended < busy {
            wanted.store(min(2 * all, options.threads), ordering: .relaxed)
            // Without memory for more it goes on with those that are there.
            try? startAnswerers()
        } else if busy < all / 2 {
            wanted.store(min(Self.fewThreads, options.threads), ordering: .relaxed)
        }
    }

    /// Whether the calling thread is one too many; then it is not counted any more.
    private func isTooMany() -> Bool {
        var all = answerers.load(ordering: .relaxed)
        while all > wanted.load(ordering: .relaxed) {
            let (isLess, now) = answerers.weakCompareExchange(expected: all, desired: all - 1, ordering: .relaxed)
            if isLess { return true }
            all = now
        }
        return false
    }

    /// What a new thread is given.
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

    /// Stops without losing a request: accepts no more, answers what came, and serves the kept connections until the
    /// front end closes them.
    ///
    /// Who has connected to a socket of our own is still accepted, since nobody will come after us; on a parent's socket
    /// they wait for the next server. Says whether every request was answered.
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

    // MARK: How it is doing

    /// What the threads do now.
    public struct Workers: Sendable, Equatable {
        /// Answer a request.
        public let busy: Int
        /// Connections on which nothing is asked now, or whose request waits for a thread; they hold none.
        public let kept: Int
        /// Wait for a request.
        public let waiting: Int
    }

    public var workers: Workers {
        let busy = answering
        return Workers(
            busy: busy, kept: max(0, connections.count - busy),
            waiting: max(0, answerers.load(ordering: .relaxed) - busy))
    }

    /// Whether a request gets an answer: one of our own, from a thread that waits; where none does, somebody else's.
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
            // One line a second tells of it.
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

    /// Answers what came on a connection of ours, and parks or closes it.
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

    /// One less that is being answered, one more that was.
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
