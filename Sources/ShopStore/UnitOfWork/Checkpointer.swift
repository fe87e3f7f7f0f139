import Dispatch
import Glibc
import Logging
import POSIX
import SQLite
import Shop
import Synchronization

/// Copies the WAL back into the database in parallel with the writer, so that no commit waits for it.
///
/// A passive checkpoint makes nobody wait, but it never reaches the WAL's end while the writer goes on, and the file
/// would grow without bound. So the WAL is copied once that is worthwhile, then what was added meanwhile, until little
/// is left; that, the writer copies itself, and starts the WAL over.
final class Checkpointer: Sendable {
    /// Frames (pages) in the WAL that make a checkpoint worthwhile: by default 96 MiB of 4 KiB pages. Each checkpoint
    /// competes with the writer's commits for the disk, so it should be rare: with a third of these frames, the slowest
    /// hundredth of the answers took two fifths longer.
    private let framesToCopy: Int
    /// Frames at which the writer waits for the checkpoint.
    private let framesAtMost: Int
    /// What the writer copies itself: this share of the frames, a few milliseconds' work at worst.
    private static let littleShare = 128
    /// How long the writer, and so every write, waits for readers of older frames. A longer read (an audit, a backup)
    /// is left alone; the writer tries again once the WAL has grown by another worthwhile amount.
    private static let waitMilliseconds = 50
    /// After each quarter of a MiB that is copied.
    private static let restMicroseconds: UInt32 = 1_000
    /// Frames at which to act next.
    private let nextTry: Atomic<Int>
    /// Frames already copied into the database.
    private let copied = Atomic<Int>(0)
    /// The size of a log of `framesAtMost`; a longer one is cut as soon as nobody reads it.
    private let bytesAtMost: Int
    private let trouble: StoreTrouble
    private let held = Locked<ContinuousClock.Instant?>(nil)
    private let connection: Connection
    private let counter: WALSize
    private let framesNow = Atomic<Int>(0)
    private let metrics: StoreMetrics
    private let logger: Logger
    private let wake = DispatchSemaphore(value: 0)
    private let isBusy = Atomic<Bool>(false)
    private let isStopping = Atomic<Bool>(false)
    private let thread = Locked<StoreThread?>(nil)

    /// - Parameters:
    ///   - connection: the checkpointer's own.
    ///   - writer: the writing connection, whose commits are counted.
    init(
        _ connection: Connection, writer: Connection, framesToCopy: Int, framesAtMost: Int, trouble: StoreTrouble,
        metrics: StoreMetrics, logger: Logger
    ) throws {
        self.connection = connection
        self.framesToCopy = framesToCopy
        self.framesAtMost = framesAtMost
        nextTry = Atomic(framesToCopy)
        self.trouble = trouble
        self.metrics = metrics
        self.logger = logger
        bytesAtMost = Connection.logBytes(frames: framesAtMost)
        // When the log starts over, the first commit truncates it to this.
        try writer.limitLog(bytes: bytesAtMost)
        counter = WALSize(writer)
    }

    func start() throws {
        let started = try StoreThread(name: "checkpointer") { [self] in
            var nextLook = DispatchTime.now() + Self.secondsBetweenLooks
            while true {
                let isWoken = wake.wait(timeout: nextLook) == .success
                if isStopping.load(ordering: .acquiring) { return }
                if isWoken {
                    // A tenth of a second's work, for which nobody waits.
                    ProcessorTurn.keepingShort(copyBeside)
                    isBusy.store(false, ordering: .releasing)
                }
                if DispatchTime.now() >= nextLook {
                    look()
                    nextLook = .now() + Self.secondsBetweenLooks
                }
            }
        }
        thread.write { $0 = started }
    }

    private func copyBeside() {
        let before = copied.load(ordering: .relaxed)
        let done = copy(connection, .passive)
        if let done { copied.store(done, ordering: .relaxed) }
        // Not again at the very next commits: a disk problem or a long read takes its time.
        if done ?? 0 <= before { nextTry.add(framesToCopy, ordering: .relaxed) }
    }

    // MARK: Once a second

    private static let secondsBetweenLooks = 1.0
    /// A reader that holds the log up for longer than this is reported.
    private static let secondsUntilTold = 10.0

