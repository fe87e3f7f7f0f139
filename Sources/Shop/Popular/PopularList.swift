/// One place in the list of popular products.
public struct PopularProduct: Sendable, Equatable {
    public let rank: Int
    /// How many were sold in the batch's window.
    public let sales: Int64
    /// The product as it is now.
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
    /// The list as stored, without products that are now unlisted.
    func list() throws -> PopularList
    /// How many of each product were sold since the start of an hour.
    func sales(since hour: Hour) throws -> [ProductID: Int64]
    /// Passes the listed products to `body`, the most viewed first, then the newest, until it returns false.
    func forEachListed(_ body: (ProductID) -> Bool) throws
    /// Replaces the whole list with these, the first at rank 1.
    func replace(with products: [(product: ProductID, sales: Int64)], at time: Timestamp) throws
}
