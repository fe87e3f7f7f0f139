import Dispatch
import POSIX

/// Whether the shop can sell: whether a write reaches the disk.
public final class Readiness: Sendable {
    /// What became of a write.
    public enum Outcome: Sendable, Equatable {
        case committed
        /// The store could not write.
        case refused(reason: String, UnavailableError.Cause)
        /// There is no answer yet.
        case late

        /// What keeps the shop from writing; nil if nothing does.
        public var cause: UnavailableError.Cause? {
            switch self {
            case .committed: nil
            case .refused(_, let cause): cause
            case .late: .other
            }
        }
    }

    /// One write, and everybody who waits for it.
    private final class Attempt: Sendable {
        let outcome = Locked(Outcome.late)
        let done = DispatchGroup()
    }

    private let store: any Store
    /// A stuck write cannot be cancelled, so there is never more than one.
    private let running = Locked<Attempt?>(nil)
    private let queue = DispatchQueue(label: "readiness")

    public init(_ store: any Store) { self.store = store }

    /// Makes a write that changes nothing, or joins one under way; returns `.late` if that takes too long.
    public func check(within seconds: Double) -> Outcome {
        let attempt = running.write { running in
            if let running { return running }
            let attempt = Attempt()
            attempt.done.enter()
            running = attempt
            queue.async { [self] in run(attempt) }
            return attempt
        }
        if attempt.done.wait(timeout: .now() + seconds) == .timedOut {
            return store.waitsForAnother
                ? .refused(reason: "another process has the database's write lock", .locked) : .late
        }
        return attempt.outcome.read { $0 }
    }

    private func run(_ attempt: Attempt) {
        let outcome: Outcome
        do {
            try store.touch()
            outcome = .committed
        } catch {
            let unavailable = error as? UnavailableError
            outcome = .refused(reason: unavailable?.reason ?? "\(error)", unavailable?.cause ?? .other)
        }
        attempt.outcome.write { $0 = outcome }
        // First, so that whoever asks from here on gets a new write.
        running.write { $0 = nil }
        attempt.done.leave()
    }
}
