import SQLite
import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// Group commit: many jobs, one commit, each with its own result.
struct GroupCommitTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private func add(_ tx: any Repositories, _ name: String) throws -> ProductID {
        try tx.products.add(
            ProductDraft(name: name, description: "", price: Won(1), stock: 1), at: TestClock.start
        ).id
    }

    private func names() throws -> Set<String> { Set(try shop.rows("SELECT name FROM products")) }

    @Test func `a group is one commit, and each job has its own result`() throws {
        let commits = try CommitCounter(try shop.connection())
        let before = commits.value
        let outcomes = try shop.together(8) { tx, number in
            try tx.products.add(
                ProductDraft(name: "상품\(number)", description: "", price: Won(1), stock: 1), at: TestClock.start)
        }
        #expect(try outcomes.map { try $0.get().name } == (0..<8).map { "상품\($0)" })
        #expect(Set(try outcomes.map { try $0.get().id }).count == 8)
        #expect(commits.value &- before == 1)
        #expect(shop.store.writeStatistics.largestGroup == 8)
        #expect(shop.store.writeStatistics.writes == 9)
        #expect(try names().count == 8)
    }

    @Test func `a refusal undoes its own job and nothing else`() throws {
        let outcomes = try shop.together(8) { tx, number in
            let product = try add(tx, "상품\(number)")
            if number.isMultiple(of: 2) { throw ShopError.outOfStock(product) }
            return number
        }
        for (number, outcome) in outcomes.enumerated() where number.isMultiple(of: 2) {
            guard case ShopError.outOfStock? = outcome.error else {
                Issue.record("\(outcome)")
                continue
            }
        }
        #expect(outcomes.compactMap { try? $0.get() } == [1, 3, 5, 7])
        #expect(try names() == ["상품1", "상품3", "상품5", "상품7"])
        #expect(try shop.rows("SELECT count(*) FROM product_search WHERE product_search MATCH '\"상품\"'") == ["4"])
    }

    @Test func `a violated constraint fails its own job and nothing else`() throws {
        let outcomes = try shop.together(6) { tx, number in
            _ = try add(tx, "상품\(number)")
            if number == 2 { try tx.sql.execute("UPDATE products SET stock = -1") }
        }
        #expect((outcomes[2].error as? SQLiteError)?.isConstraint == true)
        #expect(outcomes.successes == 5)
        #expect(try names() == ["상품0", "상품1", "상품3", "상품4", "상품5"])
    }

    @Test func `a job sees what the jobs before it did, and not what was undone`() throws {
        let outcomes = try shop.together(10) { tx, number in
            let before = try tx.sql.rows(of: "SELECT count(*) FROM products")[0][0]
            _ = try add(tx, "상품\(number)")
            if number == 4 { throw ShopError.forbidden }
            return before
        }
        #expect(Set(outcomes.compactMap { try? $0.get() }) == Set((0..<9).map(String.init)))
    }

    @Test func `nothing is answered before it is committed, not even a refusal`() throws {
        let path = shop.path
        let outcomes = try shop.together(4) { tx, number -> Int in
            _ = try add(tx, "상품\(number)")
            if number == 0 { throw ShopError.forbidden }
            // Another connection sees nothing of the group while it runs.
            let other = try Connection(path: path, access: .readOnly, busyTimeoutMilliseconds: 0)
            return Int(try other.rows(of: "SELECT count(*) FROM products")[0][0]) ?? -1
        }
        #expect(try outcomes[1...].map { try $0.get() } == [0, 0, 0])
        #expect(try names().count == 3)
    }

    @Test func `a write without changes is answered, too`() throws {
        #expect(try shop.store.write { _ in 7 } == 7)
        #expect(throws: ShopError.forbidden) { try shop.store.write { _ in throw ShopError.forbidden } }
    }

    @Test func `a read cannot write`() throws {
        #expect(throws: UnavailableError.self) {
            try shop.store.read { tx in try tx.sql.execute("DELETE FROM products") }
        }
    }

    @Test func `a read sees one snapshot from its first statement to its last`() throws {
        let apple = try shop.product(stock: 5)
        try shop.store.read { tx in
            #expect(try tx.products.find(apple)?.stock == 5)
            _ = try shop.change(apple, stockChange: 1)
            #expect(try tx.products.find(apple)?.stock == 5)
        }
        #expect(try shop.stored(apple)?.stock == 6)
    }

    @Test func `a read that throws gives its connection back and holds no snapshot`() throws {
        for _ in 0..<20 {
            #expect(throws: ShopError.forbidden) {
                try shop.store.read { tx in
                    _ = try tx.products.find(ProductID(1))
                    throw ShopError.forbidden
                }
            }
        }
        _ = try shop.product()
        let (frames, copied) = try shop.connection(busyTimeoutMilliseconds: 0).checkpoint(.truncate)
        #expect(frames == copied)
    }

    @Test func `more readers than connections take their turns`() throws {
        let shop = shop
        let apple = try shop.product()
        let racers = Racers(32) { _ in
            for _ in 0..<50 { _ = try shop.store.read { tx in try tx.products.find(apple) } }
        }
        #expect(racers.outcomes()?.successes == 32)
    }
}
