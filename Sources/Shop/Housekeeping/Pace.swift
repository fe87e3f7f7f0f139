import Glibc
import POSIX

/// Keeps long work from taking the processor, or the writer, from a shop that sells: the work is done in pieces that are soon
/// done, with a rest after each.
public enum Pace {
    /// Rests for so many times as long as the piece has taken of this thread's processor. Meanwhile whoever wants the processor
    /// does not wait for the piece's end.
    ///
    /// - Parameter piece: does a piece of the work, on this thread.
    public static func resting<Result>(_ times: Int = 3, after piece: () throws -> Result) rethrows -> Result {
        let began = processorTime()
        let result = try ProcessorTurn.keepingShort(piece)
        sleep((processorTime() - began) * times)
        return result
    }

    /// Work on many items, spread evenly over the time that it may take: a shop that sells is slowed down by a third of the work
    /// for three times as long much less than by all of it at once.
    public struct Spread {
        private let each: Duration
        private let shortestRest: Duration
        private let began = ContinuousClock.now
        private var items = 0

        /// - Parameters:
        ///   - each: how long an item may take, rests included. Who is late rests as shortly as may be, until that is made up.
        ///   - shortestRest: after each piece.
        public init(each: Duration, shortestRest: Duration) {
            self.each = each
            self.shortestRest = shortestRest
        }

        /// Does a piece of the work, on this thread, and rests.
        ///
        /// - Parameter piece: returns how many items it was.
        @discardableResult
        public mutating func rest(after piece: () throws -> Int) rethrows -> Int {
            let count = try ProcessorTurn.keepingShort(piece)
            items += count
            Pace.sleep(rest(at: .now))
            return count
        }

        /// How long to rest from now on.
        public func rest(at now: ContinuousClock.Instant) -> Duration {
            max(each * items - began.duration(to: now), shortestRest)
        }
    }

    private static func sleep(_ rest: Duration) { usleep(UInt32(rest / .microseconds(1))) }

    /// What this thread has used so far.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
