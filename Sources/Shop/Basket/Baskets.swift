/// Baskets: each belongs to a session and ends with it.
public struct Baskets: Sendable {
    /// More different products than this are in no basket, nor more lines in a request for an order.
    public static let mostLines = 100
    /// More than this of one product is in no basket, nor in one line of a request for an order.
    public static let mostOfOne: Int64 = 1_000
    let store: any Store
    let clock: ShopClock
    let policy: Policy
    let orders: Orders

    public init(store: any Store, clock: ShopClock, policy: Policy, orders: Orders) {
        self.store = store
        self.clock = clock
        self.policy = policy
        self.orders = orders
    }

    /// The basket with the coupons that can be used for it.
    ///
    /// - Parameter coupon: the one that is chosen; one that does not fit counts as none.
    public func show(_ session: TokenHash, of user: UserID, coupon: UserCouponID?) throws -> Basket {
        let now = clock.now()
        return try store.read { shop in
            let lines = try shop.baskets.lines(of: session)
            let total = lines.filter(\.product.isListed).reduce(Won.zero) { $0 + $1.amount }
            let usable = try shop.coupons.usable(by: user, at: now, limit: Coupons.mostUsable)
            let fitting = usable.filter { $0.minimumOrderAmount <= total }
                .map { (coupon: $0, saves: $0.discount.amount(off: total)) }.sorted { $0.saves > $1.saves }
            let chosen = fitting.first { $0.coupon.id == coupon }
            return Basket(
                lines: lines, fitting: fitting, unfitting: usable.filter { $0.minimumOrderAmount > total },
                chosen: chosen?.coupon, total: total, discount: chosen?.saves ?? .zero,
                balance: try shop.balances.amount(of: user) ?? .zero)
        }
    }

    /// Puts more of a product into the basket. Throws `outOfStock` where there are fewer than the basket would then have.
    public func add(
        _ quantity: Quantity, of product: ProductID, to session: TokenHash, _ submission: Submission<Void>
    ) throws -> Answer {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { shop in
            // It may have been ended since the request came.
            guard try shop.accounts.session(session, { _ in true }) != nil else { throw ShopError.unauthenticated }
            guard let offer = try shop.products.offer(product) else { throw ShopError.productNotFound }
            let before = try shop.baskets.quantity(of: product, in: session)
            if before == nil, try shop.baskets.count(of: session) >= Self.mostLines {
                throw ShopError.basketFull(Self.mostLines)
            }
            let wanted = before.map { $0 + quantity } ?? quantity
            guard wanted.count <= Self.mostOfOne else { throw ShopError.tooManyOfOne(Self.mostOfOne) }
            guard wanted.count <= offer.stock else { throw ShopError.outOfStock(product) }
            try shop.baskets.set(wanted, of: product, in: session, at: now)
        }
    }

    /// Changes how many there are of products that are in the basket; nil takes one out.
    public func change(_ quantities: [ProductID: Quantity?], in session: TokenHash) throws {
        let now = clock.now()
        try store.write { shop in
            for (product, quantity) in quantities {
                guard try shop.baskets.quantity(of: product, in: session) != nil else { continue }
                if let quantity {
                    try shop.baskets.set(quantity, of: product, in: session, at: now)
                } else {
                    try shop.baskets.remove(product, from: session)
                }
            }
        }
    }

    /// Orders what is in the basket and empties it.
    ///
    /// - Parameter mark: of the basket as the customer has seen it. Throws `basketChanged` where it is another by now: another
    ///   tab has changed the basket, or the shop a price.
    public func order(
        _ session: TokenHash, coupon: UserCouponID?, seen mark: String, _ submission: Submission<Order>
    ) throws -> Answer {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { shop in
            let lines = try shop.baskets.lines(of: session).map {
                OrderRequestLine(product: $0.product.id, quantity: $0.quantity)
            }
            guard !lines.isEmpty else { throw ShopError.basketEmpty }
            let order = try orders.add(lines, coupon: coupon, of: submission.caller, at: now, shop)
            guard order.mark == mark else { throw ShopError.basketChanged }
            try shop.baskets.clear(session)
            return order
        }
    }
}
