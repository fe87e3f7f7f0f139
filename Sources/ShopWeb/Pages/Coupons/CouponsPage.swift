/// The list of coupons.
struct CouponsPage: PageModel {
    static let template = PageTemplate.coupons

    let open: [CouponCard]
    let coming: [CouponCard]

    func child(named name: String) -> Any? {
        switch name {
        case "open": open
        case "hasOpen": !open.isEmpty
        case "coming": coming
        case "hasComing": !coming.isEmpty
        default: nil
        }
    }
}

/// The customer's own coupons.
struct MyCouponsPage: PageModel {
    static let template = PageTemplate.myCoupons

    let isFirstPage: Bool
    let usable: [OwnCoupon]
    let used: [OwnCoupon]
    let expired: [OwnCoupon]
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "isFirstPage": isFirstPage
        case "usable": usable
        case "hasUsable": !usable.isEmpty
        case "used": used
        case "hasUsed": !used.isEmpty
        case "expired": expired
        case "hasExpired": !expired.isEmpty
        default: pages.child(named: name)
        }
    }
}

/// One of the customer's own coupons.
struct OwnCoupon: TemplateModel {
    let name: Named
    let discount: String
    /// nil if there is no minimum.
    let minimum: String?
    let issuedAt: TimeModel
    let expiresAt: TimeModel
    let usedAt: TimeModel?
    let useHref: String
    let orderHref: String?

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "discount": discount
        case "minimum": minimum
        case "issuedAt": issuedAt
        case "expiresAt": expiresAt
        case "usedAt": usedAt
        case "useHref": useHref
        case "orderHref": orderHref
        default: nil
        }
    }
}
