/// Baskets: a customer's belongs to the account, a visitor's to one device, until the visitor logs in.
public struct Baskets: Capability, Sendable {
    /// A bound on visitors, who are otherwise unlimited: with 100 lines each they take some 100 MB.
    static let mostVisitors = 20_000
    let context: Context

    /// The basket with the coupons that can be used for it.
    public func show(_ owner: BasketOwner, coupon: CouponChoice) throws -> Basket {
        let now = clock.now()
        return try store.read { tx in
            let lines = try tx.baskets.lines(of: owner)
            let total = lines.filter(\.product.isListed).reduce(Won.zero) { $0 + $1.amount }
            var (usable, balance) = ([UserCoupon](), Won.zero)
            if case .customer(let user) = owner {
                usable = try tx.coupons.usable(by: user, at: now, limit: Coupons.mostUsable)
                balance = try tx.balances.amount(of: user) ?? .zero
            }
            let offer = CouponOffer(usable, for: total)
            let chosen = offer.chosen(coupon)
            return Basket(
                lines: lines, coupons: offer, chosen: chosen?.coupon, total: total, discount: chosen?.saves ?? .zero,
                balance: balance)
        }
    }

    /// How many different products are in the visitor's basket.
    public func count(of visitor: TokenHash) throws -> Int {
        try store.lookUp { tx in try tx.baskets.count(of: .visitor(visitor)) }
    }

    /// Adds to a product's quantity in the basket. Throws `outOfStock` if the basket would hold more than there are.
    public func add(
        _ quantity: Quantity, of product: ProductID, to user: UserID, _ submission: Submission<Void>
    ) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            try add(quantity, of: product, to: .customer(user), at: now, tx)
        }
    }

    /// The same for a visitor, who gets a basket if there is none yet.
    public func add(_ quantity: Quantity, of product: ProductID, to visitor: TokenHash) throws {
        let now = clock.now()
        try store.write { tx in
            try tx.baskets.keepVisitor(visitor, at: now, most: Self.mostVisitors)
            try add(quantity, of: product, to: .visitor(visitor), at: now, tx)
        }
    }

    private func add(
        _ quantity: Quantity, of product: ProductID, to owner: BasketOwner, at now: Timestamp, _ tx: any Repositories
    ) throws {
        guard let offer = try tx.products.offer(product) else { throw ShopError.productNotFound }
        let before = try tx.baskets.quantity(of: product, in: owner)
        if before == nil, try tx.baskets.count(of: owner) >= Basket.mostLines {
            throw ShopError.basketFull(Basket.mostLines)
        }
        let wanted = before.map { $0 + quantity } ?? quantity
        let most = BasketLine.quantityRange.upperBound
        guard wanted.count <= most else { throw ShopError.tooManyOfOne(most) }
        guard wanted.count <= offer.stock else { throw ShopError.outOfStock(product) }
        try tx.baskets.set(wanted, of: product, in: owner, at: now)
    }

    /// Changes the quantities of products in the basket; nil removes one. All or nothing: throws `outOfStock` if there
    /// are fewer than wanted.
    public func change(_ quantities: [ProductID: Quantity?], in owner: BasketOwner) throws {
        let now = clock.now()
        try store.write { tx in
            for (product, quantity) in quantities {
                guard let before = try tx.baskets.quantity(of: product, in: owner) else { continue }
                guard let quantity else {
                    try tx.baskets.remove(product, from: owner)
                    continue
                }
                if quantity == before { continue }
                // What is no longer sold can only be removed.
                guard let offer = try tx.products.offer(product) else { continue }
                guard quantity.count <= offer.stock else { throw ShopError.outOfStock(product) }
                try tx.baskets.set(quantity, of: product, in: owner, at: now)
            }
        }
    }

    /// Orders the basket's contents, in the given quantities, and empties it.
    ///
    /// - Parameters:
    ///   - quantities: for products in the basket; nil leaves one out. The others keep their quantity.
    ///   - mark: of the basket that the customer has seen. Throws `basketChanged` if it differs by now: something was
    ///     added in another tab, or the shop has changed a price.
    public func order(
        _ user: UserID, _ quantities: [ProductID: Quantity?], coupon: CouponChoice, seen mark: String,
        _ submission: Submission<Order>
    ) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            let basket = try tx.baskets.lines(of: .customer(user))
            guard !basket.isEmpty else { throw ShopError.basketEmpty }
            guard Basket.mark(basket) == mark else { throw ShopError.basketChanged }
            let lines = basket.compactMap { line in
                (quantities[line.product.id] ?? line.quantity).map {
                    OrderRequestLine(product: line.product.id, quantity: $0)
                }
            }
            guard !lines.isEmpty else { throw ShopError.basketEmpty }
            let order = try Orders(context: context).add(lines, coupon: coupon, of: user, at: now, tx)
            try tx.baskets.clear(user)
            return order
        }
    }

    /// Puts a past order's products into the basket again, as far as they can be had. The outcome says whether that was
    /// all of them.
    public func addAgain(_ id: OrderID, _ submission: Submission<Bool>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            let order = try tx.orders.find(id, of: submission.caller)
            let lines = order.lines.map { ($0.product, $0.quantity) }
            return try fill(.customer(submission.caller), with: lines, at: now, tx)
        }
    }

    /// Moves a visitor's basket into the customer's, as far as there is room and stock. The visitor's is gone
    /// afterwards.
    public func merge(_ visitor: TokenHash, into user: UserID) throws {
        // Most have none, and a read costs less than a write.
        guard try count(of: visitor) > 0 else { return }
        let now = clock.now()
        try store.write { tx in
            let lines = try tx.baskets.lines(of: .visitor(visitor)).map { ($0.product.id, $0.quantity) }
            _ = try fill(.customer(user), with: lines, at: now, tx)
            try tx.baskets.forgetVisitor(visitor)
        }
    }

    /// Adds as much as the basket takes; returns whether that was all.
    private func fill(
        _ owner: BasketOwner, with lines: [(ProductID, Quantity)], at now: Timestamp, _ tx: any Repositories
    ) throws -> Bool {
        var count = try tx.baskets.count(of: owner)
        var isAll = true
        for (product, quantity) in lines {
            let before = try tx.baskets.quantity(of: product, in: owner)
            let wanted = (before?.count ?? 0) + quantity.count
            let most = min(try tx.products.offer(product)?.stock ?? 0, BasketLine.quantityRange.upperBound)
            if wanted > most { isAll = false }
            let possible = min(wanted, most)
            guard possible > before?.count ?? 0 else { continue }
            guard before != nil || count < Basket.mostLines else {
                isAll = false
                continue
            }
            if before == nil { count += 1 }
            try tx.baskets.set(Quantity(possible), of: product, in: owner, at: now)
        }
        return isAll
    }
}
