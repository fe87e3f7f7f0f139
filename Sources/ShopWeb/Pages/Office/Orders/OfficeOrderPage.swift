/// One order, with everything that happened to it.
struct OfficeOrderPage: PageModel {
    static let template = PageTemplate.officeOrder

    let head: OfficeOrderHead
    /// The customer's page; nil for whoever may not see it.
    let customerHref: String?
    let lines: [OfficeLineRow]
    let sums: OfficeSums
    let events: [OrderEventRow]
    /// How many are left out behind the first; nil if none are.
    let eventsLeftOut: String?
    let refunds: [OfficeRefundRow]
    let coupon: OfficeCouponModel?
    let paidAt: TimeModel?
    /// What was left of the balance after the payment.
    let balanceAfter: String?
    /// nil for whoever may not refund it, or if nothing is left to refund.
    let refundHref: String?
    /// nil for whoever may not write notes.
    let noteForm: NoteForm?
    /// nil for whoever may not see it.
    let traceHref: String?

    func child(named name: String) -> Any? {
        switch name {
        case "order": head
        case "customerHref": customerHref
        case "lines": lines
        case "sums": sums
        case "events": events
        case "eventsLeftOut": eventsLeftOut
        case "refunds": refunds
        case "hasRefunds": !refunds.isEmpty
        case "coupon": coupon
        case "paidAt": paidAt
        case "balanceAfter": balanceAfter
        case "refundHref": refundHref
        case "noteForm": noteForm
        case "traceHref": traceHref
        default: nil
        }
    }
}

/// Which order it is, whose, and how it stands.
struct OfficeOrderHead: TemplateModel {
    let href: String
    let status: String
    let statusText: String
    let createdAt: TimeModel
    /// nil if it does not wait to be paid.
    let expiresAt: TimeModel?
    let login: String
    let name: Named
    /// The customer's other orders.
    let ordersHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "href": href
        case "status": status
        case "statusText": statusText
        case "createdAt": createdAt
        case "expiresAt": expiresAt
        case "login": login
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "ordersHref": ordersHref
        default: nil
        }
    }
}

/// A product of the order.
struct OfficeLineRow: TemplateModel {
    let name: Named
    /// The product, or for whoever may not see it the orders with it.
    let href: String
    let unitPrice: String
    let quantity: String
    let amount: String
    /// nil if none were.
    let refunded: String?

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "href": href
        case "unitPrice": unitPrice
        case "quantity": quantity
        case "amount": amount
        case "refunded": refunded
        default: nil
        }
    }
}

struct OfficeSums: TemplateModel {
    let total: String
    /// nil without a discount.
    let discount: String?
    let final: String
    let isPaid: Bool
    /// nil if nothing was given back.
    let refunded: String?
    let kept: String

    func child(named name: String) -> Any? {
        switch name {
        case "total": total
        case "discount": discount
        case "final": final
        case "isPaid": isPaid
        case "refunded": refunded
        case "kept": kept
        default: nil
        }
    }
}

/// One thing that happened.
struct OrderEventRow: TemplateModel {
    /// nil where it was not written down.
    let at: TimeModel?
    let kind: String
    let what: String
    let who: String
    /// nil where no money moved.
    let amount: String?
    let note: Named?

    func child(named name: String) -> Any? {
        switch name {
        case "at": at
        case "kind": kind
        case "what": what
        case "who": who
        case "amount": amount
        case "note": note?.text
        case "noteLang": note?.lang ?? false
        default: nil
        }
    }
}

/// One refund of the order.
struct OfficeRefundRow: TemplateModel {
    let at: TimeModel
    let who: String
    let amount: String
    let lines: [RefundLineRow]
    let returnedToStock: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "at": at
        case "who": who
        case "amount": amount
        case "lines": lines
        case "returnedToStock": returnedToStock
        default: nil
        }
    }
}

/// The coupon that the order was made with.
struct OfficeCouponModel: TemplateModel {
    let name: Named
    let discount: String
    /// Whether it counts as used by this order.
    let isUsed: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "discount": discount
        case "isUsed": isUsed
        default: nil
        }
    }
}

/// Where a note goes, and how long it may be.
struct NoteForm: TemplateModel {
    let href: String
    let longest: Int
    /// What was typed, if the note was refused.
    let text: String

    func child(named name: String) -> Any? {
        switch name {
        case "href": href
        case "longest": longest
        case "text": text
        default: nil
        }
    }
}
