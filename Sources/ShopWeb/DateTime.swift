import Shop

/// Times in RFC 3339's format: written in UTC with milliseconds, read with any offset.
enum DateTime {
    /// A year that the format cannot have, before 0 or after 9999, is written with its sign and nine digits, as ISO 8601
    /// allows.
    static func text(_ time: Timestamp) -> String {
        let (days, millisecondsOfDay) = time.milliseconds.flooredDivision(by: 86_400_000)
        let (year, month, day) = Day(number: days).date
        let (hours, minutes, seconds, milliseconds) = (
            millisecondsOfDay / 3_600_000, millisecondsOfDay / 60_000 % 60, millisecondsOfDay / 1_000 % 60,
            millisecondsOfDay % 1_000
        )
        let isUsual = (0...9999).contains(year)
        return String(unsafeUninitializedCapacity: isUsual ? 24 : 30) { buffer in
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
            if !isUsual {
                buffer[0] = year < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+")
                at = 1
            }
            put(Int64(year.magnitude), isUsual ? 4 : 9, then: UInt8(ascii: "-"))
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
        guard let days = Day(year: year, month: month, day: day)?.number, hours < 24, minutes < 60, seconds <= 60
        else { return nil }
        let clock = ((days * 24 + hours) * 60 + minutes - offset) * 60 + seconds
        guard secondsRange.contains(clock) else { return nil }
        return Timestamp(milliseconds: clock * 1_000 + milliseconds)
    }

    /// The years 1 to 9999, in seconds since 1970.
    private static let secondsRange: Range<Int64> = -62_135_596_800..<253_402_300_800

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
}
