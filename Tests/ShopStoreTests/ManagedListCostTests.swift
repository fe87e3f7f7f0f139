import SQLite
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// What the staff's lists of products cost over a hundred thousand of them, and that they find the right ones.
struct ManagedListCostTests {
    private let shop: TestShop

    init() throws { shop = try TestShop() }

    /// One in ten unlisted, in eight without stock, in three low, in two without a picture.
    private func fill(_ count: Int) throws {
        try shop.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO products
                (id, listed, price, supplied, stock, views, created_at, name, description, picture, low_stock)
            SELECT i, i % 10 > 0, 1000 + i * 7919 % 900 * 100, i % 8, i % 8, 0, 1, (i * 7919 % 999) || ' 상품 ' || i,
                '정성껏 고른 상품입니다.', CASE i % 2 WHEN 0 THEN 'apple' END, CASE i % 3 WHEN 0 THEN 9 END
            FROM n
            """)
    }

    @Test func `each filter in each order takes some milliseconds of a processor at most, on any page`() throws {
        try fill(100_000)
        let all = try shop.connection().rows(of: "SELECT id FROM products").map {
            ProductID(try #require(Int64($0[0])))
        }
        let products = try shop.served.managedProducts(for: .test)
        let bound = try CostBound()
        let catalogue = try products.find(all)
        for filter in ManagedProductQuery.Filter.allCases {
            let left = catalogue.filter { ManagedProductQuery(filter: filter).isLeft($0) }
            #expect(left.count > 5_000)
            for order in ManagedProductQuery.Order.allCases {
                let sorted = left.sorted { one, other in
                    switch order {
                    case .newest: one.id > other.id
                    // No two names are the same.
                    case .name: one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
                    case .cheapestFirst: (one.price, one.id) < (other.price, other.id)
                    case .dearestFirst: (one.price, one.id) > (other.price, other.id)
                    }
                }
                for start in [0, left.count / 2, left.count - 50] {
                    let after = start == 0 ? nil : ManagedProductQuery.Position(sorted[start - 1])
                    let query = ManagedProductQuery(filter: filter, order: order, after: after, limit: 50)
                    var found: FoundManagedProducts?
                    try bound.expect("\(filter) \(order) from \(start)") { found = try products.list(query) }
                    #expect(
                        found?.items.map(\.id) == sorted[start..<start + 50].map(\.id), "\(filter) \(order) \(start)")
                    #expect((found?.next == nil) == (start == left.count - 50), "\(filter) \(order) \(start)")
                }
            }
        }
        try bound.expect("what is to be done") { _ = try products.work() }
    }

    @Test func `a sale moves a product into the lists of what is to be done`() throws {
        let apple = try shop.product("사과", stock: 20)
        _ = try shop.served.productAdministration(by: .test).update(apple, ProductChange(lowStock: 5))
        func work() throws -> [Int] {
            let work = try shop.served.managedProducts(for: .test).work()
            return [work[.low] ?? 0, work[.soldOut] ?? 0]
        }
        let buyer = try shop.customer(balance: 100_000)
        #expect(try work() == [0, 0])
        let order = try shop.order([(apple, 15)], buyer)
        _ = try shop.pay(order.id, buyer)
        #expect(try work() == [1, 0])
        _ = try shop.pay(try shop.order([(apple, 5)], buyer).id, buyer)
        #expect(try work() == [0, 1])
        _ = try shop.change(apple, isListed: false)
        #expect(try work() == [0, 0])
        #expect(try shop.rows("PRAGMA integrity_check") == ["ok"])
    }
}
