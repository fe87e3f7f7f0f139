/// The form for a new coupon.
struct NewCouponPage: PageModel {
    static let template = PageTemplate.newCoupon

    /// What the fields begin with.
    let values: [String: String]
    let isPercent: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "values": values
        case "isPercent": isPercent
        default: nil
        }
    }
}

/// A coupon as it will be, before it is made.
struct CouponPreviewPage: PageModel {
    static let template = PageTemplate.couponPreview

    /// As customers will see it once it is open.
    let card: CouponCard
    let facts: CouponFacts
    let fields: [HiddenField]
    /// Back to the form, with what was typed.
    let changeHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "card": card
        case "facts": facts
        case "fields": fields
        case "changeHref": changeHref
        default: nil
        }
    }
}

/// Asks whether a coupon is to be closed early.
struct CloseCouponPage: PageModel {
    static let template = PageTemplate.closeCoupon

    let facts: CouponFacts
    let remaining: String
    let taken: String
    let closeHref: String
    let backHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "remaining": remaining
        case "taken": taken
        case "closeHref": closeHref
        case "backHref": backHref
        default: facts.child(named: name)
        }
    }
}
