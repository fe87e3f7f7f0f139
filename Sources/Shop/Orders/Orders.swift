/// Orders up to their payment. An order reserves nothing.
public struct Orders: Sendable {
    let store: any Store
    let clock: ShopClock
    let policy: Policy

    public init(store: any Store, clock: ShopClock, policy: Policy) {
        self.store = store
        self.clock = clock
        self.policy = policy
    }

    /// Makes an order at today's names and prices, waiting to be paid. Throws `tooManyPendingOrders` where too many wait.
    ///
    /// Lines of the same product are added up first, in the place of the first of them.
    public func create(
        _ request: [OrderRequestLine], coupon: CouponChoice, _ submission: Submission<Order>
    ) throws -> Answer {
        let now = clock.now()
        let wanted = added(request)
        return try store.write(once: submission, at: now, policy) { shop in
            try add(wanted, coupon: coupon, of: submission.caller, at: now, shop)
        }
    }

    /// The same inside a transaction of somebody else's; each product once.
    func add(
        _ wanted: [OrderRequestLine], coupon: CouponChoice, of caller: UserID, at now: Timestamp,
        _ shop: any Repositories
    ) throws -> Order {
        if try shop.orders.hasPending(policy.pendingOrders, of: caller, at: now) {
            throw ShopError.tooManyPendingOrders(policy.pendingOrders)
        }
        let lines = try wanted.map { try line($0, shop) }
        let total = lines.reduce(Won.zero) { $0 + $1.amount }
        let (userCoupon, discount) = try settle(coupon, of: caller, off: total, at: now, shop)
        let draft = OrderDraft(
            user: caller, lines: lines, total: total, discount: discount, userCoupon: userCoupon, createdAt: now,
            expiresAt: now + policy.orderLifetime)
        return Order(pending: try shop.orders.add(draft), draft)
    }

    /// The caller's order; another's is not found.
    public func find(_ id: OrderID, of user: UserID) throws -> Order {
        try store.read { shop in try shop.orders.find(id, of: user) }
    }

    /// The caller's order with its payment, if it was paid, and the coupon that it names.
    public func findWhole(_ id: OrderID, of user: UserID) throws -> (
        order: Order, payment: Payment?, coupon: UserCoupon?
    ) {
        try store.read { shop in
            let order = try shop.orders.find(id, of: user)
            return (
                order, try shop.payments.find(order: id),
                try order.userCoupon.flatMap { try shop.coupons.findIssued($0, of: user) }
            )
        }
    }

    /// The coupons that the caller's order could be paid with instead of its own, and that one, where it can still be used.
    public func coupons(for order: Order) throws -> CouponOffer {
        let now = clock.now()
        return try store.read { shop in
            CouponOffer(try shop.coupons.usable(by: order.user, at: now, limit: Coupons.mostUsable), for: order.total)
        }
    }

    /// The user's orders, newest first.
    public func list(of user: UserID, before: OrderID?, limit: Int) throws -> Page<Order> {
        try store.read { shop in try shop.orders.list(of: user, before: before, limit: limit) }
    }

    /// Changes the coupon of the caller's order while it is pending, or takes it off.
    public func choose(_ choice: CouponChoice, for id: OrderID, _ submission: Submission<Order>) throws -> Answer {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { shop in
            let order = try shop.orders.find(id, of: submission.caller)
            switch order.status(at: now) {
            case .pending: break
            case .expired: throw ShopError.orderExpired
            default: throw ShopError.orderNotPending
            }
            let (coupon, discount) = try settle(choice, of: order.user, off: order.total, at: now, shop)
            guard try shop.orders.setCoupon(coupon, discount: discount, of: id) else {
                throw ShopError.orderNotPending
            }
            return try shop.orders.find(id, of: submission.caller)
        }
    }

    /// Cancels the caller's order while it is pending.
    public func cancel(_ id: OrderID, _ submission: Submission<Order>) throws -> Answer {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { shop in
            let order = try shop.orders.find(id, of: submission.caller)
            guard order.status(at: now) == .pending,
                try shop.orders.move(id, from: .pending, to: .cancelled, at: now)
            else { throw ShopError.orderNotPending }
            return try shop.orders.find(id, of: submission.caller)
        }
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

    private func line(_ wanted: OrderRequestLine, _ shop: any Repositories) throws -> OrderLine {
        guard let offer = try shop.products.offer(wanted.product) else { throw ShopError.productNotFound }
        guard offer.stock >= wanted.quantity.count else { throw ShopError.outOfStock(wanted.product) }
        return OrderLine(
            product: wanted.product, name: offer.name, unitPrice: offer.price, quantity: wanted.quantity)
    }

    /// Which coupon the choice comes to, and what it saves.
    private func settle(
        _ choice: CouponChoice, of user: UserID, off total: Won, at now: Timestamp, _ shop: any Repositories
    ) throws -> (UserCouponID?, Won) {
        switch choice {
        case .without: return (nil, .zero)
        case .one(let id): return (id, try discount(id, of: user, off: total, at: now, shop))
        case .best:
            let usable = try shop.coupons.usable(by: user, at: now, limit: Coupons.mostUsable)
            let best = CouponOffer(usable, for: total).chosen(.best)
            return (best?.coupon.id, best?.saves ?? .zero)
        }
    }

    private func discount(
        _ id: UserCouponID, of user: UserID, off total: Won, at now: Timestamp, _ shop: any Repositories
    ) throws -> Won {
        guard let coupon = try shop.coupons.findIssued(id, of: user) else { throw ShopError.userCouponNotFound }
        guard coupon.status(at: now) == .issued else { throw ShopError.couponNotUsable }
        guard total >= coupon.minimumOrderAmount else {
            throw ShopError.couponMinimumNotMet(coupon.minimumOrderAmount)
        }
        return coupon.discount.amount(off: total)
    }
}

extension OrderRepository {
    /// The order, when it is this user's.
    func find(_ id: OrderID, of user: UserID) throws -> Order {
        guard let order = try find(id), order.user == user else { throw ShopError.orderNotFound }
        return order
    }
}

extension Order {
    init(pending id: OrderID, _ draft: OrderDraft) {
        self.init(
            id: id, user: draft.user, storedStatus: .pending, lines: draft.lines, total: draft.total,
            discount: draft.discount, userCoupon: draft.userCoupon, createdAt: draft.createdAt,
            expiresAt: draft.expiresAt, completedAt: nil)
    }
}
