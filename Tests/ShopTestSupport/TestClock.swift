import POSIX
public import Shop

/// A clock that stands still until a test moves it.
public final class TestClock: Sendable {
    /// Where every test starts: 2026-03-02 10:20:30.456 in Seoul, in the middle of an hour.
    public static let start = Timestamp(milliseconds: 1_772_414_430_456)

    private let milliseconds: Locked<Int64>

    public init(_ start: Timestamp = TestClock.start) { milliseconds = Locked(start.milliseconds) }

    public var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }

    public func set(_ time: Timestamp) { milliseconds.withLock { $0 = time.milliseconds } }

    public func advance(_ span: Timestamp.Span) { milliseconds.withLock { $0 += span.milliseconds } }

    /// In the form that the services take.
    public var shopClock: ShopClock { ShopClock { self.now } }
}
