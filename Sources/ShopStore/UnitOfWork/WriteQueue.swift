import Dispatch
import Shop
import Synchronization

/// The jobs that wait for the writer; bounded. Workers wake the writer only if it had nothing to do.
///
/// A linked list with one atomic exchange per push and one to take all of it, so that no worker waits for another here.
final class WriteQueue: Sendable {
    private let capacity: Int
    /// Jobs in the list or with the writer, but not yet in a group.
    private let count = Atomic<Int>(0)
    /// The address of the newest job that the writer has not seen, 0 for none; each job holds that of the one before.
    private let newest = Atomic<UInt>(0)
    private let notEmpty = DispatchSemaphore(value: 0)
    private let isClosed = Atomic<Bool>(false)

    init(capacity: Int) { self.capacity = capacity }

    deinit { _ = takeAll() }

    /// Throws `UnavailableError` at once if too many are waiting, or if the queue is closed.
    func add(_ job: WriteJob) throws {
        let before = count.add(1, ordering: .sequentiallyConsistent).oldValue
        guard before < capacity, !isClosed.load(ordering: .sequentiallyConsistent) else {
            count.subtract(1, ordering: .sequentiallyConsistent)
            // The writer may have counted this one while it was about to end, and be waiting for it.
            notEmpty.signal()
            throw UnavailableError(before < capacity ? "the store is closed" : "\(capacity) writes are waiting")
        }
        let address = UInt(bitPattern: Unmanaged.passRetained(job).toOpaque())
        var expected = newest.load(ordering: .relaxed)
        while true {
            job.older = expected
            let (exchanged, original) = newest.compareExchange(
                expected: expected, desired: address, ordering: .acquiringAndReleasing)
            if exchanged { break }
            expected = original
        }
        if expected == 0 { notEmpty.signal() }
    }

    /// How many jobs are waiting.
    var depth: Int { count.load(ordering: .relaxed) }

    /// Accepts no more; the jobs in the queue are still run.
    func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        notEmpty.signal()
    }

    // MARK: The writer's side

    /// The writer's end of the queue: the jobs that it has seen, oldest first.
    struct Reader: ~Copyable {
        private let queue: WriteQueue
        private var jobs: [WriteJob] = []
        /// Pieces of long work, which are committed by themselves.
        private var pieces: [WriteJob] = []
        /// Whether the turn is a piece's, if there are others as well.
        private var isTurnOfPiece = false

        init(_ queue: WriteQueue) { self.queue = queue }

        /// Waits for a job; false if there is none and there will be none.
        mutating func waitForWork() -> Bool {
            while !hasWork() {
                // Counted but not in the list yet: its worker is about to add it, and signals.
                if queue.isClosed.load(ordering: .sequentiallyConsistent), queue.depth == 0 { return false }
                queue.notEmpty.wait()
            }
            return true
        }

        /// Whether there is a job right now.
        mutating func hasWork() -> Bool {
            if jobs.isEmpty, pieces.isEmpty { fetch() }
            return !jobs.isEmpty || !pieces.isEmpty
        }

        /// Whether a piece is next: after every group of others one, so that both get on.
        var isPieceNext: Bool { jobs.isEmpty || isTurnOfPiece && !pieces.isEmpty }

        /// The oldest jobs whose workers are still waiting, at most `limit`, none of them a piece.
        mutating func take(atMost limit: Int) -> [WriteJob] {
            fetch()
            isTurnOfPiece = true
            return Self.take(limit, of: &jobs, queue)
        }

        /// The oldest piece, if its worker is still waiting.
        mutating func takePiece() -> [WriteJob] {
            fetch()
            isTurnOfPiece = false
            return Self.take(1, of: &pieces, queue)
        }

        private static func take(_ limit: Int, of jobs: inout [WriteJob], _ queue: WriteQueue) -> [WriteJob] {
            let taken = jobs.prefix(limit)
            jobs.removeFirst(taken.count)
            queue.count.subtract(taken.count, ordering: .sequentiallyConsistent)
            return taken.filter { $0.take() }
        }

        private mutating func fetch() {
            for job in queue.takeAll().reversed() {
                if job.isPiece { pieces.append(job) } else { jobs.append(job) }
            }
        }
    }

    /// The whole list, newest first.
    private func takeAll() -> [WriteJob] {
        var jobs: [WriteJob] = []
        var next = newest.exchange(0, ordering: .acquiringAndReleasing)
        while let pointer = UnsafeRawPointer(bitPattern: next) {
            let job = Unmanaged<WriteJob>.fromOpaque(pointer).takeRetainedValue()
            next = job.older
            jobs.append(job)
        }
        return jobs
    }
}
