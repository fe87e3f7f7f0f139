import Dispatch
import Glibc
import Logging
import SQLite
import Shop
import Synchronization

/// Copies the WAL back into the database beside the writer, so that no commit waits for it.
///
/// A passive checkpoint never makes anybody wait, but while the writer goes on it never reaches the WAL's end either, and
/// the file would grow without bound. So it is copied once it is worth while, and again what came meanwhile, until little
/// is left: that the writer does itself, and starts the WAL from its beginning.
final class Checkpointer: Sendable {
    /// Frames (pages) in the WAL that make a checkpoint worth while: by default 96 MiB of 4 KiB pages. Each copying waits
    /// for the disk beside the writer's commits, so it should be seldom: with a third of these frames the slowest hundredth
    /// of the answers took two fifths longer.
    private let framesToCopy: Int
    /// Frames at which the writer waits for the copying.
    private let framesAtMost: Int
    /// What the writer copies itself: this share of the frames, some milliseconds' work even where each is another page.
    private static let littleShare = 128
    /// How long the writer waits for readers of older frames, and all writes with it. A read that takes longer (an
    /// audit, a backup) is left alone; the writer tries again when the WAL has grown by as much as makes it worth while.
    private static let waitMilliseconds = 50
    /// Frames at which there is something to do.
    private let nextTry: Atomic<Int>
    /// Frames that are in the database already.
    private let copied = Atomic<Int>(0)
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
    ///   - connection: one of the checkpointer's own.
    ///   - writer: the writing connection, whose commits are counted.
    init(
        _ connection: Connection, writer: Connection, framesToCopy: Int, framesAtMost: Int, metrics: StoreMetrics,
        logger: Logger
    ) {
        self.connection = connection
        self.framesToCopy = framesToCopy
        self.framesAtMost = framesAtMost
        nextTry = Atomic(framesToCopy)
        self.metrics = metrics
        self.logger = logger
        counter = WALSize(writer)
    }

    func start() throws {
        let started = try StoreThread(name: "checkpointer") { [self] in
            while true {
                wake.wait()
                if isStopping.load(ordering: .acquiring) { return }
                if let done = copy(connection, .passive) {
                    copied.store(done, ordering: .relaxed)
                } else {
                    // Not with the next commit, nor with each after it: what is wrong with the disk takes its time.
                    nextTry.add(framesToCopy, ordering: .relaxed)
                }
                isBusy.store(false, ordering: .releasing)
            }
        }
        thread.write { $0 = started }
    }

    func stop() {
        isStopping.store(true, ordering: .releasing)
        wake.signal()
        thread.write { $0.take() }?.join()
    }

    /// Commits of the writer that changed the database; asked for on its thread.
    var commits: Int { counter.commits }

    /// Frames in the WAL after the writer's last commit.
    var frames: Int { framesNow.load(ordering: .relaxed) }

    /// The writer has committed; called on its thread.
    func didCommit(_ writer: Connection) {
        let frames = counter.frames
        framesNow.store(frames, ordering: .relaxed)
        if frames < framesToCopy {
            // The WAL has started from its beginning.
            copied.store(0, ordering: .relaxed)
            nextTry.store(framesToCopy, ordering: .relaxed)
            return
        }
        let isTooLong = frames >= framesAtMost
        if frames < nextTry.load(ordering: .relaxed) || isBusy.load(ordering: .acquiring) && !isTooLong { return }
        let left = frames - copied.load(ordering: .relaxed)
        if left <= framesToCopy / Self.littleShare || isTooLong {
            if isTooLong, !waitUntilCopied() { return }
            copy(writer, .restart)
            nextTry.store(frames + framesToCopy, ordering: .relaxed)
        } else {
            isBusy.store(true, ordering: .releasing)
            wake.signal()
        }
    }

    /// Lets a copying that is under way come to its end, so that the writer does not run away from it; false where that
    /// takes too long.
    private func waitUntilCopied() -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(250)
        while isBusy.load(ordering: .acquiring) {
            if ContinuousClock.now > deadline { return false }
            usleep(1_000)
        }
        return true
    }

    /// Says how many frames are copied.
    @discardableResult
    private func copy(_ connection: Connection, _ mode: Connection.CheckpointMode) -> Int? {
        do {
            return try metrics.checkpoint.time {
                try connection.checkpoint(mode, waitingAtMostMilliseconds: Self.waitMilliseconds).copied
            }
        } catch {
            logger.warning("checkpoint failed", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
