import Glibc
import Synchronization

/// How a connection waits for the locks of others. SQLite keeps asking whether to go on, and does not say when it got
/// the lock; so a wait is under way if it asked a moment ago.
final class LockWait: Sendable {
    /// How many times it may ask.
    let tries = Atomic<Int>(0)
    private let lastTry = Atomic<Int64>(.min)
    /// Between two tries a thread sleeps half a millisecond, on a busy machine longer.
    private static let momentMilliseconds: Int64 = 500

    func noteTry() { lastTry.store(Self.now, ordering: .relaxed) }

    var isWaiting: Bool {
        let last = lastTry.load(ordering: .relaxed)
        return last != .min && Self.now - last < Self.momentMilliseconds
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
