import CLinux
import Glibc

/// How long a thread may keep the processor while another waits for it.
public enum ProcessorTurn {
    /// In nanoseconds, the shortest that the kernel takes.
    private static let short: UInt64 = 100_000

    /// Does work whose thread gives the processor away after a tenth of a millisecond, if somebody else wants it; otherwise
    /// that takes Linux some milliseconds. The thread gets as much of the processor as before, in smaller pieces.
    ///
    /// Without effect before Linux 6.12, which has no such choice, and where the calls are refused.
    public static func keepingShort<Result>(_ work: () throws -> Result) rethrows -> Result {
        var attributes = clinux_scheduling()
        guard clinux_get_scheduling(&attributes) == 0, attributes.policy == SCHED_OTHER else { return try work() }
        let before = attributes
        attributes.runtime = short
        guard clinux_set_scheduling(&attributes) == 0 else { return try work() }
        defer {
            attributes = before
            _ = clinux_set_scheduling(&attributes)
        }
        return try work()
    }

    /// The calling thread's, in nanoseconds; nil where Linux does not tell.
    public static var nanoseconds: UInt64? {
        var attributes = clinux_scheduling()
        guard clinux_get_scheduling(&attributes) == 0, attributes.runtime > 0 else { return nil }
        return attributes.runtime
    }
}
