import Shop

/// Days as people write them.
extension Wording {
    /// With its year and the day of the week.
    func day(_ day: Day) -> String { words(.dayFull, values(day)) }

    /// Without its year, for a row of days.
    func shortDay(_ day: Day) -> String { words(.dayShort, values(day)) }

    /// Without its year and day of the week.
    func axisDay(_ day: Day) -> String { words(.dayAxis, values(day)) }

    func month(_ day: Day) -> String { words(.monthFull, values(day)) }

    func year(_ day: Day) -> String { words(.yearFull, values(day)) }

    /// A day, a month, a year, or from one day to another.
    func days(_ days: ClosedRange<Day>) -> String {
        let (first, last) = (days.lowerBound, days.upperBound)
        if first == last { return day(first) }
        if first == first.startOfYear, last + 1 == first.month(after: 12) { return year(first) }
        if first == first.startOfMonth, last + 1 == first.month(after: 1) { return month(first) }
        return words(.daysFromTo, ["from": .text(day(first)), "to": .text(day(last))])
    }

    private func values(_ day: Day) -> KeyValuePairs<String, Phrase.Value> {
        let (year, month, date) = day.date
        return [
            "year": .text(String(year)), "month": .text(name(.months, at: Int(month) - 1)), "day": .text(String(date)),
            "weekday": .text(name(.weekdays, at: day.weekday)),
        ]
    }

    /// One of a word's names, which commas part.
    private func name(_ list: WordKey, at place: Int) -> String {
        let names = words(list).split(separator: ",").map { String($0) }
        return names.indices.contains(place) ? names[place] : ""
    }
}

extension ShopCalendar {
    /// The clocks' time at which an hour begins.
    func clock(_ hour: Hour) -> String {
        let minute = minuteOfDay(hour.start)
        func twoDigits(_ number: Int64) -> String { (number < 10 ? "0" : "") + String(number) }
        return "\(twoDigits(minute / 60)):\(twoDigits(minute % 60))"
    }
}
