import Foundation
import Shop
import Web

/// Amounts, times and refusals as people write them, in one language.
struct Wording: Sendable {
    let words: Words
    let timeZone: TimeZone

    var language: Language { words.language }

    func won(_ won: Won) -> String { words.won(won) }

    func number(_ number: Int64) -> String { words.number(number) }

    /// The number of different products, as text.
    func items(_ count: Int) -> String { words(.items, ["count": .number(Int64(count))]) }

    /// With a plus sign if it was added to a balance.
    func change(_ won: Won) -> String { (won > .zero ? "+" : "") + self.won(won) }

    /// The shop's local time, and the instant for programs.
    func time(_ time: Timestamp) -> TimeModel {
        TimeModel(text: text(time), datetime: DateTime.text(time))
    }

    /// The shop's local time.
    func text(_ time: Timestamp) -> String {
        let seconds = timeZone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.milliseconds) / 1_000))
        // Shifted by the zone's offset, the UTC fields are those of the local time.
        let local = DateTime.text(time + .seconds(Int64(seconds)))
        let parts = local.split { "-T:.Z".contains($0) }.map { String($0) }
        let months = words(.months).split(separator: ",").map { String($0) }
        guard parts.count >= 5, let month = Int(parts[1]), months.indices.contains(month - 1), let day = Int(parts[2])
        else { return local }
        return words(
            .time,
            [
                "year": .text(parts[0]), "month": .text(months[month - 1]), "day": .text(String(day)),
                "hour": .text(parts[3]),
                "minute": .text(parts[4]),
            ])
    }

    /// The time from `now` until `then`; never negative.
    func span(from now: Timestamp, to then: Timestamp) -> String {
        let minutes = max(0, then.milliseconds - now.milliseconds) / 60_000
        let (days, hours) = (minutes / 1_440, minutes / 60)
        if days > 0 { return words(.daysAndHours, ["days": .number(days), "hours": .number(hours % 24)]) }
        if hours > 0 { return words(.hoursAndMinutes, ["hours": .number(hours), "minutes": .number(minutes % 60)]) }
        if minutes > 0 { return words(.minutes, ["minutes": .number(minutes)]) }
        return words(.lessThanAMinute)
    }

    /// A name in the shop, marked if it is not in the page's language.
    func named(_ text: String) -> Named {
        let isForeign = language != .korean && text.unicodeScalars.contains { (0xac00...0xd7a3).contains($0.value) }
        return Named(text: text, lang: isForeign ? Language.korean.rawValue : false)
    }

    func discount(_ discount: Discount) -> String {
        switch discount {
        case .fixed(let amount): words(.discountFixed, ["amount": .won(amount)])
        case .percent(let percent, nil): words(.discountPercent, ["percent": .number(percent)])
        case .percent(let percent, let maximum?):
            words(.discountPercentMaximum, ["percent": .number(percent), "maximum": .won(maximum)])
        }
    }

    /// nil if there is no minimum.
    func minimum(_ amount: Won) -> String? {
        amount > .zero ? words(.minimumOrder, ["amount": .won(amount)]) : nil
    }

    func status(_ status: Order.Status) -> String {
        switch status {
        case .pending: words(.pending)
        case .completed: words(.completed)
        case .cancelled: words(.cancelled)
        case .expired: words(.expired)
        case .refunded: words(.refunded)
        }
    }

    /// The order's, and whether a part of it was given back.
    func status(_ order: Order, at now: Timestamp) -> String {
        order.isPartlyRefunded ? words(.partlyRefunded) : status(order.status(at: now))
    }

    func kind(_ kind: BalanceEntry.Kind) -> String {
        switch kind {
        case .charge: words(.charge)
        case .payment: words(.payment)
        case .refund: words(.refund)
        case .correction: words(.correction)
        }
    }

    /// What is wrong with a form's field.
    func issue(_ error: FieldError) -> String {
        switch error.issue {
        case .missing: words(.errorRequired)
        case .type("time"): words(.errorTime)
        case .type: words(.errorNumber)  // the only other type that a form's field can miss
        case .after(let other): words(.errorAfter, ["other": .text(label(other) ?? other)])
        case .below(let least): words(.errorAtLeast, ["least": .number(least)])
        case .above(let most): words(.errorAtMost, ["most": .number(most)])
        case .shorter(let least): words(.errorTooShort, ["least": .number(Int64(least))])
        case .longer(let most): words(.errorTooLong, ["most": .number(Int64(most))])
        case .characters where error.field == "login": words(.errorCharactersOfLogin)
        default: words(error.issue.phrase)
        }
    }

    /// The form's name for a field; nil if it has none.
    func label(_ field: String) -> String? {
        WordKey(rawValue: "field_" + field.prefix { $0 != "-" }).map { words($0) }
    }
}
