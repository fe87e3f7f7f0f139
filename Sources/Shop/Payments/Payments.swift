/// Paying for orders.
public struct Payments: Capability, Sendable {
    let context: Context

    /// Pays the caller's order from the balance. Any refusal leaves everything as it was.
    ///
    /// - Parameter seen: the amount that the customer has seen; throws `orderChanged` if the order costs something else
    ///   by now. nil skips the check.
    public func pay(_ id: OrderID, seen: Won? = nil, _ submission: Submission<Payment>) throws -> Receipt {
        let now = clock.now()
        let caller = submission.caller
        return try store.write(once: submission, at: now, policy) { tx in
            let order = try tx.orders.find(id, of: caller)
            try order.checkPending(at: now)
            if let seen, seen != order.final { throw ShopError.orderChanged }
            for line in order.lines {
                guard try tx.products.sell(line, in: now.hour) else {
                    throw ShopError.outOfStock(line.product)
                }
            }
            let balance = try takeFromBalance(order, at: now, tx)
            if let coupon = order.userCoupon { try use(coupon, for: order, at: now, tx) }
            let payment = try tx.payments.add(
                order: id, user: caller, amount: order.final, balance: balance, at: now)
            guard try tx.orders.move(id, from: .pending, to: .completed, at: now) else {
                throw ShopError.orderNotPending
            }
            try tx.orderEvents.add(.paid(payment.amount), by: .customer, to: id, at: now)
            return payment
        }
    }

    /// The payment of the caller's order.
    public func find(_ id: OrderID, of user: UserID) throws -> Payment {
        try store.read { tx in
            _ = try tx.orders.find(id, of: user)
            guard let payment = try tx.payments.find(order: id) else { throw ShopError.paymentNotFound }
            return payment
        }
    }

    /// Returns the balance afterwards. An order that costs nothing moves nothing and leaves no entry.
    private func takeFromBalance(_ order: Order, at now: Timestamp, _ tx: any Repositories) throws -> Won {
        if order.final > .zero {
            let entry = try tx.balances.move(-order.final, .payment, of: order.user, order: order.id, at: now)
            if let entry { return entry.balance }
        }
        let balance = try tx.balances.amount(of: order.user) ?? .zero
        guard balance >= order.final else { throw ShopError.insufficientBalance(missing: order.final - balance) }
        return balance
    }

    private func use(_ id: UserCouponID, for order: Order, at now: Timestamp, _ tx: any Repositories) throws {
        guard let coupon = try tx.coupons.findIssued(id, of: order.user), coupon.status(at: now) == .issued,
            try tx.coupons.use(id, for: order.id, at: now)
        else { throw ShopError.couponNotUsable }
    }
}
