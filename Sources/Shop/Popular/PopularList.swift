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
