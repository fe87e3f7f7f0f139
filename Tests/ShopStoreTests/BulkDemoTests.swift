import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// Test data in bulk is data as the shop would have made it.
struct BulkDemoTests {
    private let shop: TestShop

    init() throws { shop = try TestShop() }

    private func fill(users: Int = 0, products: Int = 0, orders: Int, balance: Won = .zero) throws {
        var demo = BulkDemo()
        (demo.users, demo.products, demo.orders, demo.balance) = (users, products, orders, balance)
        try demo.fill(path: shop.path, clock: shop.clock.shopClock, token: nil)
    }

    @Test func `orders are in every state, and all books agree`() throws {
        try fill(users: 7, products: 50, orders: 2_000, balance: Won(500))
        #expect(
            try shop.rows("SELECT DISTINCT status FROM orders ORDER BY 1") == [
                "cancelled", "completed", "expired", "pending", "refunded",
            ])
        #expect(try shop.rows("SELECT count(*) FROM orders") == ["2000"])
        #expect(
            try shop.rows(
                "SELECT min(lines), max(lines) FROM (SELECT count(*) AS lines FROM order_lines GROUP BY order_id)")
                == ["1|3"])
        #expect(try shop.rows("SELECT count(DISTINCT user_id) FROM orders") == ["7"])
        #expect(try shop.audit() == [])
    }

    @Test func `the newest orders wait for their payment, and can be paid`() throws {
        // One each 26 minutes.
        try fill(users: 3, products: 2, orders: 20_000, balance: Won(1_000_000))
        let waiting = try shop.rows("SELECT id, user_id FROM orders WHERE status = 'pending'")
        #expect(!waiting.isEmpty)
        let parts = try #require(waiting.first).split(separator: "|").compactMap { Int64($0) }
        _ = try shop.pay(OrderID(parts[0]), UserID(parts[1]))
        #expect(try shop.audit() == [])
    }

    @Test func `more orders come behind those that are there`() throws {
        let customer = try shop.customer(balance: 10_000)
        let order = try shop.order([(try shop.product(price: 1_000, stock: 5), 1)], customer)
        _ = try shop.pay(order.id, customer)
        for _ in 1...2 { try fill(orders: 100) }
        #expect(try shop.rows("SELECT count(*), max(id) FROM orders") == ["201|\(order.id.value + 200)"])
        #expect(try shop.audit() == [])
    }

    @Test func `without somebody who orders, or anything to order, it says so and makes nothing`() throws {
        #expect(throws: BulkOrders.NothingToOrderError.self) { try fill(products: 5, orders: 1) }
        _ = try shop.customer()
        #expect(throws: BulkOrders.NothingToOrderError.self) { try fill(users: 1, orders: 1) }
        #expect(try shop.rows("SELECT count(*) FROM products") == ["0"])
        #expect(try shop.rows("SELECT count(*) FROM users WHERE login LIKE 'user0%'") == ["0"])
    }
}
