import Glibc
import POSIX

/// Keeps long work from taking the processor, or the writer, from a shop that sells: the work is done in pieces that are soon
/// done, with a rest after each.
public enum Pace {
    /// Rests for so many times as long as the piece has taken of this thread's processor, and at least `shortest`. Meanwhile
    /// whoever wants the processor does not wait for the piece's end.
    ///
    /// - Parameter piece: does a piece of the work, on this thread.
    public static func resting<Result>(
        _ times: Int = 3, shortest: Duration = .zero, after piece: () throws -> Result
    ) rethrows -> Result {
        let began = processorTime()
        let result = try ProcessorTurn.keepingShort(piece)
        let rest = max((processorTime() - began) * times, shortest)
        usleep(UInt32(rest / .microseconds(1)))
        return result
    }

    /// What this thread has used so far.
    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
