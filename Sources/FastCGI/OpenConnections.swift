import CFastCGI
import Glibc
import POSIX
import Synchronization

/// The front end's connections. They wait in one queue until something comes on them and hold no thread meanwhile: who has
/// waited longest comes next, on a connection that was kept as on a new one.
///
/// A connection belongs to the thread that was given it until that one parks or closes it.
final class OpenConnections: @unchecked Sendable {
    /// What a thread is woken for.
    enum Event {
        /// Something came on a connection, be it its end.
        case connection(Int32)
        case probe
        /// There is nothing to do any more.
        case over
    }

    /// So many are open at once, at most; who comes then waits in the socket's backlog.
    static let most = 8_192
    /// Descriptors are given from the lowest, so none is beyond.
    private static let descriptors = 65_536

    private let socket: ListeningSocket
    private let probe: Int32
    private let events: Int32
    private let end: Int32
    /// Readable when nobody is accepted any more.
    private let acceptEnd: Int32
    /// So many are open at once here: half of all descriptors are left to others.
    private let most: Int
    private let opened = Atomic<Int>(0)
    private let highest = Atomic<Int>(0)
    /// Of each descriptor since when its connection is nobody's. At one address for their whole life, and never touched but
    /// by atomic operations; that is all that `@unchecked` claims.
    private let parked: UnsafeMutablePointer<Atomic<UInt32>>

    /// - Parameter probe: a descriptor that wakes a thread as well.
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
        // Once for each time, but for the end, which all are to see.
        guard events >= 0, end >= 0, acceptEnd >= 0,
            watch(probe, EPOLL_CTL_ADD, EPOLLIN.rawValue | cfastcgi_epoll_edge()),
            watch(end, EPOLL_CTL_ADD, EPOLLIN.rawValue)
        else { throw SystemError("a queue of connections") }
    }

    deinit {
        parked.deallocate()
        for descriptor in [events, end, acceptEnd] where descriptor >= 0 { close(descriptor) }
    }

    /// One thread is woken, and none again until it is watched anew.
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
                // Where it was just closed for its silence it is not ours.
                let state = parked[Int(connection)].exchange(Parked.none, ordering: .acquiringAndReleasing)
                if state != Parked.none { return .connection(connection) }
            }
        }
    }

    /// A connection that did not come by the socket belongs to the caller.
    func take(_ connection: Int32) {
        opened.add(1, ordering: .relaxed)
        highest.max(Int(connection), ordering: .relaxed)
    }

    /// Lets it wait for what comes next.
    ///
    /// - Parameter isNew: nothing was asked on it yet.
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

    /// Closes those on which nothing came for so long; not those whose requests wait for a thread.
    ///
    /// - Parameters:
    ///   - silent: seconds for one on which nothing was asked yet.
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
            // A thread may have looked at it meanwhile, and found that it was not its own.
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

    /// Accepts who connects, and puts each at the queue's end, until `acceptNobody`. A thread's life: were it done by those
    /// who answer, who connects would have to wait for a turn in the queue only to be put at its end.
    ///
    /// - Parameters:
    ///   - milliseconds: how often `pulse` is called, or a little less often.
    ///   - prepare: does to a connection what is to be done first.
    ///   - note: hears what is missing, where it is not somebody who waits.
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
            // Counted before: at no moment is one neither waiting to be accepted nor counted.
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
                // While it is full, who comes waits in the backlog.
                if isOver(isFull ? 1 : milliseconds, newcomersWait: isFull) { return }
            default:
                // EMFILE, ENFILE, ENOBUFS, ENOMEM: others will give back what is missing.
                note(SystemError("accept", code: code))
                if isOver(50, newcomersWait: true) { return }
            }
        }
    }

    /// Waits for somebody who connects, and says whether nobody is accepted any more.
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

    /// Whether somebody has connected and is not accepted.
    var hasNewcomers: Bool {
        var waiting = pollfd(fd: socket.fd, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, 0) > 0
    }

    /// Leaves who connects from now on to the next server on this socket.
    func acceptNobody() { eventfd_write(acceptEnd, 1) }

    /// Wakes every thread for the last time.
    func endAll() {
        acceptNobody()
        eventfd_write(end, 1)
    }
}

/// Since when a connection is nobody's, in one word.
private enum Parked {
    /// It is somebody's, or there is none.
    static let none: UInt32 = 0

    static func since(_ second: Int, isNew: Bool) -> UInt32 {
        UInt32(truncatingIfNeeded: second) << 2 | (isNew ? 2 : 0) | 1
    }

    static func isNew(_ state: UInt32) -> Bool { state & 2 != 0 }

    static func seconds(_ state: UInt32, until second: Int) -> Int {
        Int((UInt32(truncatingIfNeeded: second) << 2 &- (state & ~3)) >> 2)
    }
}
