import Shop

/// Times in RFC 3339's format: written in UTC with milliseconds, read with any offset.
enum DateTime {
    static func text(_ time: Timestamp) -> String {
        let (days, millisecondsOfDay) = time.milliseconds.flooredDivision(by: 86_400_000)
        let (year, month, day) = civil(daysSince1970: days)
        let (hours, minutes, seconds, milliseconds) = (
            millisecondsOfDay / 3_600_000, millisecondsOfDay / 60_000 % 60, millisecondsOfDay / 1_000 % 60,
            millisecondsOfDay % 1_000
        )
        return String(unsafeUninitializedCapacity: 24) { buffer in
            var at = 0
            func put(_ value: Int64, _ digits: Int, then separator: UInt8) {
                var rest = value
                for place in stride(from: at + digits - 1, through: at, by: -1) {
                    buffer[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                at += digits
                buffer[at] = separator
                at += 1
            }
            put(year, 4, then: UInt8(ascii: "-"))
            put(month, 2, then: UInt8(ascii: "-"))
            put(day, 2, then: UInt8(ascii: "T"))
            put(hours, 2, then: UInt8(ascii: ":"))
            put(minutes, 2, then: UInt8(ascii: ":"))
            put(seconds, 2, then: UInt8(ascii: "."))
            put(milliseconds, 3, then: UInt8(ascii: "Z"))
            return at
        }
    }

    /// nil for an invalid time, such as one on February 30. Years 1 to 9999, in UTC as well; fractions beyond
    /// milliseconds are cut off, and a leap second counts as the second after it.
    static func time(_ text: String) -> Timestamp? {
        var scanner = Scanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hours = scanner.number(2), scanner.skip(":"), let minutes = scanner.number(2), scanner.skip(":"),
            let seconds = scanner.number(2), let milliseconds = scanner.fraction(),
            let offset = scanner.offsetMinutes(),
            scanner.isAtEnd
        else { return nil }
        guard (1...9999).contains(year), (1...12).contains(month), (1...daysIn(month, of: year)).contains(day),
            hours < 24, minutes < 60, seconds <= 60
        else { return nil }
        let days = daysSince1970(year, month, day)
        let clock = ((days * 24 + hours) * 60 + minutes - offset) * 60 + seconds
        guard (daysSince1970(1, 1, 1) * 86_400..<daysSince1970(10_000, 1, 1) * 86_400).contains(clock) else {
            return nil
        }
        return Timestamp(milliseconds: clock * 1_000 + milliseconds)
    }

    private struct Scanner {
        private var rest: Substring.UTF8View

        init(_ text: String) { rest = text[...].utf8 }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func number(_ digits: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        private mutating func digit() -> Int64? {
            guard let first = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
            rest.removeFirst()
            return Int64(first - UInt8(ascii: "0"))
        }

        /// Milliseconds; 0 without a fraction, nil for a point without digits.
        mutating func fraction() -> Int64? {
            guard skip(".") else { return 0 }
            var (value, scale): (Int64, Int64) = (0, 100)
            guard let first = digit() else { return nil }
            value = first * scale
            while let next = digit() {
                scale /= 10
                value += next * scale
            }
            return value
        }

        mutating func offsetMinutes() -> Int64? {
            if skip("Z") || skip("z") { return 0 }
            let isWest = rest.first == UInt8(ascii: "-")
            guard skip("+") || skip("-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24,
                minutes < 60
            else { return nil }
            return (isWest ? -1 : 1) * (hours * 60 + minutes)
        }
    }

    // Gregorian days, counted in eras of 400 years that start in March, so that a leap day is the last of its year.

    private static func civil(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.flooredDivision(by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func daysIn(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
