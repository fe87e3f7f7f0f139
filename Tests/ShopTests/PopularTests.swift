import Shop
import ShopTestSupport
import Testing

struct PopularTests {
    let shop: TestShop
    let user: UserID
    /// The start of an hour, when the buyer's balance is full.
    let hour: Timestamp

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 5_000_000)
        hour = Timestamp(milliseconds: TestClock.start.hour.number * 3_600_000)
    }

    @discardableResult
    private func sell(_ quantity: Int64, _ product: ProductID, at time: Timestamp) throws -> OrderID {
        shop.clock.set(time)
        let order = try shop.order([(product, quantity)], user)
        return try shop.pay(order.id, user).order
    }

    private func list(at time: Timestamp) throws -> [PopularProduct] {
        shop.clock.set(time)
        try shop.popular.recompute()
        return try shop.popular.list().products
    }

    private func view(_ product: ProductID, _ count: Int) throws {
        try shop.store.write { tx in try tx.products.addViews([product: count]) }
    }

    @Test func `before the first batch there is no list`() throws {
        #expect(try shop.popular.list() == PopularList(products: [], computedAt: nil))
    }

    @Test func `an empty shop has an empty list`() throws {
        #expect(try list(at: hour).isEmpty)
        #expect(try shop.popular.list().computedAt == hour)
    }

    @Test func `the best sellers come first, then the most viewed, then the newest`() throws {
        let products = try (0..<7).map { try shop.product("상품\($0)", price: 10) }
        try sell(3, products[2], at: hour)
        try sell(5, products[4], at: hour)
        try view(products[0], 7)
        try view(products[3], 7)
        try view(products[1], 9)
        let found = try list(at: hour)
        #expect(found.map(\.product.id) == [products[4], products[2], products[1], products[3], products[0]])
        #expect(found.map(\.sales) == [5, 3, 0, 0, 0])
        #expect(found.map(\.rank) == [1, 2, 3, 4, 5])
    }

    @Test func `between equal sales views decide, between equal views the newest`() throws {
        let products = try (0..<6).map { try shop.product("상품\($0)", price: 10) }
        for product in products { try sell(2, product, at: hour) }
        try view(products[1], 1)
        #expect(
            try list(at: hour).map(\.product.id)
                == [products[1], products[5], products[4], products[3], products[2]])
    }

    @Test func `the window is the current hour and the 72 before it`() throws {
        let inside = try shop.product("안", price: 10)
        let outside = try shop.product("밖", price: 10)
        let running = try shop.product("지금", price: 10)
        try sell(3, outside, at: hour - .hours(72) - Timestamp.Span(milliseconds: 1))
        try sell(2, inside, at: hour - .hours(72))
        try sell(1, running, at: hour + .minutes(59))
        let found = try list(at: hour + .hours(1) - Timestamp.Span(milliseconds: 1))
        #expect(found.map(\.product.id) == [inside, running, outside])
        #expect(found.map(\.sales) == [2, 1, 0])
        let later = try list(at: hour + .hours(1))
        #expect(later.map(\.sales) == [1, 0, 0])
        #expect(later.first?.product.id == running)
    }

    @Test func `a refunded sale does not count`() throws {
        let apple = try shop.product("사과", price: 10)
        let rice = try shop.product("쌀", price: 10)
        let order = try sell(9, apple, at: hour)
        try sell(1, rice, at: hour)
        shop.clock.advance(.hours(2))
        _ = try shop.refund(order, by: user)
        let found = try list(at: hour + .hours(2))
        #expect(found.map(\.product.id) == [rice, apple])
        #expect(found.map(\.sales) == [1, 0])
    }

    @Test func `a product that is unlisted is not chosen, however much it sold`() throws {
        let apple = try shop.product("사과", price: 10)
        let rice = try shop.product("쌀", price: 10)
        try sell(9, apple, at: hour)
        _ = try shop.change(apple, isListed: false)
        #expect(try list(at: hour).map(\.product.id) == [rice])
    }

    @Test func `one unlisted since the batch is left out, and those after it move up`() throws {
        let products = try (0..<6).map { try shop.product("상품\($0)", price: 10) }
        for (index, product) in products.enumerated() { try sell(Int64(10 - index), product, at: hour) }
        #expect(try list(at: hour).map(\.product.id) == Array(products[0..<5]))
        _ = try shop.change(products[1], isListed: false)
        let shown = try shop.popular.list().products
        #expect(shown.map(\.product.id) == [products[0], products[2], products[3], products[4]])
        #expect(shown.map(\.rank) == [1, 2, 3, 4])
        #expect(shown.map(\.sales) == [10, 8, 7, 6])
    }

    @Test func `products are shown as they are now`() throws {
        let apple = try shop.product("사과", price: 10)
        _ = try list(at: hour)
        _ = try shop.change(apple, name: "배", price: 20)
        #expect(try shop.popular.list().products.map(\.product.name) == ["배"])
    }

    @Test func `the batch does not depend on where in the order of views the sold ones stand`() throws {
        let products = try (0..<40).map { try shop.product("상품\($0)", price: 10) }
        for (index, product) in products.enumerated() { try view(product, index * 7 % 40 + 1) }
        let sold: [Int: Int64] = [0: 4, 13: 6, 39: 2, 21: 4, 7: 1, 30: 3]
        for (index, quantity) in sold { try sell(quantity, products[index], at: hour) }
        let expected = products.indices
            .sorted { (sold[$0] ?? 0, $0 * 7 % 40) > (sold[$1] ?? 0, $1 * 7 % 40) }
            .prefix(5).map { products[$0] }
        #expect(try list(at: hour).map(\.product.id) == expected)
    }

    @Test func `a second batch replaces the list`() throws {
        let products = try (0..<5).map { try shop.product("상품\($0)", price: 10) }
        _ = try list(at: hour)
        try sell(1, products[0], at: hour + .minutes(1))
        #expect(try list(at: hour + .minutes(2)).first?.product.id == products[0])
        #expect(try shop.popular.list().computedAt == hour + .minutes(2))
        #expect(try shop.rows("SELECT count(*) FROM popular_products") == ["5"])
    }
}

