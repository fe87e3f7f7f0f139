/// What a refund moves: made before it, to be looked at, and in its transaction, to be done.
public struct RefundPlan: Sendable, Equatable {
    public let order: Order
    public let lines: [RefundLine]
    public let returnsToStock: Bool
    /// The used coupon that the customer gets back: where nothing of the order is left and the coupon is still valid.
    public let coupon: UserCoupon?
    /// Whether nothing of the order is left afterwards.
    public let isLast: Bool

    public var amount: Won { lines.reduce(.zero) { $0 + $1.amount } }

    /// Throws `orderNotFound`, `orderNotCompleted` where nothing is left to give back, `refundOutdated` where there
    /// is another refund than those seen, and `refundAboveOrder` for more of a product than is left of it.
    init(_ id: OrderID, _ request: RefundRequest, at now: Timestamp, _ tx: any Repositories) throws {
        guard let order = try tx.orders.find(id) else { throw ShopError.orderNotFound }
        guard order.storedStatus == .completed else { throw ShopError.orderNotCompleted }
        if let seen = request.seen, seen != order.refunds { throw ShopError.refundOutdated }
        let left = OrderRest(of: order, after: try tx.refunds.list(of: id))
        self.order = order
        lines = try left.lines(request.lines)
        returnsToStock = request.returnsToStock
        isLast = left.count == lines.reduce(0) { $0 + $1.quantity.count }
        let used = isLast ? try order.userCoupon.flatMap { try tx.coupons.findIssued($0, of: order.user) } : nil
        coupon = used.flatMap { now < $0.expiresAt ? $0 : nil }
    }
}

/// What a refund would move, and what of it there is now.
public struct RefundPreview: Sendable {
    public let plan: RefundPlan
    /// The customer's balance.
    public let balance: Won
    /// The stock of the products that would come back.
    public let stock: [ProductID: Int64]
}

/// What is left of an order after its refunds.
public struct OrderRest: Sendable, Equatable {
    /// One line of the order.
    public struct Line: Sendable, Equatable {
        public let line: OrderLine
        /// What was paid for all of it.
        public let paid: Won
        /// How many are left.
        public let left: Int64
        /// How many were given back.
        public var refunded: Int64 { line.quantity.count - left }

        /// What so many of those that are left are worth.
        public func worth(of count: Int64) -> Won {
            RefundShares.worth(of: refunded + count, of: line.quantity, paid: paid)
                - RefundShares.worth(of: refunded, of: line.quantity, paid: paid)
        }
    }

    /// All lines of the order, in its order.
    public let lines: [Line]

    public init(of order: Order, after refunds: [Refund]) {
        var refunded: [ProductID: Int64] = [:]
        for line in refunds.flatMap(\.lines) { refunded[line.product, default: 0] += line.quantity.count }
        let paid = RefundShares.paid(for: order.lines.map(\.amount), discount: order.discount)
        lines = zip(order.lines, paid).map { line, paid in
            Line(line: line, paid: paid, left: line.quantity.count - (refunded[line.product] ?? 0))
        }
    }

    /// How many pieces are left.
    var count: Int64 { lines.reduce(0) { $0 + $1.left } }

    /// What so many of which are worth, in the order's order; all that is left for nil.
    func lines(_ request: [OrderRequestLine]?) throws -> [RefundLine] {
        var wanted: [ProductID: Int64] = [:]
        for line in request ?? [] { wanted[line.product, default: 0] += line.quantity.count }
        for (product, count) in wanted {
            guard let line = lines.first(where: { $0.line.product == product }), count <= line.left else {
                throw ShopError.refundAboveOrder(product)
            }
        }
        return lines.compactMap { line in
            let count = request == nil ? line.left : wanted[line.line.product] ?? 0
            guard count > 0 else { return nil }
            return RefundLine(product: line.line.product, quantity: Quantity(count), amount: line.worth(of: count))
        }
    }
}
