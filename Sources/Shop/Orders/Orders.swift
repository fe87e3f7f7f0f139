/// Orders up to their payment. An order reserves nothing.
public struct Orders: Capability, Sendable {
    let context: Context

    /// Makes an order at today's names and prices, waiting to be paid. Throws `tooManyPendingOrders` where too many wait.
    ///
    /// Lines for the same product are added up, in the place of the first.
    public func create(
        _ request: [OrderRequestLine], coupon: CouponChoice, _ submission: Submission<Order>
    ) throws -> Receipt {
        let now = clock.now()
        let wanted = added(request)
        return try store.write(once: submission, at: now, policy) { tx in
            try add(wanted, coupon: coupon, of: submission.caller, at: now, tx)
        }
    }

    /// The same inside another transaction; each product at most once.
    func add(
        _ wanted: [OrderRequestLine], coupon: CouponChoice, of caller: UserID, at now: Timestamp,
        _ tx: any Repositories
    ) throws -> Order {
        if try tx.orders.hasPending(policy.pendingOrders, of: caller, at: now) {
            throw ShopError.tooManyPendingOrders(policy.pendingOrders)
        }
        let lines = try wanted.map { try line($0, tx) }
        let total = lines.reduce(Won.zero) { $0 + $1.amount }
        let (userCoupon, discount) = try settle(coupon, of: caller, off: total, at: now, tx)
        let draft = OrderDraft(
            user: caller, lines: lines, total: total, discount: discount, userCoupon: userCoupon, createdAt: now,
            expiresAt: now + policy.orderLifetime)
        return Order(pending: try tx.orders.add(draft), draft)
    }

    /// The caller's order; somebody else's is not found.
    public func find(_ id: OrderID, of user: UserID) throws -> Order {
        try store.read { tx in try tx.orders.find(id, of: user) }
    }

    /// The caller's order with its payment, if paid, its refunds, and its coupon, if it has one.
    public func findWhole(_ id: OrderID, of user: UserID) throws -> (
        order: Order, payment: Payment?, refunds: [Refund], coupon: UserCoupon?
    ) {
        try store.read { tx in
            let order = try tx.orders.find(id, of: user)
            return (
                order, try tx.payments.find(order: id), order.refunds > 0 ? try tx.refunds.list(of: id) : [],
                try order.userCoupon.flatMap { try tx.coupons.findIssued($0, of: user) }
            )
        }
    }

    /// The coupons that the order could be paid with, including its own while that can still be used.
    public func coupons(for order: Order) throws -> CouponOffer {
        let now = clock.now()
        return try store.read { tx in
            CouponOffer(try tx.coupons.usable(by: order.user, at: now, limit: Coupons.mostUsable), for: order.total)
        }
    }

    /// The user's orders, newest first.
    public func list(of user: UserID, before: OrderID?, limit: Int) throws -> ListPage<Order> {
        try store.read { tx in try tx.orders.list(of: user, before: before, limit: limit) }
    }

    /// Changes or removes the coupon of the caller's order while it is pending.
    public func choose(_ choice: CouponChoice, for id: OrderID, _ submission: Submission<Order>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            let order = try tx.orders.find(id, of: submission.caller)
            try order.checkPending(at: now)
            let (coupon, discount) = try settle(choice, of: order.user, off: order.total, at: now, tx)
            guard try tx.orders.setCoupon(coupon, discount: discount, of: id) else {
                throw ShopError.orderNotPending
            }
            return try tx.orders.find(id, of: submission.caller)
        }
    }

    /// Cancels the caller's order while it is pending.
    public func cancel(_ id: OrderID, _ submission: Submission<Order>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            let order = try tx.orders.find(id, of: submission.caller)
            guard order.status(at: now) == .pending,
                try tx.orders.move(id, from: .pending, to: .cancelled, at: now)
            else { throw ShopError.orderNotPending }
            try tx.orderEvents.add(.cancelled, by: .customer, to: id, at: now)
            return try tx.orders.find(id, of: submission.caller)
        }
    }

    /// Marks at most `limit` pending orders whose time is over as expired; returns how many.
    func expire(at now: Timestamp, limit: Int, _ tx: any Repositories) throws -> Int {
        let overdue = try tx.orders.overdue(at: now, limit: limit)
        for order in overdue where try tx.orders.move(order.id, from: .pending, to: .expired, at: now) {
            try tx.orderEvents.add(.expired, by: .shop, to: order.id, at: order.expiresAt)
        }
        return overdue.count
    }

    private func added(_ request: [OrderRequestLine]) -> [OrderRequestLine] {
        var lines: [OrderRequestLine] = []
        var position: [ProductID: Int] = [:]
        for line in request {
            if let at = position[line.product] {
                lines[at] = OrderRequestLine(product: line.product, quantity: lines[at].quantity + line.quantity)
            } else {
                position[line.product] = lines.count
                lines.append(line)
            }
        }
        return lines
    }

    private func line(_ wanted: OrderRequestLine, _ tx: any Repositories) throws -> OrderLine {
        guard let offer = try tx.products.offer(wanted.product) else { throw ShopError.productNotFound }
        guard offer.stock >= wanted.quantity.count else { throw ShopError.outOfStock(wanted.product) }
        return OrderLine(
            product: wanted.product, name: offer.name, unitPrice: offer.price, quantity: wanted.quantity)
    }

    /// The coupon that the choice stands for, and what it saves.
    private func settle(
        _ choice: CouponChoice, of user: UserID, off total: Won, at now: Timestamp, _ tx: any Repositories
    ) throws -> (UserCouponID?, Won) {
        switch choice {
        case .without: return (nil, .zero)
        case .one(let id): return (id, try discount(id, of: user, off: total, at: now, tx))
        case .best:
            let usable = try tx.coupons.usable(by: user, at: now, limit: Coupons.mostUsable)
            let best = CouponOffer(usable, for: total).chosen(.best)
            return (best?.coupon.id, best?.saves ?? .zero)
        }
    }

    private func discount(
        _ id: UserCouponID, of user: UserID, off total: Won, at now: Timestamp, _ tx: any Repositories
    ) throws -> Won {
        guard let coupon = try tx.coupons.findIssued(id, of: user) else { throw ShopError.userCouponNotFound }
        guard coupon.status(at: now) == .issued else { throw ShopError.couponNotUsable }
        guard total >= coupon.minimumOrderAmount else {
            throw ShopError.couponMinimumNotMet(coupon.minimumOrderAmount)
        }
        return coupon.discount.amount(off: total)
    }
}

extension OrderRepository {
    /// The order, if it is this user's.
    func find(_ id: OrderID, of user: UserID) throws -> Order {
        guard let order = try find(id), order.user == user else { throw ShopError.orderNotFound }
        return order
    }
}

extension Order {
    /// Throws `orderExpired` or `orderNotPending` if the order is not waiting to be paid.
    func checkPending(at now: Timestamp) throws {
        switch status(at: now) {
        case .pending: break
        case .expired: throw ShopError.orderExpired
        case .completed, .cancelled, .refunded: throw ShopError.orderNotPending
        }
    }

    init(pending id: OrderID, _ draft: OrderDraft) {
        self.init(
            id: id, user: draft.user, storedStatus: .pending, lines: draft.lines, total: draft.total,
            discount: draft.discount, userCoupon: draft.userCoupon, createdAt: draft.createdAt,
            expiresAt: draft.expiresAt, completedAt: nil)
    }
}
