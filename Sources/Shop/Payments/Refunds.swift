/// Giving back what was paid. Each refund is told in the trace.
public struct Refunds: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// Undoes a payment, once: stock, sales, balance and, while it is still valid, the coupon. The balance limit does not
    /// apply here.
    public func refund(_ id: OrderID, _ submission: Submission<Order>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            guard let order = try tx.orders.find(id) else { throw ShopError.orderNotFound }
            guard order.storedStatus == .completed, let payment = try tx.payments.find(order: id),
                try tx.payments.refund(order: id, at: now),
                try tx.orders.move(id, from: .completed, to: .refunded, at: now)
            else { throw ShopError.orderNotCompleted }
            for line in order.lines {
                try tx.products.takeBack(line.quantity, of: line.product, soldIn: payment.paidAt.hour)
            }
            if payment.amount > .zero {
                _ = try tx.balances.move(payment.amount, .refund, of: order.user, order: id, at: now)
            }
            if let coupon = try order.userCoupon.flatMap({ try tx.coupons.findIssued($0, of: order.user) }),
                now < coupon.expiresAt
            {
                try tx.coupons.giveBack(coupon.id)
            }
            guard let refunded = try tx.orders.find(id) else { throw ShopError.orderNotFound }
            let changes = [
                TraceChange(.status, order.storedStatus.rawValue, refunded.storedStatus.rawValue),
                TraceChange(.amount, nil, payment.amount.amount),
            ]
            try tx.trace.add(TraceLine(.orderRefunded, .order(id), changes), by: staff, at: now)
            return refunded
        }
    }
}

extension Shop {
    /// Throws `forbidden` for who may not refund orders.
    public func refunds(by staff: Staff) throws -> Refunds {
        try staff.check(.refundOrders)
        return Refunds(context: context, staff: staff)
    }
}
