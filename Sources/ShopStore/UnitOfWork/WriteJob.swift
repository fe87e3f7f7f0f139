import Dispatch
import Shop
import Synchronization

/// One piece of work that waits for the writer, and the worker that waits for it.
///
/// The worker blocks until the piece is done or was withdrawn before it began, so the piece never outlives the call that
/// made it, and whoever holds `outcome` is alone with it: first the writer, then, once signalled, the worker.
final class WriteJob: @unchecked Sendable {
    enum State: UInt8, AtomicRepresentable {
        case waiting, taken, withdrawn
    }

    /// What becomes of the piece; nil until the writer knows.
    var outcome: Result<Void, any Error>?
    let queuedAt: ContinuousClock.Instant
    /// The queue's: the address of the job that was put there before this one.
    var older: UInt = 0
    /// Others of its group, which its worker wakes: see `finish(_:)`.
    private var followers: ArraySlice<WriteJob> = []
    /// Let go of as soon as it is not needed: it must not live longer than the worker's call.
    private var work: ((Unit) throws -> Void)?
    private let done = DispatchSemaphore(value: 0)
    private let state = Atomic<State>(.waiting)

    init(_ work: @escaping (Unit) throws -> Void) {
        self.work = work
        queuedAt = .now
    }

    // MARK: The writer's side

    /// Whether the piece is to be done; no longer when its worker has gone.
    func take() -> Bool {
        state.compareExchange(expected: .waiting, desired: .taken, ordering: .acquiringAndReleasing).exchanged
    }

    func run(_ unit: Unit) throws {
        guard let work else { preconditionFailure("a write was run after it was finished") }
        try work(unit)
    }

    /// Workers that one of them wakes. To wake one takes the writer a twentieth of all that it does for a small write, and
    /// everybody waits for the writer; a worker has the time.
    private static let followersEach = 7

    /// Wakes the workers of a group: one of each few, which then wakes the others. The jobs must not be touched afterwards.
    static func finish(_ group: [WriteJob]) {
        for job in group { job.work = nil }
        for start in stride(from: 0, to: group.count, by: followersEach + 1) {
            let leader = group[start]
            leader.followers = group[(start + 1)..<min(start + 1 + followersEach, group.count)]
            leader.done.signal()
        }
    }

    /// The same, where nobody of them got what they wanted.
    static func finish(_ group: [WriteJob], with error: any Error) {
        for job in group { job.outcome = .failure(error) }
        finish(group)
    }

    // MARK: The worker's side

    /// Waits until the piece is done; throws what it threw, or `Unavailable` when it has not begun after so long.
    ///
    /// - Parameter cause: what the writer waits for itself, asked when nobody has begun.
    func wait(seconds: Double, for cause: () -> Unavailable.Cause) throws {
        if done.wait(timeout: .now() + seconds) == .timedOut {
            let withdrawn = state.compareExchange(
                expected: .waiting, desired: .withdrawn, ordering: .acquiringAndReleasing
            ).exchanged
            if withdrawn {
                work = nil
                throw Unavailable("waited \(seconds) s for the writer", cause())
            }
            done.wait()
        }
        for follower in followers { follower.done.signal() }
        followers = []
        guard let outcome else { preconditionFailure("a write was finished without an outcome") }
        try outcome.get()
    }
}
