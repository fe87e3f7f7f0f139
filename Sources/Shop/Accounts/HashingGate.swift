import Dispatch
import Glibc
import POSIX

/// Hashes passwords on a few low-priority threads of its own, so that a flood of log-ins costs the shop no more than
/// those threads and leaves the processors to those who buy.
///
/// Callers wait in one of two lanes. Known ones go before strangers, and no number of strangers fills their lane.
public final class HashingGate: Sendable {
    /// Whose password is hashed.
    public enum Lane: Int, Sendable, CaseIterable {
        /// Has logged in from there before, or is logged in.
        case known
        case strangers
    }

    /// The work of one caller, who blocks until it is done: it never outlives the call that made it.
    private final class Job: @unchecked Sendable {
        /// Released before the caller goes on: it must not outlive the call.
        private var work: (() -> Void)?
        private let done = DispatchSemaphore(value: 0)

        init(_ work: @escaping () -> Void) { self.work = work }

        func run() {
            work?()
            work = nil
        }

        func finish() { done.signal() }

        func wait() { done.wait() }

        func abandon() { work = nil }
    }

    /// The state that the threads share; they end when the gate is gone.
    private final class Lanes: Sendable {
        private struct State {
            var waiting: [[Job]] = Lane.allCases.map { _ in [] }
            var running = 0
            var isClosed = false
        }

        private let state = Locked(State())
        private let work = DispatchSemaphore(value: 0)

        /// Returns whether there is room: a free thread takes a waiting job.
        func add(_ job: Job, to lane: Lane, waiting capacity: Int, threads: Int) -> Bool {
            let isAdded = state.write { state in
                let free = threads - state.running
                guard state.waiting[lane.rawValue].count < capacity + free else { return false }
                state.waiting[lane.rawValue].append(job)
                return true
            }
            if isAdded { work.signal() }
            return isAdded
        }

        var waiting: Int { state.read { $0.waiting.reduce(0) { $0 + $1.count } } }

        func close(threads: Int) {
            state.write { $0.isClosed = true }
            for _ in 0..<threads { work.signal() }
        }

        /// A thread's life.
        func serve() {
            // On Linux this applies to the calling thread alone. If it is refused, hashing costs others more.
            setpriority(Int32(PRIO_PROCESS.rawValue), 0, niceness)
            while let job = next() {
                job.run()
                state.write { $0.running -= 1 }
                job.finish()
            }
        }

        /// The longest-waiting job of the first lane that has one; nil when the gate is gone.
        private func next() -> Job? {
            while true {
                work.wait()
                let (job, isClosed) = state.write { state -> (Job?, Bool) in
                    guard let lane = state.waiting.firstIndex(where: { !$0.isEmpty }) else {
                        return (nil, state.isClosed)
                    }
                    state.running += 1
                    return (state.waiting[lane].removeFirst(), false)
                }
                if job != nil || isClosed { return job }
            }
        }
    }

    /// Half the share of a normal thread. With much less, nobody could log in while the shop is full: at niceness 10 a
    /// hash gets a ninth, and takes longer than anybody waits.
    private static let niceness: Int32 = 3

    private let lanes = Lanes()
    private let threads: Int
    private let waitingAtMost: Int

    /// - Parameters:
    ///   - atOnce: hashes running at the same time: fewer than there are cores, if there is more than one.
    ///   - waiting: how many callers may wait in each lane.
    public init(atOnce: Int, waiting: Int) {
        waitingAtMost = waiting
        threads = (0..<atOnce).count { [lanes] _ in Self.startThread(lanes) }
    }

    /// As many concurrent hashes as leave one core for everybody else.
    public static func atOnce(cores: Int) -> Int { max(1, cores - 1) }

    deinit { lanes.close(threads: threads) }

    /// How many callers are waiting now.
    public var waiting: Int { lanes.waiting }

    /// Does the work when its turn comes; throws `UnavailableError` at once if too many already wait in that lane.
    public func run<Result>(_ lane: Lane, _ work: () throws -> Result) throws -> Result {
        try withoutActuallyEscaping(work) { work in
            var outcome: Swift.Result<Result, any Error>?
            let job = Job { outcome = Swift.Result { try work() } }
            guard lanes.add(job, to: lane, waiting: waitingAtMost, threads: threads) else {
                job.abandon()
                throw UnavailableError("too many passwords to hash", retryAfterSeconds: 2)
            }
            job.wait()
            guard let outcome else { preconditionFailure("a password was hashed without an outcome") }
            return try outcome.get()
        }
    }

    /// Returns whether the thread could be started: if none can, every hash is refused.
    private static func startThread(_ lanes: Lanes) -> Bool {
        let retained = Unmanaged.passRetained(lanes)
        var id = pthread_t()
        let code = pthread_create(
            &id, nil,
            { argument in
                if let argument { Unmanaged<Lanes>.fromOpaque(argument).takeRetainedValue().serve() }
                return nil
            }, retained.toOpaque())
        if code == 0 { pthread_detach(id) } else { retained.release() }
        return code == 0
    }
}
