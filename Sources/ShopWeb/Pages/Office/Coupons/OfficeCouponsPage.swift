/// The staff's list of coupons.
struct OfficeCouponsPage: PageModel {
    static let template = PageTemplate.officeCoupons

    let filters: [FilterLink]
    let coupons: [OfficeCouponRow]
    let fileHref: String
    /// nil for who may not add coupons.
    let newHref: String?
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "filters": filters
        case "coupons": coupons
        case "hasCoupons": !coupons.isEmpty
        case "fileHref": fileHref
        case "newHref": newHref
        default: pages.child(named: name)
        }
    }
}

/// A coupon in the list.
struct OfficeCouponRow: TemplateModel {
    let href: String
    let name: Named
    let discount: String
    let state: CouponStateModel
    let opensAt: TimeModel
    let closesAt: TimeModel
    let taken: String
    let quantity: String

    func child(named name: String) -> Any? {
        switch name {
        case "href": href
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "discount": discount
        case "state": state
        case "opensAt": opensAt
        case "closesAt": closesAt
        case "taken": taken
        case "quantity": quantity
        default: nil
        }
    }
}

/// A coupon's state, as the staff call it.
struct CouponStateModel: TemplateModel {
    let text: String
    let isGood: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "text": text
        case "isGood": isGood
        default: nil
        }
    }
}
