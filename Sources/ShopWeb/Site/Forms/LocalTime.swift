import Foundation
import Shop

/// Times as a form's `datetime-local` field has them: the shop's local time to the minute, `2026-11-27T10:00`.
enum LocalTime {
    /// Nil for what is no time. One that the clocks skip is taken for the hour after it; of one that they show twice, the
    /// first.
    static func time(_ text: String, in zone: TimeZone) -> Timestamp? {
        let isShort = text.utf8.count == "2026-11-27T10:00".utf8.count
        guard let local = DateTime.time(text + (isShort ? ":00Z" : "Z")) else { return nil }
        // Of the two offsets around a change, the one before it counts where both would do.
        let before = offset(at: local - .days(1), zone)
        let first = local - before
        if offset(at: first, zone) == before { return first }
        let second = local - offset(at: local, zone)
        return offset(at: second, zone) == offset(at: local, zone) ? second : first
    }

    /// The local time, without its seconds.
    static func text(_ time: Timestamp, in zone: TimeZone) -> String {
        String(DateTime.text(time + offset(at: time, zone)).prefix("2026-11-27T10:00".count))
    }

    private static func offset(at time: Timestamp, _ zone: TimeZone) -> Timestamp.Span {
        .seconds(Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1_000))))
    }
}
