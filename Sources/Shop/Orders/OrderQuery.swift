/// Which orders are asked for: those for which all of it holds.
public struct OrderQuery: Sendable, Hashable {
    public let number: OrderID?
    /// The customer's login, in any case.
    public let login: String?
    /// Orders with this product.
    public let product: ProductID?
    /// As it is now: a pending order whose time is over is expired.
    public let status: Order.Status?
    /// Whether only those are asked for of which something was given back.
    public let isRefunded: Bool
    /// Whether only those are asked for that have a coupon.
    public let hasCoupon: Bool
    /// The first day on which they were made, by the shop's calendar; nil for no first one.
    public let from: Day?
    /// The last day on which they were made; nil for no last one.
    public let to: Day?
    /// Whether the days are those on which they were paid, instead: then only those that were paid are asked for, whatever
    /// became of them since.
    public let isByPayment: Bool

    public init(
        number: OrderID? = nil, login: String? = nil, product: ProductID? = nil, status: Order.Status? = nil,
        isRefunded: Bool = false, hasCoupon: Bool = false, from: Day? = nil, to: Day? = nil, isByPayment: Bool = false
    ) {
        self.number = number
        self.login = login
        self.product = product
        self.status = status
        self.isRefunded = isRefunded
        self.hasCoupon = hasCoupon
        self.from = from
        self.to = to
        self.isByPayment = isByPayment
    }
}

/// A place in a list of orders, the newest first: behind an order that was made then.
public struct OrderPosition: Sendable, Hashable {
    public let createdAt: Timestamp
    public let id: OrderID

    public init(createdAt: Timestamp, id: OrderID) {
        self.createdAt = createdAt
        self.id = id
    }
}

/// Part of a list of orders.
public struct OrderList: Sendable {
    /// The newest first.
    public let orders: [ListedOrder]
    /// Where the next part begins; nil at the end.
    public let next: OrderPosition?
    /// How far back was looked, if this part ended there and not because it was full.
    public let lookedBackTo: Timestamp?

    public init(_ orders: [ListedOrder], next: OrderPosition?, lookedBackTo: Timestamp? = nil) {
        self.orders = orders
        self.next = next
        self.lookedBackTo = lookedBackTo
    }
}

/// An order with its customer's login.
public struct ListedOrder: Sendable {
    public let order: Order
    public let login: String

    public init(order: Order, login: String) {
        self.order = order
        self.login = login
    }
}

/// What orders add up to.
public struct OrderTotals: Sendable, Equatable {
    public let count: Int64
    /// What was paid for those that were paid, before anything was given back.
    public let paid: Won
    /// What was saved on those that were paid.
    public let discount: Won
    public let refunded: Won
    /// Set if there are too many to look at: those made since then were added up.
    public let since: Timestamp?

    public init(count: Int64, paid: Won, discount: Won, refunded: Won, since: Timestamp?) {
        self.count = count
        self.paid = paid
        self.discount = discount
        self.refunded = refunded
        self.since = since
    }

    /// Of a few orders that are known.
    init(of orders: [ListedOrder]) {
        let paid = orders.map(\.order).filter { $0.completedAt != nil }
        self.init(
            count: Int64(orders.count), paid: paid.reduce(.zero) { $0 + $1.final },
            discount: paid.reduce(.zero) { $0 + $1.discount }, refunded: paid.reduce(.zero) { $0 + $1.refunded },
            since: nil)
    }

    public static let none = OrderTotals(count: 0, paid: .zero, discount: .zero, refunded: .zero, since: nil)
}

/// What a list of orders is taken from, and what of it is wanted.
public struct OrderSelection: Sendable {
    /// nil for all customers.
    public let customer: UserID?
    public let product: ProductID?
    public let status: Order.Status?
    public let isRefunded: Bool
    public let hasCoupon: Bool
    /// When they were made.
    public let made: Range<Timestamp>
    /// When they were paid; nil for whenever, or never.
    public let paid: Range<Timestamp>?
    /// What is overdue by now is expired.
    public let now: Timestamp

    /// The same of one customer.
    func of(_ customer: UserID) -> OrderSelection {
        OrderSelection(
            customer: customer, product: product, status: status, isRefunded: isRefunded, hasCoupon: hasCoupon,
            made: made, paid: paid, now: now)
    }
}

public protocol OrderListRepository {
    /// The newest of the selected orders behind `position`. Looks at no more than `most` orders, selected or not.
    func list(_ selection: OrderSelection, after position: OrderPosition?, limit: Int, lookingAt most: Int) throws
        -> OrderList
    /// What the selected orders among the newest `most` add up to.
    func totals(_ selection: OrderSelection, lookingAt most: Int) throws -> OrderTotals
}
