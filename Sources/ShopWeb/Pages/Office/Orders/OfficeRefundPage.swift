/// Where somebody says what is to be refunded.
struct OfficeRefundPage: PageModel {
    static let template = PageTemplate.officeRefund

    let head: OfficeOrderHead
    let checkHref: String
    let lines: [RefundChoiceRow]
    /// What everything that is left is worth.
    let left: String
    /// How many refunds the order has.
    let seen: Int
    let returnsToStock: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "order": head
        case "checkHref": checkHref
        case "lines": lines
        case "left": left
        case "seen": seen
        case "returnsToStock": returnsToStock
        default: nil
        }
    }
}

/// A product of which some can be refunded.
struct RefundChoiceRow: TemplateModel {
    let name: Named
    let quantity: String
    let left: Int64
    let leftText: String
    /// What one is worth, or a little less.
    let worth: String
    let fieldName: String
    /// What was typed.
    let typed: String
    let fieldError: String?

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "quantity": quantity
        case "hasLeft": left > 0
        case "leftText": leftText
        case "worth": worth
        case "fieldName": fieldName
        case "typed": typed
        case "fieldError": fieldError
        default: nil
        }
    }
}

/// Says exactly what a refund will move, before it does.
struct OfficeRefundCheckPage: PageModel {
    static let template = PageTemplate.officeRefundCheck

    let head: OfficeOrderHead
    let lines: [RefundMoveRow]
    let amount: String
    let balance: BalanceMove
    let returnsToStock: Bool
    /// What happens with the coupon; nil without one.
    let coupon: String?
    let statusAfter: String
    let refundHref: String
    let backHref: String
    /// What was chosen, to be sent with the form.
    let fields: [HiddenField]

    func child(named name: String) -> Any? {
        switch name {
        case "order": head
        case "lines": lines
        case "amount": amount
        case "balance": balance
        case "returnsToStock": returnsToStock
        case "coupon": coupon
        case "statusAfter": statusAfter
        case "refundHref": refundHref
        case "backHref": backHref
        case "fields": fields
        default: nil
        }
    }
}

/// A product that comes back.
struct RefundMoveRow: TemplateModel {
    let name: Named
    let quantity: String
    let amount: String
    let stockBefore: String
    let stockAfter: String

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "quantity": quantity
        case "amount": amount
        case "stockBefore": stockBefore
        case "stockAfter": stockAfter
        default: nil
        }
    }
}

/// The customer's balance, now and then.
struct BalanceMove: TemplateModel {
    let before: String
    let after: String

    func child(named name: String) -> Any? {
        switch name {
        case "before": before
        case "after": after
        default: nil
        }
    }
}

/// Says that there is nothing left to refund.
struct OfficeRefundOverPage: PageModel {
    static let template = PageTemplate.officeRefundOver

    let head: OfficeOrderHead

    func child(named name: String) -> Any? {
        switch name {
        case "order": head
        default: nil
        }
    }
}
