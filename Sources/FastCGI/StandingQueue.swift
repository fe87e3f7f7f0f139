import Glibc
import Synchronization

/// Tells a queue that stands, of requests that wait for a thread, from one that a burst or a restart has made and that is gone
/// a moment later. In the second everybody is served; in the first nobody would be, soon.
final class StandingQueue: Sendable {
    /// A shorter wait than this is none.
    private static let shortest: Int64 = 100
    /// A queue that has not been without waits for so long stands.
    private static let patience: Int64 = 1_000
    /// For so long after one has stood, the next one stands …
    private static let memory: Int64 = 10_000
    /// … after so long: as many still come as a moment ago.
    private static let patienceAgain: Int64 = 100

    /// Since when all who came had to wait, in milliseconds; 0 where they need not.
    private let since = Atomic<Int64>(0)
    private let lastSeen = Atomic<Int64>(0)
    private let lastStood = Atomic<Int64>(-memory)

    /// How long a request has waited that has just come to its turn; zero where no queue stands.
    ///
    /// - Parameters:
    ///   - readAt: when the front end had it, in milliseconds since 1970; nil where it does not say so.
    ///   - now: the same clock's.
    func wait(readAt: Int64?, now: Int64) -> Duration {
        guard let readAt else { return .zero }
        let waited = now - readAt
        let seen = lastSeen.exchange(now, ordering: .relaxed)
        guard waited >= Self.shortest else {
            since.store(0, ordering: .relaxed)
            return .zero
        }
        let began = since.load(ordering: .relaxed)
        guard began != 0, now - seen < Self.patience else {
            since.store(now, ordering: .relaxed)
            return .zero
        }
        let stoodBefore = began - lastStood.load(ordering: .relaxed) < Self.memory
        guard now - began >= (stoodBefore ? Self.patienceAgain : Self.patience) else { return .zero }
        lastStood.store(now, ordering: .relaxed)
        return .milliseconds(waited)
    }

    /// Milliseconds since 1970, as nginx counts them.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
