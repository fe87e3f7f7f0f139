import Foundation
import Shop

extension ShopCalendar {
    /// The calendar of a time zone; nil if there is none of this name.
    init?(timeZone name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        self.init { time in
            Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1_000)))
        }
    }
}