    /// Checks the files, whether anybody writes or not.
    private func look() {
        guard trouble.refusal() == nil else { return }
        let bytes = logBytes
        let seconds = heldUpSeconds(now: .now)
        if seconds > Self.secondsUntilTold {
            logger.warning(
                "the log grows, since a process has been reading the database for long: jangteo doctor names it",
                metadata: ["MiB": "\(bytes >> 20)"])
        }
        if bytes > bytesAtMost { cut() }
    }

    /// Truncates the log if nobody reads older frames; writes wait for a few milliseconds at most.
    private func cut() {
        guard let (frames, done) = attempt(connection, .passive) else { return }
        copied.store(done, ordering: .relaxed)
        guard frames - done <= littleLeft else { return }
        _ = attempt(connection, .truncate)
    }

    /// Lets commits reach the disk between what is copied. Not if the writer is faster than that, nor at the end.
    private func rest() {
        if frames < 2 * framesToCopy, !isStopping.load(ordering: .acquiring) { usleep(Self.restMicroseconds) }
    }

    private var littleLeft: Int { max(1, framesToCopy / Self.littleShare) }
    /// More groups arrive during the wait. What a reader has held up is far more, and is left to the thread.
    private var littleLeftWhenTooLong: Int { framesToCopy / 4 }

    /// The size of the log file; 0 if there is none.
    var logBytes: Int {
        var status = stat()
        return stat(trouble.files.log, &status) == 0 ? Int(status.st_size) : 0
    }

    /// How long the log has been longer than it should be; 0 if it is not.
    var heldUpSeconds: Double { heldUpSeconds(now: .now) }

    private func heldUpSeconds(now: ContinuousClock.Instant) -> Double {
        held.write { since in
            guard logBytes > bytesAtMost else {
                since = nil
                return 0
            }
            let began = since ?? now
            since = began
            return began.duration(to: now) / .seconds(1)
        }
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake.signal()
        thread.write { $0.take() }?.join()
        // Nobody would truncate it until the shop is restarted.
        if trouble.refusal() == nil, logBytes > bytesAtMost { cut() }
    }

    /// The writer's commits that changed the database; to be read on its thread.
    var commits: Int { counter.commits }

    /// Frames in the WAL after the writer's last commit.
    var frames: Int { framesNow.load(ordering: .relaxed) }

    /// The writer has committed; called on its thread.
    func didCommit(_ writer: Connection) {
        let frames = counter.frames
        framesNow.store(frames, ordering: .relaxed)
        if frames < framesToCopy {
            // The WAL has started over.
            copied.store(0, ordering: .relaxed)
            nextTry.store(framesToCopy, ordering: .relaxed)
            return
        }
        if frames < nextTry.load(ordering: .relaxed) { return }
        let isTooLong = frames >= framesAtMost
        if isBusy.load(ordering: .acquiring), !isTooLong || !waitUntilCopied() { return }
        let left = frames - copied.load(ordering: .relaxed)
        if left <= (isTooLong ? littleLeftWhenTooLong : littleLeft) {
            copy(writer, .restart)
            nextTry.store(frames + framesToCopy, ordering: .relaxed)
        } else {
            isBusy.store(true, ordering: .releasing)
            wake.signal()
        }
    }

    /// Waits for a running checkpoint, so that the writer does not outrun it; returns false if that takes too long.
    private func waitUntilCopied() -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(250)
        while isBusy.load(ordering: .acquiring) {
            if ContinuousClock.now > deadline { return false }
            usleep(1_000)
        }
        return true
    }

    /// Returns how many frames are copied.
    @discardableResult
    private func copy(_ connection: Connection, _ mode: Connection.CheckpointMode) -> Int? {
        attempt(connection, mode)?.copied
    }

    private func attempt(
        _ connection: Connection, _ mode: Connection.CheckpointMode
    ) -> (frames: Int, copied: Int)? {
        // For the others the writer waits.
        let pause = mode == .passive ? { self.rest() } : nil
        do {
            return try metrics.checkpoint.time {
                try trouble.lookingAgain(connection) {
                    try connection.checkpoint(
                        mode, waitingAtMostMilliseconds: Self.waitMilliseconds, pausing: pause)
                }
            }
        } catch {
            logger.warning("checkpoint failed", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
