import SQLite
import Shop
import ShopTestSupport
import Synchronization
import TestSupport
import Testing

@testable import ShopStore

/// Two stores on one file, like the server and the batch.
struct OtherProcessTests {
    @Test func `another process gets its writes through while the writer is at full load`() throws {
        let shop = try TestShop()
        let users = try (0..<16).map { try shop.customer("user\($0)") }
        let apple = try shop.product()
        let batch = try SQLiteStore(path: shop.path, options: .test, logger: .silent)
        defer { batch.close() }
        let isOver = Atomic<Bool>(false)
        let racers = Racers(16) { number in
            var charged: Int64 = 0
            // Ends on its own if the test does not get that far.
            let deadline = ContinuousClock.now + .seconds(30)
            while !isOver.load(ordering: .acquiring), ContinuousClock.now < deadline, charged < 9_000_000 {
                _ = try shop.charge(1_000, users[number])
                charged += 1_000
            }
            return charged
        }
        defer { isOver.store(true, ordering: .releasing) }
        try eventually("a hundred are written") { shop.store.writeStatistics.writes > 100 }
        var longest = 0.0
        for _ in 0..<10 {
            let took = try seconds {
                try batch.write { tx in try tx.products.addViews([apple: 1]) }
            }
            longest = max(longest, took)
        }
        let before = shop.store.writeStatistics.writes
        let other = shop.other(over: batch)
        let took = try seconds {
            try other.popular.recompute()
            _ = try other.housekeeping.run()
        }
        isOver.store(true, ordering: .releasing)
        let charged = try #require(racers.outcomes()).map { try $0.get() }
        #expect(longest < 3, "\(longest) s for one write")
        #expect(took < 5, "\(took) s for the batch")
        #expect(shop.store.writeStatistics.writes > before, "the server did not write meanwhile")
        #expect(try users.map(shop.balance) == charged)
        #expect(try shop.stored(apple)?.views == 10)
        #expect(try shop.audit() == [])
    }

    @Test func `two stores that write to one file at once lose nothing`() throws {
        let shop = try TestShop()
        let user = try shop.customer()
        let other = try SQLiteStore(path: shop.path, options: .test, logger: .silent)
        defer { other.close() }
        let balances = shop.other(over: other).balances
        let racers = Racers(6) { number in
            for _ in 0..<30 {
                let entry = try Submission.outcome(of: user) { (submission: Submission<BalanceEntry>) in
                    try (number.isMultiple(of: 2) ? shop.balances : balances).charge(Won(1_000), submission)
                }
                #expect(entry.amount == Won(1_000))
            }
        }
        #expect(racers.outcomes()?.successes == 6)
        #expect(try shop.balance(user) == 180_000)
        #expect(try shop.audit() == [])
    }
}
