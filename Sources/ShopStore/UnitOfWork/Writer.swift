import Glibc
import Logging
import POSIX
import SQLite
import Shop

/// The single thread that writes: it commits in groups.
///
/// A commit costs a wait for the disk. The writer takes all waiting jobs, runs them in one immediate transaction, each
/// in a savepoint of its own, commits once, and wakes everybody. Nothing is answered before that commit, not even a
/// refusal: "sold out" may rest on a neighbour's work that is not committed yet.
final class Writer: Sendable {
    /// Bounds; see each.
    struct Limits: Sendable {
        /// The most jobs in one commit.
        var groupSize = 256
        /// The most jobs that may wait: more than there are workers, so only a caller without a bound of its own meets it.
        var queueDepth = 1_024
        /// How long a job may wait to begin, in seconds.
        var waitSeconds = 5.0
        /// After this long without a pause the writer leaves a gap. SQLite's lock is not fair: another process that
        /// waits for it might otherwise never find it free.
        var secondsBetweenGaps = 0.2
        var gapMicroseconds: UInt32 = 1_000
    }

    private let queue: WriteQueue
    private let limits: Limits
    private let connection: Connection
    private let synchronous: SQLiteStore.Options.Synchronous
    private let clocks: ChangeClocks
    private let checkpointer: Checkpointer
    private let trouble: StoreTrouble
    private let metrics: StoreMetrics
    private let logger: Logger
    private let statisticsSoFar = Locked(WriteStatistics())
    private let thread = Locked<StoreThread?>(nil)

    init(
        _ connection: Connection, synchronous: SQLiteStore.Options.Synchronous, clocks: ChangeClocks,
        checkpointer: Checkpointer, trouble: StoreTrouble, limits: Limits, metrics: StoreMetrics, logger: Logger
    ) {
        self.connection = connection
        self.synchronous = synchronous
        self.clocks = clocks
        self.checkpointer = checkpointer
        self.trouble = trouble
        self.limits = limits
        self.metrics = metrics
        self.logger = logger
        queue = WriteQueue(capacity: limits.queueDepth)
    }

    var statistics: WriteStatistics { statisticsSoFar.read { $0 } }

    /// Whether the writer is waiting for another process.
    var waitsForAnother: Bool { connection.isWaitingForLock }

    /// How many jobs are waiting.
    var queueDepth: Int { queue.depth }

    func start() throws {
        let started = try StoreThread(name: "writer") { [self] in loop() }
        thread.write { $0 = started }
    }

    /// Finishes the waiting jobs, then ends the thread.
    func stop() {
        queue.close()
        thread.write { $0.take() }?.join()
    }

    /// Makes the running statement fail. For tests.
    func interrupt() { connection.interrupt() }

    /// Passes the job to the writer and waits until it is committed or refused.
    ///
    /// - Parameter isPiece: whether the commit need not be on the disk then.
    func write<Result>(isPiece: Bool = false, _ work: (Unit) throws -> Result) throws -> Result {
        try withoutActuallyEscaping(work) { work in
            var result: Result?
            let job = WriteJob(isPiece: isPiece) { unit in result = try work(unit) }
            try queue.add(job)
            try job.wait(seconds: limits.waitSeconds) { connection.isWaitingForLock ? .locked : .other }
            guard let result else { preconditionFailure("a committed write without a result") }
            return result
        }
    }

    // MARK: The writer's thread

    private func loop() {
        let unit = Unit(connection)
        var work = WriteQueue.Reader(queue)
        var safety = Safety(connection)
        var lastGap = ContinuousClock.now
        while true {
            if !work.hasWork() {
                guard work.waitForWork() else { return }
                lastGap = .now
            } else if lastGap.duration(to: .now) > .seconds(limits.secondsBetweenGaps) {
                usleep(limits.gapMicroseconds)
                lastGap = .now
            }
            if work.isPieceNext {
                // Others who want the processor are about to write, or to be answered.
                ProcessorTurn.keepingShort { commitGroup(unit, &work, &safety) }
            } else {
                commitGroup(unit, &work, &safety)
            }
            checkpointer.didCommit(connection)
        }
    }

    /// How the connection's next commits reach the disk. Commits that need not be there yet are in the log all the same, in
    /// their order: whatever makes a later one durable has them durable before it.
    private struct Safety {
        private let connection: Connection
        private var level: SQLiteStore.Options.Synchronous?

