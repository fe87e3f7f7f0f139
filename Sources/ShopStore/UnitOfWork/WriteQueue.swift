import Dispatch
import Shop
import Synchronization

/// The work that waits for the writer; bounded. Workers wake the writer only when there was nothing to do.
final class WriteQueue: Sendable {
    private struct State {
        var jobs: [WriteJob] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let notEmpty = DispatchSemaphore(value: 0)
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    /// Throws `Unavailable` at once when too many wait, or when nobody will come.
    func add(_ job: WriteJob) throws {
        let wasEmpty = try state.withLock { state in
            if state.isClosed { throw Unavailable("the store is closed") }
            guard state.jobs.count < capacity else { throw Unavailable("\(capacity) writes are waiting") }
            state.jobs.append(job)
            return state.jobs.count == 1
        }
        if wasEmpty { notEmpty.signal() }
    }

    var depth: Int { state.withLock { $0.jobs.count } }

    /// Waits for work; false when there is none and will be none.
    func waitForWork() -> Bool {
        while true {
            let (depth, isClosed) = state.withLock { ($0.jobs.count, $0.isClosed) }
            if depth > 0 { return true }
            if isClosed { return false }
            notEmpty.wait()
        }
    }

    /// The oldest jobs whose workers still wait, at most so many.
    func take(atMost limit: Int) -> [WriteJob] {
        let jobs = state.withLock { state in
            let jobs = Array(state.jobs.prefix(limit))
            state.jobs.removeFirst(jobs.count)
            return jobs
        }
        return jobs.filter { $0.take() }
    }

    /// Takes no more; what is in the queue is still done.
    func close() {
        state.withLock { $0.isClosed = true }
        notEmpty.signal()
    }
}
