import Dispatch
import Shop
import Synchronization

/// A job that waits for the writer, and the worker that waits for the job.
///
/// The worker blocks until the job is done or was withdrawn before it began, so the job never outlives the call that
/// made it, and only one thread at a time has access to `outcome`: first the writer, then, once signalled, the worker.
final class WriteJob: @unchecked Sendable {
    enum State: UInt8, AtomicRepresentable {
        case waiting, taken, withdrawn
    }

    /// The job's result; nil until the writer has one.
    var outcome: Result<Void, any Error>?
    let queuedAt: ContinuousClock.Instant
    /// Whether its commit need not be on the disk: see `Store.writePiece(_:)`.
    let isPiece: Bool
    /// Used by the queue: the address of the job added before this one.
    var older: UInt = 0
    /// Other jobs in its group, whose workers this one's worker wakes: see `finish(_:)`.
    private var followers: ArraySlice<WriteJob> = []
    /// Released as soon as it is no longer needed: it must not outlive the worker's call.
    private var work: ((Unit) throws -> Void)?
    private let done = DispatchSemaphore(value: 0)
    private let state = Atomic<State>(.waiting)

    init(isPiece: Bool = false, _ work: @escaping (Unit) throws -> Void) {
        self.isPiece = isPiece
        self.work = work
        queuedAt = .now
    }

    // MARK: The writer's side

    /// Whether the job is to be run; false once its worker has gone.
    func take() -> Bool {
        state.compareExchange(expected: .waiting, desired: .taken, ordering: .acquiringAndReleasing).exchanged
    }

    func run(_ unit: Unit) throws {
        guard let work else { preconditionFailure("a write was run after it was finished") }
        try work(unit)
    }

    /// How many workers each woken one wakes in turn. Waking one costs the writer a twentieth of a small write's work,
    /// and everybody waits for the writer; a worker has the time.
    private static let followersEach = 7

    /// Wakes a group's workers: one in every few, which then wakes the others. The jobs must not be touched afterwards.
    static func finish(_ group: [WriteJob]) {
        for job in group { job.work = nil }
        for start in stride(from: 0, to: group.count, by: followersEach + 1) {
            let leader = group[start]
            leader.followers = group[(start + 1)..<min(start + 1 + followersEach, group.count)]
            leader.done.signal()
        }
    }

    /// The same, if none of them got what they wanted.
    static func finish(_ group: [WriteJob], with error: any Error) {
        for job in group { job.outcome = .failure(error) }
        finish(group)
    }

    // MARK: The worker's side

    /// Waits until the job is done; throws what it threw, or `UnavailableError` if it has not begun in time.
    ///
    /// - Parameter cause: what the writer itself is waiting for; called if the job has not begun.
    func wait(seconds: Double, for cause: () -> UnavailableError.Cause) throws {
        if done.wait(timeout: .now() + seconds) == .timedOut {
            let withdrawn = state.compareExchange(
                expected: .waiting, desired: .withdrawn, ordering: .acquiringAndReleasing
            ).exchanged
            if withdrawn {
                work = nil
                throw UnavailableError("waited \(seconds) s for the writer", cause())
            }
            done.wait()
        }
        for follower in followers { follower.done.signal() }
        followers = []
        guard let outcome else { preconditionFailure("a write was finished without an outcome") }
        try outcome.get()
    }
}
