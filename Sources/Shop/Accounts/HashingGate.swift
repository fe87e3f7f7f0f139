import Dispatch
import Synchronization

/// Lets at most so many passwords be hashed at once, and so many wait: a flood of log-ins costs the shop no more than
/// that many threads, and the rest of the cores stays for those who buy.
public final class HashingGate: Sendable {
    private let running: DispatchSemaphore
    private let admitted = Atomic<Int>(0)
    private let atOnce: Int
    private let capacity: Int

    /// - Parameters:
    ///   - atOnce: hashes running at the same time; as many as there are cores.
    ///   - waiting: callers that may wait for their turn.
    public init(atOnce: Int, waiting: Int) {
        running = DispatchSemaphore(value: atOnce)
        self.atOnce = atOnce
        capacity = atOnce + waiting
    }

    /// Callers that wait for their turn now.
    public var waiting: Int { max(0, admitted.load(ordering: .relaxed) - atOnce) }

    /// Does the work when it is its turn; throws `Unavailable` at once when too many wait already.
    public func run<Result>(_ work: () throws -> Result) throws -> Result {
        let (admittedNow, _) = admitted.add(1, ordering: .relaxed) as (oldValue: Int, newValue: Int)
        defer { admitted.subtract(1, ordering: .relaxed) }
        guard admittedNow < capacity else { throw Unavailable("too many passwords to hash", retryAfterSeconds: 2) }
        running.wait()
        defer { running.signal() }
        return try work()
    }
}
