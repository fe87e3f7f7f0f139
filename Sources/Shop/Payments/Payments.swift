/// Paying for orders, and giving back what was paid.
public struct Payments: Sendable {
    let store: any Store
    let clock: ShopClock
    let policy: Policy

    public init(store: any Store, clock: ShopClock, policy: Policy) {
        self.store = store
        self.clock = clock
        self.policy = policy
    }

    /// Pays the caller's order from the balance. Any refusal leaves everything as it was.
    ///
    /// - Parameter seen: what the customer has seen that it costs. Throws `orderChanged` where it costs something else by
    ///   now; nil where nobody looks.
    public func pay(_ id: OrderID, seen: Won? = nil, _ submission: Submission<Payment>) throws -> Answer {
        let now = clock.now()
        let caller = submission.caller
        return try store.write(once: submission, at: now, policy) { shop in
            let order = try shop.orders.find(id, of: caller)
            switch order.status(at: now) {
            case .pending: break
            case .expired: throw ShopError.orderExpired
            default: throw ShopError.orderNotPending
            }
            if let seen, seen != order.final { throw ShopError.orderChanged }
            for line in order.lines {
                guard try shop.products.sell(line.quantity, of: line.product, in: now.hour) else {
                    throw ShopError.outOfStock(line.product)
                }
            }
            let balance = try takeFromBalance(order, at: now, shop)
            if let coupon = order.userCoupon { try use(coupon, for: order, at: now, shop) }
            let payment = try shop.payments.add(
                order: id, user: caller, amount: order.final, balance: balance, at: now)
            guard try shop.orders.move(id, from: .pending, to: .completed, at: now) else {
                throw ShopError.orderNotPending
            }
            return payment
        }
    }

    /// The payment of the caller's order.
    public func find(_ id: OrderID, of user: UserID) throws -> Payment {
        try store.read { shop in
            _ = try shop.orders.find(id, of: user)
            guard let payment = try shop.payments.find(order: id) else { throw ShopError.paymentNotFound }
            return payment
        }
    }

    /// Undoes a payment, once: stock, sales, balance and, while it is still valid, the coupon. The balance limit does not
    /// hold here.
    public func refund(_ id: OrderID, _ submission: Submission<Order>) throws -> Answer {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { shop in
            guard let order = try shop.orders.find(id) else { throw ShopError.orderNotFound }
            guard order.storedStatus == .completed, let payment = try shop.payments.find(order: id),
                try shop.payments.refund(order: id, at: now),
                try shop.orders.move(id, from: .completed, to: .refunded, at: now)
            else { throw ShopError.orderNotCompleted }
            for line in order.lines {
                try shop.products.takeBack(line.quantity, of: line.product, soldIn: payment.paidAt.hour)
            }
            if payment.amount > .zero {
                _ = try shop.balances.move(payment.amount, .refund, of: order.user, order: id, at: now)
            }
            if let coupon = try order.userCoupon.flatMap({ try shop.coupons.findIssued($0, of: order.user) }),
                now < coupon.expiresAt
            {
                try shop.coupons.giveBack(coupon.id)
            }
            guard let refunded = try shop.orders.find(id) else { throw ShopError.orderNotFound }
            return refunded
        }
    }

    /// The balance after it. Nothing to pay moves nothing, so it leaves no entry.
    private func takeFromBalance(_ order: Order, at now: Timestamp, _ shop: any Repositories) throws -> Won {
        if order.final > .zero {
            let entry = try shop.balances.move(-order.final, .payment, of: order.user, order: order.id, at: now)
            if let entry { return entry.balance }
        }
        let balance = try shop.balances.amount(of: order.user) ?? .zero
        guard balance >= order.final else { throw ShopError.insufficientBalance(missing: order.final - balance) }
        return balance
    }

    private func use(_ id: UserCouponID, for order: Order, at now: Timestamp, _ shop: any Repositories) throws {
        guard let coupon = try shop.coupons.findIssued(id, of: order.user), coupon.status(at: now) == .issued,
            try shop.coupons.use(id, for: order.id, at: now)
        else { throw ShopError.couponNotUsable }
    }
}
