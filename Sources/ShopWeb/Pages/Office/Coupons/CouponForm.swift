import Foundation
import Shop
import Web

/// The form for a new coupon.
enum CouponForm {
    static let fields = [
        "name", "kind", "discount", "rate", "maximum", "minimum", "quantity", "opensAt", "closesAt", "validDays",
    ]
    static let fixed = "fixed"
    static let percent = "percent"
}

extension Form {
    /// Reads a coupon; refuses what is wrong, in the page's order.
    mutating func couponDraft(in zone: TimeZone) -> CouponDraft {
        let name = text("name", length: Coupon.nameLength)
        let discount = discount()
        let minimum = Won(integer("minimum", in: Coupon.minimumOrderRange.inWon))
        let quantity = integer("quantity", in: Coupon.quantityRange)
        let opensAt = time("opensAt", in: zone)
        let closesAt = time("closesAt", in: zone)
        if let opensAt, let closesAt, closesAt <= opensAt { refuse("closesAt", .after("opensAt")) }
        let validDays = integer("validDays", in: Coupon.validDaysRange)
        return CouponDraft(
            name: name, discount: discount, minimumOrderAmount: minimum, quantity: quantity,
            opensAt: opensAt ?? Timestamp(milliseconds: 0), closesAt: closesAt ?? Timestamp(milliseconds: 0),
            validDays: validDays)
    }

    private mutating func discount() -> Discount {
        switch self["kind"] {
        case CouponForm.fixed: return .fixed(Won(integer("discount", in: Discount.amountRange.inWon)))
        case CouponForm.percent:
            let percent = integer("rate", in: Discount.percentRange)
            let hasMaximum = self["maximum"]?.contains { !$0.isWhitespace } ?? false
            let maximum = hasMaximum ? Won(integer("maximum", in: Discount.amountRange.inWon)) : nil
            return .percent(percent, maximum: maximum)
        default:
            refuse("kind", .choice([CouponForm.fixed, CouponForm.percent]))
            return .fixed(.zero)
        }
    }

    private mutating func time(_ name: String, in zone: TimeZone) -> Timestamp? {
        guard let text = self[name], !text.isEmpty else {
            refuse(name, .missing)
            return nil
        }
        let time = LocalTime.time(text, in: zone)
        if time == nil { refuse(name, .type("time")) }
        return time
    }
}

extension ClosedRange<Won> {
    fileprivate var inWon: ClosedRange<Int64> { lowerBound.amount...upperBound.amount }
}
