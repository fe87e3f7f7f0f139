import Shop

/// One order; a receipt once it is paid.
struct OrderPage: PageModel {
    static let template = PageTemplate.order

    let order: OrderModel
    /// Whether it has just been paid.
    let isReceipt: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "order": order
        case "isReceipt": isReceipt
        default: nil
        }
    }
}

/// The page to check everything before paying.
struct PayPage: PageModel {
    static let template = PageTemplate.pay

    let order: OrderModel
    /// Whether the order's own coupon can no longer be used.
    let isCouponLost: Bool
    /// The amount shown on the screen.
    let seen: Int64
    let coupons: CouponChoices
    let means: Means
    let won: WonOfOrder

    func child(named name: String) -> Any? {
        switch name {
        case "order": order
        case "isCouponLost": isCouponLost
        case "seen": seen
        case "won": won
        default: coupons.child(named: name) ?? means.child(named: name)
        }
    }
}

/// What the payment page's script calculates with, as plain numbers.
struct WonOfOrder: TemplateModel {
    let balance: Int64
    let total: Int64

    func child(named name: String) -> Any? {
        switch name {
        case "balance": balance
        case "total": total
        default: nil
        }
    }
}

/// Everything that is shown of an order.
struct OrderModel: TemplateModel {
    let id: Int64
    let href: String
    let payHref: String
    let couponHref: String
    let againHref: String
    let cancelHref: String
    let status: Order.Status
    let statusText: String
    let createdAt: TimeModel
    let expiresAt: TimeModel
    let expiresIn: String
    let lines: [OrderLineRow]
    let total: String
    let discount: String
    let hasDiscount: Bool
    let final: String
    let couponName: Named?
    /// nil if it is not paid.
    let payment: PaymentModel?
    /// What was given back in parts; none if it was all given back at once.
    let refunds: [RefundRow]

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "payHref": payHref
        case "couponHref": couponHref
        case "againHref": againHref
        case "cancelHref": cancelHref
        case "status": status.rawValue
        case "statusText": statusText
        case "isPending": status == .pending
        case "isCancelled": status == .cancelled
        case "isExpired": status == .expired
        case "isRefunded": status == .refunded
        case "canOrderAgain": status == .expired || status == .cancelled
        case "createdAt": createdAt
        case "expiresAt": expiresAt
        case "expiresIn": expiresIn
        case "lines": lines
        case "total": total
        case "discount": discount
        case "hasDiscount": hasDiscount
        case "final": final
        case "couponName": couponName?.text
        case "couponNameLang": couponName?.lang
        case "payment": payment
        case "refunds": refunds
        case "hasRefunds": !refunds.isEmpty
        default: nil
        }
    }
}

/// One refund of a part of an order.
struct RefundRow: TemplateModel {
    let at: TimeModel
    let amount: String
    let lines: [RefundLineRow]

    func child(named name: String) -> Any? {
        switch name {
        case "at": at
        case "amount": amount
        case "lines": lines
        default: nil
        }
    }
}

/// How many of a product were taken back.
struct RefundLineRow: TemplateModel {
    let name: Named
    let quantity: String

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "quantity": quantity
        default: nil
        }
    }
}

/// A product in an order, as it was when ordered.
struct OrderLineRow: TemplateModel {
    let href: String
    let name: Named
    let unitPrice: String
    let quantity: String
    let amount: String

    func child(named name: String) -> Any? {
        switch name {
        case "href": href
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "unitPrice": unitPrice
        case "quantity": quantity
        case "amount": amount
        default: nil
        }
    }
}

/// How an order was paid.
struct PaymentModel: TemplateModel {
    let paidAt: TimeModel
    let amount: String
    /// What was left of the balance.
    let balance: String
    let refundedAt: TimeModel?

    func child(named name: String) -> Any? {
        switch name {
        case "paidAt": paidAt
        case "amount": amount
        case "balance": balance
        case "refundedAt": refundedAt
        default: nil
        }
    }
}
