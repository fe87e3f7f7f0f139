/// A coupon in a list.
struct CouponCard: TemplateModel {
    let href: String
    let takeHref: String
    let name: Named
    let discount: String
    /// nil if there is no minimum.
    let minimum: String?
    let remaining: String
    let percentLeft: Int64
    let opensAt: TimeModel
    /// nil once it has opened.
    let opensIn: String?
    let closesAt: TimeModel
    /// nil if it has not opened, or has closed.
    let closesIn: String?
    let isComing: Bool
    let isOpen: Bool
    let isSoldOut: Bool
    let isClosed: Bool
    let isMine: Bool
    let canTake: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "href": href
        case "takeHref": takeHref
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "discount": discount
        case "minimum": minimum
        case "remaining": remaining
        case "percentLeft": percentLeft
        case "opensAt": opensAt
        case "opensIn": opensIn
        case "closesAt": closesAt
        case "closesIn": closesIn
        case "isComing": isComing
        case "isOpen": isOpen
        case "isSoldOut": isSoldOut
        case "isClosed": isClosed
        case "isMine": isMine
        case "canTake": canTake
        default: nil
        }
    }
}

/// One coupon, and the form to take it.
struct CouponPage: PageModel {
    static let template = PageTemplate.coupon

    let card: CouponCard
    let quantity: String
    let validity: String
    /// nil for anybody who does not have it.
    let mine: HeldCoupon?
    /// Whether it has just been taken.
    let isNew: Bool
    /// Whether the customer tried to take it again.
    let isAgain: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "quantity": quantity
        case "validity": validity
        case "mine": mine
        case "isNew": isNew
        case "isAgain": isAgain
        default: card.child(named: name)
        }
    }
}

/// The state of the customer's own coupon.
struct HeldCoupon: TemplateModel {
    let useHref: String
    let expiresAt: TimeModel
    let orderHref: String?
    let isUsable: Bool
    let isUsed: Bool
    let isExpired: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "useHref": useHref
        case "expiresAt": expiresAt
        case "orderHref": orderHref
        case "isUsable": isUsable
        case "isUsed": isUsed
        case "isExpired": isExpired
        default: nil
        }
    }
}