struct HousekeepingTests {
    let shop: TestShop
    let user: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 100_000)
    }

    @Test func `an empty shop has nothing to tidy up`() throws {
        let report = try shop.housekeeping.run()
        #expect(report.expiredOrders + report.forgottenKeys + report.endedSessions == 0)
        #expect(report.movedSales + report.forgottenLogins == 0)
    }

    @Test func `overdue orders are stored as expired, others are left`() throws {
        let apple = try shop.product()
        let old = try (0..<3).map { _ in try shop.order([(apple, 1)], user) }
        let paid = try shop.order([(apple, 1)], user)
        _ = try shop.pay(paid.id, user)
        shop.clock.advance(Timestamp.Span(milliseconds: 1))
        let young = try shop.order([(apple, 1)], user)
        shop.clock.set(old[0].expiresAt)
        #expect(try shop.housekeeping.run().expiredOrders == 3)
        for order in old { #expect(try shop.orders.find(order.id, of: user).storedStatus == .expired) }
        #expect(try shop.orders.find(young.id, of: user).storedStatus == .pending)
        #expect(try shop.orders.find(paid.id, of: user).storedStatus == .completed)
        #expect(try shop.housekeeping.run().expiredOrders == 0)
        #expect(try shop.audit() == [])
    }

    @Test func `more rows than fit into one write are tidied up, too`() throws {
        let apple = try shop.product()
        let order = try shop.order([(apple, 1)], user)
        try shop.execute(
            """
            WITH RECURSIVE n (id) AS (SELECT 100 UNION ALL SELECT id + 1 FROM n WHERE id < 2599)
            INSERT INTO orders SELECT n.id, user_id, status, total_amount, discount_amount, final_amount, NULL,
                created_at, expires_at, NULL, 0, 0 FROM n, orders AS o WHERE o.id = \(order.id.value);
            INSERT INTO order_lines SELECT o.id, product_id, position, unit_price, quantity, name
                FROM orders AS o, order_lines WHERE o.id >= 100 AND order_id = \(order.id.value)
            """)
        shop.clock.set(order.expiresAt)
        #expect(try shop.housekeeping.run().expiredOrders == 2_501)
        #expect(try shop.rows("SELECT DISTINCT status FROM orders") == ["expired"])
        #expect(try shop.rows("SELECT count(*) FROM order_events WHERE kind = 'expired'") == ["2501"])
    }

    @Test func `sales before the window are kept by day, those in it by hour`() throws {
        let apple = try shop.product()
        for _ in 0..<2 {
            let order = try shop.order([(apple, 1)], user)
            _ = try shop.pay(order.id, user)
            shop.clock.advance(.hours(1))
        }
        shop.clock.advance(.hours(71))
        #expect(try shop.housekeeping.run().movedSales == 1)
        #expect(try shop.rows("SELECT hour FROM product_sales") == ["\(shop.clock.now.hour.number - 72)"])
        #expect(try shop.audit() == [])
    }

    @Test func `the books are right while an hour is half moved`() throws {
        let products = try (0..<3).map { try shop.product("상품\($0)") }
        for product in products { _ = try shop.pay(shop.order([(product, 1)], user).id, user) }
        shop.clock.advance(.hours(80))
        let now = shop.clock.now.hour
        let moved = try shop.store.write { tx in
            try tx.figures.moveSales(before: now - 72, limit: 2) { shop.policy.calendar.day(of: $0.start) }
        }
        #expect(moved == 2)
        #expect(try shop.rows("SELECT count(*) FROM product_sales") == ["1"])
        #expect(try shop.audit() == [])
    }

    @Test func `a refund of a sale that was moved leaves the books right`() throws {
        let apple = try shop.product(stock: 5)
        let order = try shop.order([(apple, 2)], user)
        _ = try shop.pay(order.id, user)
        shop.clock.advance(.hours(80))
        let other = try shop.order([(apple, 1)], user)
        _ = try shop.pay(other.id, user)
        #expect(try shop.housekeeping.run().movedSales == 1)
        _ = try shop.refund(order.id, by: user)
        #expect(try shop.stored(apple)?.stock == 4)
        #expect(try shop.audit() == [])
    }
}
