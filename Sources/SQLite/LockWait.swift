import Glibc
import Synchronization

/// How a connection waits for the locks of others. SQLite asks again and again whether to go on, and does not say when the
/// lock was had; so a wait is one that was asked for a moment ago.
final class LockWait: Sendable {
    /// How often it may ask.
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
