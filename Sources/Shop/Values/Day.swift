/// A date of the calendar, without a time zone.
public struct Day: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01.
    public let number: Int64

    /// The first and the last day that somebody can ask for: of the years 1 to 9999.
    public static let range = Day(countedFrom: 1, 1, 1)...Day(countedFrom: 9999, 12, 31)

    public init(number: Int64) { self.number = number }

    /// nil for a date that does not exist, such as February 30, and outside of the years 1 to 9999.
    public init?(year: Int64, month: Int64, day: Int64) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day)
        else { return nil }
        self.init(countedFrom: year, month, day)
    }

    public static func < (one: Day, other: Day) -> Bool { one.number < other.number }
    public static func + (day: Day, count: Int64) -> Day { Day(number: day.number + count) }
    public static func - (day: Day, count: Int64) -> Day { Day(number: day.number - count) }
    /// How many days lie between them.
    public static func - (day: Day, other: Day) -> Int64 { day.number - other.number }

    // Gregorian days, counted in eras of 400 years that start in March, so that a leap day is the last of its year.

    /// As people write it.
    public var date: (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (number + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The day of the week: 0 for Monday, 6 for Sunday.
    public var weekday: Int { Int((number + 3).flooredDivision(by: 7).remainder) }

    /// The first day of this day's month.
    public var startOfMonth: Day { self - (date.day - 1) }

    /// The first day of this day's year.
    public var startOfYear: Day { Day(countedFrom: date.year, 1, 1) }

    /// The first day of the month that comes so many months after this day's.
    public func month(after count: Int64) -> Day {
        let (years, month) = (date.month - 1 + count).flooredDivision(by: 12)
        return Day(countedFrom: date.year + years, month + 1, 1)
    }

    private init(countedFrom year: Int64, _ month: Int64, _ day: Int64) {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// Rounded down, so that the remainder is never negative.
    public func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
