import Glibc

/// An instant, in milliseconds since 1970 (UTC), as it is stored.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

    public static func + (time: Timestamp, span: Span) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds + span.milliseconds)
    }

    public static func - (time: Timestamp, span: Span) -> Timestamp {
        Timestamp(milliseconds: time.milliseconds - span.milliseconds)
    }

    /// The hour of this instant, counted from 1970.
    public var hour: Hour { Hour(number: milliseconds / Span.hours(1).milliseconds) }

    /// A length of time.
    public struct Span: Hashable, Comparable, Sendable {
        public let milliseconds: Int64

        public init(milliseconds: Int64) { self.milliseconds = milliseconds }

        public static func seconds(_ count: Int64) -> Span { Span(milliseconds: count * 1_000) }
        public static func minutes(_ count: Int64) -> Span { .seconds(count * 60) }
        public static func hours(_ count: Int64) -> Span { .minutes(count * 60) }
        public static func days(_ count: Int64) -> Span { .hours(count * 24) }
        /// How many times `unit` fits into `span`.
        public static func / (span: Span, unit: Span) -> Int64 { span.milliseconds / unit.milliseconds }
        public static func < (one: Span, other: Span) -> Bool { one.milliseconds < other.milliseconds }
    }
}

/// A clock hour; sales are counted by it.
public struct Hour: Hashable, Comparable, Sendable {
    public let number: Int64

    public init(number: Int64) { self.number = number }

    public static func < (one: Hour, other: Hour) -> Bool { one.number < other.number }
    public static func + (hour: Hour, count: Int64) -> Hour { Hour(number: hour.number + count) }
    public static func - (hour: Hour, count: Int64) -> Hour { Hour(number: hour.number - count) }
    /// How many hours lie between them.
    public static func - (hour: Hour, other: Hour) -> Int64 { hour.number - other.number }

    /// The instant at which it begins.
    public var start: Timestamp { Timestamp(milliseconds: number * Timestamp.Span.hours(1).milliseconds) }
}

/// The source of the time; handed in, so that tests can set it.
public struct ShopClock: Sendable {
    public let now: @Sendable () -> Timestamp

    public init(now: @escaping @Sendable () -> Timestamp) { self.now = now }

    /// The machine's clock.
    public static let system = ShopClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
