/// The shop's days: on which of them an instant falls, by the clocks where the shop is.
///
/// Figures are kept by hours of UTC. Where clocks differ from UTC by whole hours, a day has exactly its hours: 24, or 23 or
/// 25 when the clocks are changed. Where they differ by a part of an hour too, the hour around midnight counts whole to the
/// day in which it begins.
public struct ShopCalendar: Sendable {
    private let secondsAhead: @Sendable (Timestamp) -> Int64

    /// - Parameter secondsAhead: how far the clocks are ahead of UTC at an instant, in seconds.
    public init(secondsAhead: @escaping @Sendable (Timestamp) -> Int64) { self.secondsAhead = secondsAhead }

    /// Clocks that are never changed.
    public init(hoursAhead: Int64) { self.init { _ in hoursAhead * 3_600 } }

    /// Korea's.
    public static let korea = ShopCalendar(hoursAhead: 9)

    /// The time of the clocks at an instant, in milliseconds since their 1970-01-01 00:00.
    private func local(_ time: Timestamp) -> Int64 { time.milliseconds + secondsAhead(time) * 1_000 }

    public func day(of time: Timestamp) -> Day {
        Day(number: local(time).flooredDivision(by: Timestamp.Span.days(1).milliseconds).quotient)
    }

    /// The minute of the day that the clocks show, from 0 to 1,439.
    public func minuteOfDay(_ time: Timestamp) -> Int64 {
        local(time).flooredDivision(by: Timestamp.Span.days(1).milliseconds).remainder / 60_000
    }

    /// The first hour that begins on this day.
    public func firstHour(of day: Day) -> Hour {
        let midnight = Timestamp(milliseconds: day.number * Timestamp.Span.days(1).milliseconds)
        // Before the day in any case: clocks are changed by less than two hours, and half hours are less than one.
        var hour = (midnight - .seconds(secondsAhead(midnight))).hour - 3
        while self.day(of: hour.start) < day { hour = hour + 1 }
        return hour
    }

    /// The hours of the days.
    public func hours(of days: ClosedRange<Day>) -> Range<Hour> {
        firstHour(of: days.lowerBound)..<firstHour(of: days.upperBound + 1)
    }

    /// The time from one day to another, both included; for nil, from the beginning, or to the end. None if the last day is
    /// before the first.
    func times(from: Day?, to: Day?) -> Range<Timestamp> {
        let start = from.map { firstHour(of: $0).start } ?? Timestamp(milliseconds: .min)
        let end = to.map { firstHour(of: $0 + 1).start } ?? Timestamp(milliseconds: .max)
        return min(start, end)..<end
    }
}
