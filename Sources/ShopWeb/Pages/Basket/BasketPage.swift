/// The basket.
struct BasketPage: PageModel {
    static let template = PageTemplate.basket

    /// nil for a visitor without a basket.
    let contents: BasketContents?

    func child(named name: String) -> Any? {
        switch name {
        case "hasLines": contents.map { !$0.lines.isEmpty } ?? false
        default: contents?.child(named: name)
        }
    }
}

/// What is in the basket, and what it costs.
struct BasketContents: TemplateModel {
    let lines: [BasketRow]
    let total: String
    let discount: String
    let hasDiscount: Bool
    let final: String
    /// Marks the contents and prices that the customer has seen.
    let seen: String
    /// Whether the coupon is still the page's own choice.
    let isAuto: Bool
    let coupons: CouponChoices
    /// nil for a visitor.
    let means: Means?
    let won: WonOfBasket?

    func child(named name: String) -> Any? {
        switch name {
        case "lines": lines
        case "hasGone": lines.contains(where: \.isGone)
        case "total": total
        case "discount": discount
        case "hasDiscount": hasDiscount
        case "final": final
        case "seen": seen
        case "isAuto": isAuto
        case "won": won
        default: coupons.child(named: name) ?? means?.child(named: name)
        }
    }
}

/// A product in the basket.
struct BasketRow: TemplateModel {
    let id: Int64
    let href: String
    let picture: String
    let name: Named
    let unitPrice: String
    /// The unit price as a plain number.
    let price: Int64
    /// As typed, if it was.
    let quantity: String
    let amount: String
    /// Whether it is no longer sold.
    let isGone: Bool
    let fieldName: String
    let fieldError: String?

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "picture": picture
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "unitPrice": unitPrice
        case "price": price
        case "quantity": quantity
        case "amount": amount
        case "isGone": isGone
        case "fieldName": fieldName
        case "fieldError": fieldError
        default: nil
        }
    }
}

/// What the basket's script calculates with, as plain numbers.
struct WonOfBasket: TemplateModel {
    let balance: Int64
    let maximumCharge: Int64

    func child(named name: String) -> Any? {
        switch name {
        case "balance": balance
        case "maximumCharge": maximumCharge
        default: nil
        }
    }
}
