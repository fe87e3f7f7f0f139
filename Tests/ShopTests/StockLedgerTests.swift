import SQLite
import Shop
import ShopTestSupport
import Testing

/// Each change of a product's stock is a line of its ledger, and the audit adds them up.
struct StockLedgerTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private func add(stock: Int64) throws -> ProductID {
        let user = try shop.customer("boss")
        let draft = ProductDraft(name: "사과", description: "", price: Won(1_000), stock: stock)
        return try Submission.outcome(of: user) {
            try shop.served.productAdministration(by: .test).add(draft, $0)
        }.id
    }

    private func change(_ product: ProductID, _ count: Int64, _ reason: StockReason) throws {
        _ = try shop.served.productAdministration(by: .test).update(
            product,
            ProductChange(
                name: nil, description: nil, price: nil, stockChange: StockChange(count, reason), isListed: nil))
    }

    private func ledger(_ product: ProductID, before: StockMovementID? = nil, limit: Int = 100) throws -> [String] {
        try shop.served.stockLedger(for: .test).list(of: product, before: before, limit: limit).items.map { line in
            "\(line.id.value) \(line.reason.rawValue) \(line.change) \(line.stock) \(line.login ?? "-")"
        }
    }

    @Test func `what comes and goes is told with its reason, and what is sold is not`() throws {
        let product = try add(stock: 10)
        try change(product, 5, .delivery)
        let user = try shop.customer(balance: 100_000)
        _ = try shop.pay(try shop.order([(product, 4)], user).id, user)
        try change(product, -1, .damage)
        #expect(try ledger(product) == ["3 damage -1 10 test", "2 delivery 5 15 test", "1 opening 10 10 test"])
        #expect(try ledger(product, before: StockMovementID(3), limit: 1) == ["2 delivery 5 15 test"])
        #expect(try shop.stored(product)?.stock == 10)
        #expect(try shop.audit() == [])
    }

    @Test func `a change that is refused, or is none, leaves no line`() throws {
        let product = try add(stock: 0)
        #expect(throws: ShopError.outOfStock(product)) { try change(product, -1, .count) }
        try change(product, 0, .count)
        #expect(try ledger(product) == ["1 opening 0 0 test"])
        #expect(throws: ShopError.productNotFound) { try ledger(ProductID(99)) }
        #expect(try shop.audit() == [])
    }

    @Test func `it adds up while the stock is changed and sold at once`() throws {
        let product = try add(stock: 200)
        let buyers = try (0..<32).map { try shop.customer("buyer-\($0)", balance: 100_000) }
        let race = Racers(36) { number in
            for _ in 0..<5 {
                if number < buyers.count {
                    let buyer = buyers[number]
                    _ = try shop.pay(try shop.order([(product, 1)], buyer).id, buyer)
                } else {
                    try change(product, 8, .delivery)
                }
            }
        }
        for outcome in try #require(race.outcomes()) { try outcome.get() }
        #expect(try shop.stored(product)?.stock == 200)
        #expect(try ledger(product).count == 21)
        #expect(try shop.audit() == [])
    }

    @Test(arguments: ["UPDATE stock_movements SET change = 3", "DELETE FROM stock_movements"])
    func `the database lets nobody change it`(_ sql: String) throws {
        _ = try add(stock: 5)
        #expect(throws: SQLiteError.self) { try shop.execute(sql) }
    }

    @Test(arguments: [
        "UPDATE stock_movements SET change = change + 1 WHERE id = 2", "DELETE FROM stock_movements WHERE id = 2",
        "UPDATE stock_movements SET id = 7 WHERE id = 2", "UPDATE products SET supplied = supplied + 1",
        "DELETE FROM stock_movements",
    ])
    func `what was changed past the shop is found by the audit`(_ sql: String) throws {
        let product = try add(stock: 5)
        try change(product, 2, .delivery)
        try shop.execute("DROP TRIGGER stock_movements_stay; DROP TRIGGER stock_movements_stay_whole")
        try shop.execute(sql)
        let found = try shop.audit()
        #expect(found.contains { $0.hasPrefix("the stock ledger does not add up") }, "\(found)")
    }
}
