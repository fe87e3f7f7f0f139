import SQLite
import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// What figures cost: nothing that grows with the orders behind them.
struct FigureCostTests {
    private func shop() throws -> TestShop {
        var options = SQLiteStore.Options.test
        // Only one, which then has prepared every reading statement.
        options.readers = 1
        return try TestShop(options: options)
    }

    @Test func `today reads the rows of its hours, and of orders only those that wait`() throws {
        let shop = try shop()
        _ = try shop.served.figures(for: .test).today()
        let sql = try shop.connection()
        let statements = try shop.store.read { tx in try tx.sql.preparedSQL }.filter { $0.contains("FROM") }
        #expect(statements.count > 4)
        let plans = try statements.flatMap { try sql.plan($0) }
        #expect(plans.contains { $0.hasPrefix("SEARCH figures USING INTEGER PRIMARY KEY") })
        for line in plans {
            for table in ["order_lines", "payments", "user_coupons", "users", "product_sales", "product_days"] {
                #expect(!line.contains(" \(table) "), "\(line)")
            }
            if line.contains(" orders ") { #expect(line.contains("USING INDEX orders_pending"), "\(line)") }
        }
    }

    @Test func `a group of writes changes the row of its hour once, by what was done`() throws {
        let shop = try shop()
        _ = try shop.customer()
        try shop.execute(
            """
            CREATE TABLE written (hour INTEGER);
            CREATE TRIGGER figures_written AFTER UPDATE ON figures BEGIN INSERT INTO written VALUES (new.hour); END
            """)
        struct Undone: Error {}
        let now = shop.clock.now
        let outcomes = try shop.together(8) { tx, number in
            let signUp = SignUp(login: "buyer\(number)", password: "", name: "")
            _ = try tx.accounts.add(signUp, passwordHash: nil, at: now)
            if number.isMultiple(of: 2) { throw Undone() }
        }
        #expect(outcomes.successes == 4)
        #expect(try shop.rows("SELECT count(*) FROM written") == ["1"])
        #expect(try shop.rows("SELECT customers FROM figures") == ["5"])
        #expect(try shop.audit() == [])
    }

    @Test func `a group in which nothing is counted changes no row`() throws {
        let shop = try shop()
        let user = try shop.customer()
        let before = try shop.rows("SELECT * FROM figures")
        let changes = try shop.store.write { tx in try tx.sql.totalChanges }
        _ = try shop.charge(1_000, user)
        // The balance and its entry.
        #expect(try shop.store.write { tx in try tx.sql.totalChanges } - changes == 2)
        #expect(try shop.rows("SELECT * FROM figures") == before)
    }
}
