import Glibc
import Synchronization

/// Tells a standing queue of requests that wait for a thread from one that a burst or a restart has caused and that is
/// gone a moment later. In the latter everybody gets served; in the former, soon nobody would be.
final class StandingQueue: Sendable {
    /// A wait shorter than this counts as none.
    private static let shortest: Int64 = 100
    /// A queue stands once every request has had to wait for this long.
    private static let patience: Int64 = 1_000
    /// For this long after one has stood, the next one stands …
    private static let memory: Int64 = 10_000
    /// … after only this long: requests keep coming at the same rate.
    private static let patienceAgain: Int64 = 100

    /// Since when every request has had to wait, in milliseconds; 0 if they need not.
    private let since = Atomic<Int64>(0)
    private let lastSeen = Atomic<Int64>(0)
    private let lastStood = Atomic<Int64>(-memory)

    /// How long a request whose turn has come has waited; zero if no queue stands.
    ///
    /// - Parameters:
    ///   - readAt: when the front end received it, in milliseconds since 1970; nil if unknown.
    ///   - now: the current time on the same clock.
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