        init(_ connection: Connection) { self.connection = connection }

        /// Between transactions.
        mutating func set(_ level: SQLiteStore.Options.Synchronous) throws {
            if level == self.level { return }
            self.level = nil
            try connection.execute("PRAGMA synchronous = \(level.rawValue)")
            self.level = level
        }
    }

    private func commitGroup(_ unit: Unit, _ work: inout WriteQueue.Reader, _ safety: inout Safety) {
        let began = ContinuousClock.now
        let takesPiece = work.isPieceNext
        func take() -> [WriteJob] { takesPiece ? work.takePiece() : work.take(atMost: limits.groupSize) }
        if let refusal = trouble.refusal() {
            WriteJob.finish(take(), with: refusal)
            return
        }
        let beginError = attempt {
            try safety.set(takesPiece ? .normal : synchronous)
            try connection.run("BEGIN IMMEDIATE")
        }
        // Taken after getting the lock: jobs that arrive during the wait for it join this group.
        let group = take()
        if let beginError {
            if Self.saysDamaged(beginError) { runEachAlone(group, unit) } else { finish(group, with: beginError) }
            return
        }
        let error = runInOneTransaction(group, unit)
        switch error {
        case .none:
            note(group, since: began)
            if let refusal = trouble.refusalAfterCommit() {
                WriteJob.finish(group, with: refusal)
            } else {
                WriteJob.finish(group)
            }
        case .commit(let error) where Self.saysDamaged(error.cause):
            runEachAlone(group, unit)
        case .commit(let error):
            finish(group, with: error)
        case .transactionLost(let error):
            logger.warning("a write ended the whole transaction; running each alone", metadata: ["error": "\(error)"])
            runEachAlone(group, unit)
        }
    }

    private func runEachAlone(_ group: [WriteJob], _ unit: Unit) {
        for job in group {
            runAlone(job, unit)
            WriteJob.finish([job])
        }
    }

    private enum GroupFailure {
        case commit(CommitError)
        /// SQLite ended the transaction on its own: everybody's work in it is gone.
        case transactionLost(any Error)
    }

    /// Runs all jobs and the commit; returns nil once it is on the disk.
    private func runInOneTransaction(_ group: [WriteJob], _ unit: Unit) -> GroupFailure? {
        unit.begin()
        for job in group {
            if let lost = runInSavepoint(job, unit) {
                rollBackIfOpen()
                return .transactionLost(lost)
            }
        }
        if let lost = attempt({ try unit.finish { queue.depth > 0 } }) {
            rollBackIfOpen()
            return .transactionLost(lost)
        }
        return commit(unit).map(GroupFailure.commit)
    }

    /// Runs one job so that its error undoes only its own work. Returns what ended the whole transaction, if anything
    /// did: the next SAVEPOINT would then open a new one, and its RELEASE commit it unnoticed.
    private func runInSavepoint(_ job: WriteJob, _ unit: Unit) -> (any Error)? {
        do {
            try connection.run("SAVEPOINT piece")
        } catch {
            return error
        }
        do {
            try job.run(unit)
            if connection.isAutocommit { return TransactionLostError() }
            try connection.run("RELEASE piece")
            unit.keep()
            job.outcome = .success(())
        } catch {
            // A job that reports damage is run again, alone.
            if connection.isAutocommit || Self.saysDamaged(error) { return error }
            if let undoError = attempt(undoPiece) { return undoError }
            unit.drop()
            job.outcome = .failure(Self.translated(error))
        }
        return connection.isAutocommit ? TransactionLostError() : nil
    }

    private func undoPiece() throws {
        try connection.run("ROLLBACK TO piece")
        try connection.run("RELEASE piece")
    }

    /// Runs one job in a transaction of its own, so that only the faulty one fails.
    private func runAlone(_ job: WriteJob, _ unit: Unit) {
        if let refusal = trouble.refusal() {
            job.outcome = .failure(refusal)
            return
        }
        do {
            try trouble.lookingAgain(connection) { try transact(job, unit) }
            job.outcome = trouble.refusalAfterCommit().map { .failure($0) } ?? .success(())
        } catch {
            job.outcome = .failure(Self.translated(error))
        }
    }

