/// Giving back what was paid, whole or in parts. Each refund is told in the trace and in the order's ledger.
public struct Refunds: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// What a refund would move now, without moving it. Throws as `refund` does.
    public func preview(_ id: OrderID, _ request: RefundRequest) throws -> RefundPreview {
        let now = clock.now()
        return try store.read { tx in
            let plan = try plan(id, request, at: now, tx)
            let stock = try plan.lines.compactMap { line in
                try tx.products.find(line.product).map { (line.product, $0.stock) }
            }
            return RefundPreview(
                plan: plan, balance: try tx.balances.amount(of: plan.order.user) ?? .zero,
                stock: Dictionary(stock, uniquingKeysWith: { first, _ in first }))
        }
    }

    /// Gives back so much of a paid order: stock, if it is asked for, sales and balance. What is left stays paid; when
    /// nothing is left, the order is refunded, and the coupon comes back while it is still valid. The balance limit does not
    /// apply here.
    ///
    /// Throws `orderNotCompleted`, `refundOutdated`, `refundAboveOrder` and `ownOrder`.
    public func refund(
        _ id: OrderID, _ request: RefundRequest, _ submission: Submission<Order>
    ) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            try refund(id, request, at: now, in: tx).order
        }
    }

    /// The same as a part of something larger: the order afterwards, and what was given back.
    func refund(
        _ id: OrderID, _ request: RefundRequest, at now: Timestamp, in tx: any Repositories
    ) throws -> (order: Order, amount: Won) {
        let plan = try plan(id, request, at: now, tx)
        guard let payment = try tx.payments.find(order: id) else { throw ShopError.orderNotCompleted }
        try giveBack(plan, soldIn: payment.paidAt.hour, at: now, tx)
        guard let refunded = try tx.orders.find(id) else { throw ShopError.orderNotFound }
        try tx.trace.add(TraceLine(.orderRefunded, .order(id), plan.changes(to: refunded)), by: staff, at: now)
        return (refunded, plan.amount)
    }

    /// What is to be moved: the one place that says no. Throws as `refund` does.
    ///
    /// `ownOrder` is for an order of who refunds it, unless nobody else could: who keeps a shop alone is its customer, too,
    /// at least to try it.
    func plan(
        _ id: OrderID, _ request: RefundRequest, at now: Timestamp, _ tx: any Repositories
    ) throws -> RefundPlan {
        let plan = try RefundPlan(id, request, at: now, tx)
        if let user = staff.user, user == plan.order.user {
            let others = try tx.customers.rolesOfStaff(besides: user)
            if others.contains(where: { $0.permissions.contains(.refundOrders) }) { throw ShopError.ownOrder }
        }
        return plan
    }

    private func giveBack(
        _ plan: RefundPlan, soldIn hour: Hour, at now: Timestamp, _ tx: any Repositories
    ) throws {
        let (order, amount) = (plan.order, plan.amount)
        let refund = Refund(
            number: order.refunds + 1, amount: amount, returnedToStock: plan.returnsToStock, login: staff.login,
            at: now, lines: plan.lines)
        try tx.refunds.add(refund, to: order.id)
        try tx.orders.noteRefund(amount, of: order.id)
        if plan.isLast {
            guard try tx.payments.refund(order: order.id, at: now),
                try tx.orders.move(order.id, from: .completed, to: .refunded, at: now)
            else { throw ShopError.orderNotCompleted }
        }
        for line in plan.lines {
            try tx.products.takeBack(
                line.quantity, of: line.product, soldIn: hour, toStock: plan.returnsToStock)
        }
        if amount > .zero {
            _ = try tx.balances.move(amount, .refund, of: order.user, order: order.id, at: now)
        }
        if let coupon = plan.coupon { try tx.coupons.giveBack(coupon.id) }
        try tx.orderEvents.add(.refunded(amount), by: .staff(staff.login), to: order.id, at: now)
    }
}

extension RefundPlan {
    fileprivate func changes(to refunded: Order) -> [TraceChange] {
        let items = lines.map { "\($0.product.value) × \($0.quantity.count)" }
        return [
            TraceChange(.status, order.storedStatus.rawValue, refunded.storedStatus.rawValue),
            TraceChange(.amount, nil, amount.amount),
            TraceChange(.items, nil, items.joined(separator: ", ")),
            TraceChange(.returnedToStock, nil, String(returnsToStock)),
        ]
    }
}

extension Shop {
    /// Throws `forbidden` for who may not refund orders.
    public func refunds(by staff: Staff) throws -> Refunds {
        try staff.check(.refundOrders)
        return Refunds(context: context, staff: staff)
    }
}
