import Foundation
import Shop
import Testing

/// The shop's days: dates, and the hours that count to them.
struct ShopCalendarTests {
    private func calendar(_ zone: String) throws -> ShopCalendar {
        let zone = try #require(TimeZone(identifier: zone))
        return ShopCalendar { time in
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1_000)))
        }
    }

    private func day(_ year: Int64, _ month: Int64, _ day: Int64) throws -> Day {
        try #require(Day(year: year, month: month, day: day))
    }

    private func hours(_ day: Day, _ zone: String) throws -> Int64 {
        let hours = try calendar(zone).hours(of: day...day)
        return hours.upperBound - hours.lowerBound
    }

    @Test func `dates are counted through, and those that do not exist are none`() throws {
        #expect(try day(1970, 1, 1).number == 0)
        #expect(try day(2024, 2, 29) + 1 == day(2024, 3, 1))
        for (year, month, date) in [(2023, 2, 29), (2026, 4, 31), (2026, 0, 1), (2026, 13, 1), (2026, 1, 0), (0, 1, 1)]
        {
            #expect(Day(year: Int64(year), month: Int64(month), day: Int64(date)) == nil)
        }
        for number: Int64 in stride(from: -800_000, through: 800_000, by: 997) {
            let (year, month, date) = Day(number: number).date
            if (1...9999).contains(year) { #expect(try day(year, month, date).number == number) }
        }
    }

    @Test func `weeks, months and years begin where they should`() throws {
        #expect(try day(2026, 3, 2).weekday == 0)
        #expect(try day(1969, 12, 28).weekday == 6)
        #expect(try day(2026, 3, 31).startOfMonth == day(2026, 3, 1))
        #expect(try day(2026, 3, 31).startOfYear == day(2026, 1, 1))
        #expect(try day(2026, 1, 31).month(after: 1) == day(2026, 2, 1))
        #expect(try day(2026, 12, 31).month(after: 1) == day(2027, 1, 1))
        #expect(try day(2026, 1, 31).month(after: -1) == day(2025, 12, 1))
    }

    @Test func `a day of Korea begins at 15 o'clock of UTC`() throws {
        let korea = ShopCalendar.korea
        let day = try day(2026, 3, 2)
        #expect(korea.firstHour(of: day).start.milliseconds == (day.number * 24 - 9) * 3_600_000)
        #expect(korea.day(of: korea.firstHour(of: day).start) == day)
        #expect(korea.day(of: korea.firstHour(of: day).start - .seconds(1)) == day - 1)
        #expect(try hours(day, "Asia/Seoul") == 24)
        #expect(korea.minuteOfDay(korea.firstHour(of: day).start + .minutes(61)) == 61)
    }

    @Test func `a day on which clocks are changed has 23 hours or 25`() throws {
        #expect(try hours(day(2026, 3, 29), "Europe/Berlin") == 23)
        #expect(try hours(day(2026, 3, 30), "Europe/Berlin") == 24)
        #expect(try hours(day(2026, 10, 25), "Europe/Berlin") == 25)
        #expect(try hours(day(2026, 3, 8), "America/New_York") == 23)
        #expect(try hours(day(2026, 11, 1), "America/New_York") == 25)
        // At midnight, so that the day begins at one o'clock.
        #expect(try hours(day(2026, 9, 6), "America/Santiago") == 23)
    }

    @Test func `with half hours the hour around midnight counts to the day in which it begins`() throws {
        let india = try calendar("Asia/Kolkata")
        let day = try day(2026, 3, 2)
        #expect(try hours(day, "Asia/Kolkata") == 24)
        let first = india.firstHour(of: day)
        #expect(india.minuteOfDay(first.start) == 30)
        #expect(india.day(of: (first - 1).start) == day - 1)
    }

    @Test(arguments: [
        "Asia/Seoul", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Kiritimati",
        "Pacific/Pago_Pago", "Asia/Kathmandu", "Africa/Casablanca",
    ])
    func `each hour counts to exactly one day`(_ zone: String) throws {
        let calendar = try calendar(zone)
        let first = try day(2026, 1, 1)
        for day in (first.number..<first.number + 366).map({ Day(number: $0) }) {
            let hours = calendar.hours(of: day...day)
            #expect((23...25).contains(hours.upperBound - hours.lowerBound))
            for number in hours.lowerBound.number..<hours.upperBound.number {
                #expect(calendar.day(of: Hour(number: number).start) == day)
            }
        }
    }
}