    private func transact(_ job: WriteJob, _ unit: Unit) throws {
        do {
            try connection.run("BEGIN IMMEDIATE")
            unit.begin()
            try job.run(unit)
            if connection.isAutocommit { throw TransactionLostError() }
            unit.keep()
            try unit.finish { queue.depth > 0 }
            if let failed = commit(unit) { throw Self.saysDamaged(failed.cause) ? failed.cause : failed }
        } catch {
            rollBackIfOpen()
            throw error
        }
    }

    /// Commits, or rolls back and returns the reason.
    private func commit(_ unit: Unit) -> CommitError? {
        let word = clocks.willCommit(changing: unit.changes.topics)
        let commitsBefore = checkpointer.commits
        guard let error = attempt({ try metrics.commit.time { try connection.run("COMMIT") } }) else {
            // If nothing was changed, SQLite counts no commit: the next one counted may be another process's.
            if checkpointer.commits == commitsBefore { clocks.didNotCommit(word) }
            return nil
        }
        clocks.didNotCommit(word)
        rollBackIfOpen()
        return CommitError(cause: error)
    }

    private func rollBackIfOpen() {
        if connection.isAutocommit { return }
        if let error = attempt({ try connection.run("ROLLBACK") }) {
            logger.error("rolling back failed", metadata: ["error": "\(error)"])
        }
    }

    private func finish(_ group: [WriteJob], with error: any Error) {
        let translated = Self.translated(error)
        let metadata: Logger.Metadata = ["error": "\(error)", "writes": "\(group.count)"]
        if (translated as? UnavailableError)?.isOutcomeKnown == false {
            logger.error("it is not known whether a group was written", metadata: metadata)
        } else {
            logger.warning("nothing of a group could be written", metadata: metadata)
        }
        WriteJob.finish(group, with: translated)
    }

    private static func saysDamaged(_ error: any Error) -> Bool { (error as? SQLiteError)?.saysDamaged == true }

    private func note(_ group: [WriteJob], since began: ContinuousClock.Instant) {
        metrics.groupSize.record(group.count)
        let now = ContinuousClock.now
        statisticsSoFar.write { statistics in
            statistics.groups += 1
            statistics.writes += group.count
            statistics.largestGroup = max(statistics.largestGroup, group.count)
            statistics.deepestQueue = max(statistics.deepestQueue, group.count + queue.depth)
            statistics.committing += began.duration(to: now)
            if let oldest = group.first {
                statistics.longestWait = max(statistics.longestWait, oldest.queuedAt.duration(to: now))
            }
        }
    }

    private static func cause(_ error: SQLiteError) -> UnavailableError.Cause {
        if error.isFull { return .diskFull }
        if error.isBusy { return .locked }
        return error.saysDamaged ? .damaged : .other
    }

    private func attempt(_ step: () throws -> Void) -> (any Error)? {
        do {
            try step()
            return nil
        } catch {
            return error
        }
    }

    /// What SQLite cannot do at present becomes `UnavailableError`; a broken constraint is a programming error, and the
    /// shop's own errors stay as they are.
    static func translated(_ error: any Error) -> any Error {
        switch error {
        case let error as SQLiteError where !error.isConstraint:
            UnavailableError(error.description, cause(error))
        case let failed as CommitError:
            failed.unavailable
        case is TransactionLostError: UnavailableError("SQLite ended the transaction")
        default: error
        }
    }
}

/// The COMMIT itself failed.
private struct CommitError: Error, CustomStringConvertible {
    let cause: any Error

    /// If the disk failed, the log may still contain the whole commit: this process takes it as undone and overwrites
    /// it with its next one, but after a power cut before that, it is found and counts.
    var unavailable: any Error {
        guard let error = cause as? SQLiteError, error.isOfTheDisk else { return Writer.translated(cause) }
        return UnavailableError(error.description, isOutcomeKnown: false)
    }

    var description: String { "\(cause)" }
}

/// SQLite ended the transaction, and the job that caused that swallowed the reason.
private struct TransactionLostError: Error {}

/// What the writer has done since it started.
public struct WriteStatistics: Sendable {
    public var groups = 0
    public var writes = 0
    public var largestGroup = 0
    public var deepestQueue = 0
    /// From BEGIN to COMMIT, added up.
    public var committing = Duration.zero
    /// From a job's arrival to its commit.
    public var longestWait = Duration.zero
}
