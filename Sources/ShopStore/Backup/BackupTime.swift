import Glibc

/// When a backup was made, to the second (UTC), as in its name: `20261125T031500Z`.
public struct BackupTime: Hashable, Comparable, Sendable {
    /// Seconds since 1970.
    public let seconds: Int

    public init(seconds: Int) { self.seconds = seconds }

    /// Parses `20261125T031500Z` and `2026-11-25T03:15:00Z`; nil for anything else, including impossible dates.
    public init?(_ text: some StringProtocol) {
        let pattern = /(\d{4})(-?)(\d\d)\2(\d\d)T(\d\d)(:?)(\d\d)\6(\d\d)Z/
        guard let match = String(text).wholeMatch(of: pattern)?.output else { return nil }
        func number(_ digits: Substring) -> Int32 { Int32(digits) ?? 0 }
        var fields = tm()
        fields.tm_year = number(match.1) - 1_900
        fields.tm_mon = number(match.3) - 1
        fields.tm_mday = number(match.4)
        fields.tm_hour = number(match.5)
        fields.tm_min = number(match.7)
        fields.tm_sec = number(match.8)
        self.init(seconds: timegm(&fields))
        // A date that is not in the calendar has turned into another.
        guard name == text || self.text == text else { return nil }
    }

    public static func < (one: BackupTime, other: BackupTime) -> Bool { one.seconds < other.seconds }

    /// As used in a file's name.
    public var name: String { formatted("%Y%m%dT%H%M%SZ") }

    /// As used in `last-good` (ISO 8601).
    public var text: String { formatted("%Y-%m-%dT%H:%M:%SZ") }

    private var fields: tm {
        var time = time_t(seconds)
        var fields = tm()
        gmtime_r(&time, &fields)
        return fields
    }

    private func formatted(_ format: String) -> String {
        var fields = fields
        var bytes = [CChar](repeating: 0, count: 32)
        let count = strftime(&bytes, bytes.count, format, &fields)
        return String(decoding: bytes.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: Periods, as numbers that differ from one to the next

    /// Counted from 1970.
    var day: Int { Int((Double(seconds) / 86_400).rounded(.down)) }
    /// Weeks start on Mondays; 1970 started on a Thursday.
    var week: Int { Int((Double(day + 3) / 7).rounded(.down)) }
    var month: Int {
        let fields = fields
        return Int(fields.tm_year) * 12 + Int(fields.tm_mon)
    }
}
