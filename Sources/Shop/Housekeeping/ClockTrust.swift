import Glibc

/// What the machine's clock said, and how long the machine had been up by then.
public struct ClockReading: Sendable, Equatable {
    public let at: Timestamp
    /// Includes time asleep, but not time switched off.
    public let uptime: Timestamp.Span

    public init(at: Timestamp, uptime: Timestamp.Span) {
        self.at = at
        self.uptime = uptime
    }

    /// How much further the clock has gone since an earlier reading than the machine has been up; zero if it has not. A
    /// machine that was off in between looks the same as a clock that was set ahead.
    func unexplained(since earlier: ClockReading) -> Timestamp.Span {
        let isSameBoot = uptime >= earlier.uptime
        let shown = isSameBoot ? uptime.milliseconds - earlier.uptime.milliseconds : uptime.milliseconds
        return Timestamp.Span(milliseconds: max(0, at.milliseconds - earlier.at.milliseconds - shown))
    }
}

/// How long the machine has been up; handed in, so that tests set it.
public struct Uptime: Sendable {
    public let now: @Sendable () -> Timestamp.Span

    public init(now: @escaping @Sendable () -> Timestamp.Span) { self.now = now }

    /// The machine's own uptime.
    public static let system = Uptime {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Timestamp.Span(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

public protocol ClockRepository {
    /// From the last run of the batch that trusted the clock; nil for never.
    func trusted() throws -> ClockReading?
    func trust(_ reading: ClockReading) throws
}
