/// One place in the list of popular products.
public struct PopularProduct: Sendable, Equatable {
    public let rank: Int
    /// Sold in the window of the batch.
    public let sales: Int64
    /// As it is now.
    public let product: Product

    public init(rank: Int, sales: Int64, product: Product) {
        self.rank = rank
        self.sales = sales
        self.product = product
    }
}

/// What the batch stored last.
public struct PopularList: Sendable, Equatable {
    public let products: [PopularProduct]
    /// nil before the first batch.
    public let computedAt: Timestamp?

    public init(products: [PopularProduct], computedAt: Timestamp?) {
        self.products = products
        self.computedAt = computedAt
    }
}

public protocol PopularRepository {
    /// The list as stored, without the products that are unlisted now.
    func list() throws -> PopularList
    /// What was sold of each product since the start of an hour.
    func sales(since hour: Hour) throws -> [ProductID: Int64]
    /// Hands over the listed products, the most viewed first and of those the newest first, until `body` answers false.
    func forEachListed(_ body: (ProductID) -> Bool) throws
    /// Puts these in the place of the whole list, the first on rank 1.
    func replace(with products: [(product: ProductID, sales: Int64)], at time: Timestamp) throws
    /// Forgets at most `limit` counts of sales before an hour; says how many.
    func forgetSales(before hour: Hour, limit: Int) throws -> Int
}

/// The popular products, and the batch that finds them.
public struct PopularProducts: Capability, Sendable {
    let context: Context

    /// The list as the last batch left it. Counts no view.
    public func list() throws -> PopularList {
        try store.read { tx in try tx.popular.list() }
    }

    /// Finds the most sold of the listed products, then the most viewed, then the newest, and replaces the list.
    ///
    /// All that takes long is read before the write begins, so the shop goes on selling meanwhile.
    public func recompute() throws {
        let now = clock.now()
        let best = try store.read { tx -> [(product: ProductID, sales: Int64)] in
            let sales = try tx.popular.sales(since: windowStart(now))
            return try top(policy.popularCount, sales, tx)
        }
        try store.write { tx in try tx.popular.replace(with: best, at: now) }
    }

    /// The first hour that counts: the running one and those of the policy before it.
    func windowStart(_ now: Timestamp) -> Hour { now.hour - policy.popularHours }

    /// The products come in the order that decides between equal sales, so one is better than another only by selling
    /// more. What sold counts down how many of the sold are still to come: when none is, the list is full of the best.
    private func top(_ count: Int, _ sales: [ProductID: Int64], _ tx: any Repositories) throws
        -> [(product: ProductID, sales: Int64)]
    {
        var best: [(product: ProductID, sales: Int64)] = []
        var soldToCome = sales.count
        try tx.popular.forEachListed { product in
            let sold = sales[product] ?? 0
            if sold > 0 { soldToCome -= 1 }
            if best.count < count || sold > best[best.count - 1].sales {
                let place = best.firstIndex { $0.sales < sold } ?? best.count
                best.insert((product, sold), at: place)
                if best.count > count { best.removeLast() }
            }
            return best.count < count || soldToCome > 0
        }
        return best
    }
}
