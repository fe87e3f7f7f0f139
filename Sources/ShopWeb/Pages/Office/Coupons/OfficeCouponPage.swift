/// One coupon: what it is, how it went, who has it.
struct OfficeCouponPage: PageModel {
    static let template = PageTemplate.officeCoupon

    let facts: CouponFacts
    let state: CouponStateModel
    let taken: String
    let remaining: String
    let used: String
    /// nil before anybody took one in the first hour.
    let chart: BarChart?
    let filters: [FilterLink]
    let holders: [CouponHolderRow]
    /// All of them, as a file.
    let holdersHref: String
    let shopHref: String
    /// nil for who may not add coupons.
    let copyHref: String?
    /// nil for who may not close it, and once it is closed.
    let closeHref: String?
    /// nil for who may not see the trace.
    let traceHref: String?
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "state": state
        case "taken": taken
        case "remaining": remaining
        case "used": used
        case "chart": chart
        case "filters": filters
        case "holders": holders
        case "hasHolders": !holders.isEmpty
        case "holdersHref": holdersHref
        case "shopHref": shopHref
        case "copyHref": copyHref
        case "closeHref": closeHref
        case "traceHref": traceHref
        default: facts.child(named: name) ?? pages.child(named: name)
        }
    }
}

/// What a coupon is.
struct CouponFacts: TemplateModel {
    let name: Named
    let discount: String
    /// nil if there is no minimum.
    let minimum: String?
    let quantity: String
    let opensAt: TimeModel
    let closesAt: TimeModel
    /// nil unless it was closed early.
    let closedAt: TimeModel?
    let validity: String

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "discount": discount
        case "minimum": minimum
        case "quantity": quantity
        case "opensAt": opensAt
        case "closesAt": closesAt
        case "closedAt": closedAt
        case "validity": validity
        default: nil
        }
    }
}

/// Somebody who has taken the coupon.
struct CouponHolderRow: TemplateModel {
    let user: Int64
    /// nil for who may not see customers.
    let href: String?
    let login: String
    let name: Named
    let issuedAt: TimeModel
    let expiresAt: TimeModel
    let usedAt: TimeModel?
    /// The order's number; nil unless it is used.
    let order: Int64?
    /// nil for who may not see orders.
    let orderHref: String?
    let isExpired: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "user": user
        case "href": href
        case "login": login
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "issuedAt": issuedAt
        case "expiresAt": expiresAt
        case "usedAt": usedAt
        case "order": order
        case "orderHref": orderHref
        case "isExpired": isExpired
        default: nil
        }
    }
}
