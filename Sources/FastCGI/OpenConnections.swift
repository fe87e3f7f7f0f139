import CFastCGI
import Glibc
import POSIX
import Synchronization

/// The front end's connections. They wait in one queue until something arrives and occupy no thread meanwhile. The
/// longest-waiting one comes next, whether its connection is kept or new.
///
/// A connection belongs to the thread it was given to until that thread parks or closes it.
final class OpenConnections: @unchecked Sendable {
    /// What a thread is woken for.
    enum Event {
        /// Something arrived on a connection, possibly its end.
        case connection(Int32)
        case probe
        /// There is nothing left to do.
        case over
    }

    /// The most connections open at once; further clients wait in the socket's backlog.
    static let most = 8_192
    /// Descriptors are assigned from the lowest, so none is beyond this.
    private static let descriptors = 65_536

    private let socket: ListeningSocket
    private let probe: Int32
    private let events: Int32
    private let end: Int32
    /// Readable once no more connections are accepted.
    private let acceptEnd: Int32
    /// The most open at once here: half of all descriptors are left for other uses.
    private let most: Int
    private let opened = Atomic<Int>(0)
    private let highest = Atomic<Int>(0)
    /// For each descriptor, since when its connection has been parked. The memory never moves and is only touched by
    /// atomic operations; that is all that `@unchecked` claims.
    private let parked: UnsafeMutablePointer<Atomic<UInt32>>

    /// - Parameter probe: another descriptor that wakes a thread.
    init(_ socket: ListeningSocket, probe: Int32) throws {
        self.socket = socket
        self.probe = probe
        var descriptors = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &descriptors)
        most = min(Self.most, Int(clamping: descriptors.rlim_cur / 2))
        parked = .allocate(capacity: Self.descriptors)
        for index in 0..<Self.descriptors { (parked + index).initialize(to: Atomic(Parked.none)) }
        events = epoll_create1(Int32(EPOLL_CLOEXEC))
        end = eventfd(0, Int32(EFD_CLOEXEC))
        acceptEnd = eventfd(0, Int32(EFD_CLOEXEC))
        // Each event wakes one thread, except the end, which all must see.
        guard events >= 0, end >= 0, acceptEnd >= 0,
            watch(probe, EPOLL_CTL_ADD, EPOLLIN.rawValue | cfastcgi_epoll_edge()),
            watch(end, EPOLL_CTL_ADD, EPOLLIN.rawValue)
        else { throw SystemError("a queue of connections") }
    }

    deinit {
        parked.deallocate()
        for descriptor in [events, end, acceptEnd] where descriptor >= 0 { close(descriptor) }
    }

    /// Wakes one thread, and none again until the descriptor is watched anew.
    private static let once = EPOLLIN.rawValue | cfastcgi_epoll_oneshot()

    private func watch(_ descriptor: Int32, _ operation: Int32, _ what: UInt32) -> Bool {
        var event = epoll_event()
        event.events = what
        event.data.fd = descriptor
        return epoll_ctl(events, operation, descriptor, &event) == 0
    }

    // MARK: The threads' side

    /// Waits for something to do.
    func next() -> Event {
        var event = epoll_event()
        while true {
            let count = epoll_wait(events, &event, 1, -1)
            if count < 0, errno != EINTR { usleep(10_000) }
            guard count > 0 else { continue }
            switch event.data.fd {
            case end: return .over
            case probe: return .probe
            case let connection:
                // If it was just closed for being idle, it is not ours.
                let state = parked[Int(connection)].exchange(Parked.none, ordering: .acquiringAndReleasing)
                if state != Parked.none { return .connection(connection) }
            }
        }
    }

    /// Counts a connection that did not come from the socket; it belongs to the caller.
    func take(_ connection: Int32) {
        opened.add(1, ordering: .relaxed)
        highest.max(Int(connection), ordering: .relaxed)
    }

    /// Parks the connection until something arrives.
    ///
    /// - Parameter isNew: whether it has had no request yet.
    func park(_ connection: Int32, isNew: Bool) {
        guard connection < Self.descriptors else { return close(connection) }
        parked[Int(connection)].store(Parked.since(Self.now, isNew: isNew), ordering: .releasing)
        // From here on it may be another thread's.
        if watch(connection, EPOLL_CTL_MOD, Self.once) { return }
        if errno == ENOENT, watch(connection, EPOLL_CTL_ADD, Self.once) { return }
        parked[Int(connection)].store(Parked.none, ordering: .relaxed)
        close(connection)
    }

    func close(_ connection: Int32) {
        Glibc.close(connection)
        opened.subtract(1, ordering: .releasing)
    }

    /// Closes connections that have been idle for too long; not those whose requests wait for a thread.
    ///
    /// - Parameters:
    ///   - silent: seconds for one that has had no request yet.
    ///   - idle: seconds for all others.
    func closeIdle(silent: Int, idle: Int) {
        let now = Self.now
        for index in 0...min(highest.load(ordering: .relaxed), Self.descriptors - 1) {
            let state = parked[index].load(ordering: .relaxed)
            guard state != Parked.none, Parked.seconds(state, until: now) > (Parked.isNew(state) ? silent : idle),
                parked[index].compareExchange(expected: state, desired: Parked.none, ordering: .acquiringAndReleasing)
                    .exchanged
            else { continue }
            let connection = Int32(index)
            guard hasSomething(connection) else {
                close(connection)
                continue
            }
            // A thread may have looked meanwhile, and found that it was not its own.
            parked[index].store(state, ordering: .releasing)
            _ = watch(connection, EPOLL_CTL_MOD, Self.once)
        }
    }

    private func hasSomething(_ connection: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(connection, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return time.tv_sec
    }

    // MARK: Accepting

    /// Accepts connections and puts each at the end of the queue, until `acceptNobody`. Runs on a thread of its own: if
    /// the answering threads did it, a new connection would wait for a turn in the queue only to be put at its end.
    ///
    /// - Parameters:
    ///   - milliseconds: the least time between calls of `pulse`.
    ///   - prepare: sets a new connection up.
    ///   - note: receives the errors other than that nobody is waiting.
    func acceptAll(
        every milliseconds: Int32, prepare: (Int32) -> Void, pulse: () -> Void, note: (SystemError) -> Void
    ) {
        var lastPulse = ContinuousClock.now
        while true {
            if lastPulse.duration(to: .now) >= .milliseconds(Int(milliseconds)) {
                lastPulse = .now
                pulse()
            }
            let isFull = count >= most
            // Counted first, so that a connection is never neither waiting to be accepted nor counted.
            opened.add(1, ordering: .relaxed)
            let connection = isFull ? -1 : accept(socket.fd, nil, nil)
            if connection >= 0 {
                highest.max(Int(connection), ordering: .relaxed)
                prepare(connection)
                park(connection, isNew: true)
                continue
            }
            let code = isFull ? EAGAIN : errno
            opened.subtract(1, ordering: .relaxed)
            switch code {
            case EINTR, ECONNABORTED: continue
            case EAGAIN:
                // While it is full, further clients wait in the backlog.
                if isOver(isFull ? 1 : milliseconds, newcomersWait: isFull) { return }
            default:
                // EMFILE, ENFILE, ENOBUFS, ENOMEM: somebody will release what is missing.
                note(SystemError("accept", code: code))
                if isOver(50, newcomersWait: true) { return }
            }
        }
    }

    /// Waits for a client to connect; returns whether accepting has ended.
    private func isOver(_ milliseconds: Int32, newcomersWait: Bool) -> Bool {
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 2) { watched in
            watched[0] = pollfd(fd: acceptEnd, events: Int16(POLLIN), revents: 0)
            watched[1] = pollfd(fd: socket.fd, events: Int16(POLLIN), revents: 0)
            poll(watched.baseAddress, newcomersWait ? 1 : 2, milliseconds)
            return watched[0].revents != 0
        }
    }

    // MARK: The server's side

    /// How many are open.
    var count: Int { opened.load(ordering: .relaxed) }

    /// Whether a client has connected and is not accepted yet.
    var hasNewcomers: Bool {
        var waiting = pollfd(fd: socket.fd, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }

    /// Leaves clients that connect from now on to the next server on this socket.
    func acceptNobody() { eventfd_write(acceptEnd, 1) }

    /// Wakes every thread for the last time.
    func endAll() {
        acceptNobody()
        eventfd_write(end, 1)
    }
}

/// Since when a connection has been parked, in one word.
private enum Parked {
    /// In use, or no connection.
    static let none: UInt32 = 0

    static func since(_ second: Int, isNew: Bool) -> UInt32 {
        UInt32(truncatingIfNeeded: second) << 2 | (isNew ? 2 : 0) | 1
    }

    static func isNew(_ state: UInt32) -> Bool { state & 2 != 0 }

    static func seconds(_ state: UInt32, until second: Int) -> Int {
        Int((UInt32(truncatingIfNeeded: second) << 2 &- (state & ~3)) >> 2)
    }
}
