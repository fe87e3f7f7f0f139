import Foundation
import SQLite
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

struct MigrationTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("shop.db")
    }

    private func open() throws -> Connection {
        try Connection(path: path, access: .create, busyTimeoutMilliseconds: 10_000)
    }

    private func openStore() throws -> SQLiteStore {
        try SQLiteStore(path: path, options: .test, logger: .silent)
    }

    private func schema() throws -> [[String]] {
        try open().rows(of: "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name")
    }

    @Test func `an empty file gets the newest schema, in WAL mode`() throws {
        let sql = try open()
        let (from, to) = try Migrations.migrate(sql)
        #expect((from, to) == (0, Migrations.current))
        #expect(try Migrations.version(of: sql) == Migrations.current)
        #expect(try sql.pragma("journal_mode") == "wal")
        try Migrations.check(sql)
        try openStore().close()
    }

    @Test func `a second run does nothing`() throws {
        try Migrations.migrate(try open())
        let before = try schema()
        let (from, to) = try Migrations.migrate(try open())
        #expect((from, to) == (Migrations.current, Migrations.current))
        #expect(try schema() == before)
    }

    @Test func `a newer database is refused by the migration and by the store, untouched`() throws {
        try makeDatabase(path)
        let newer = Migrations.current + 1
        try open().execute("PRAGMA user_version = \(newer)")
        let refusal = MigrationError.newer(database: newer, program: Migrations.current)
        #expect(throws: refusal) { try Migrations.migrate(try open()) }
        #expect(throws: refusal) { try openStore() }
        #expect(throws: refusal) { try Audit.differences(path: path) }
        #expect(try open().pragma("user_version") == "\(newer)")
        #expect(refusal.description.contains("install a newer jangteo"))
        #expect(!refusal.description.contains("\n"))
    }

    @Test func `a version that is not a shop's is refused, untouched`() throws {
        try makeDatabase(path)
        try open().execute("PRAGMA user_version = -1")
        let refusal = MigrationError.foreign(database: -1)
        #expect(throws: refusal) { try Migrations.migrate(try open()) }
        #expect(throws: refusal) { try openStore() }
        #expect(throws: refusal) { try Audit.differences(path: path) }
        #expect(try open().pragma("user_version") == "-1")
        #expect(!refusal.description.contains("\n"))
    }

    @Test func `an older database is refused by the store, which says what to do`() throws {
        _ = try open().execute("PRAGMA journal_mode = WAL")
        let refusal = MigrationError.older(database: 0, program: Migrations.current)
        #expect(throws: refusal) { try openStore() }
        #expect(refusal.description.contains("run jangteo migrate"))
        #expect(try schema() == [])
    }

    @Test func `a store does not create a database`() throws {
        #expect(throws: SQLiteError.self) { try openStore() }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a file that is not a database is refused, untouched`() throws {
        let text = String(repeating: "not a database\n", count: 500)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: SQLiteError.self) { try Migrations.migrate(try open()) }
        #expect(throws: SQLiteError.self) { try openStore() }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }

    @Test func `concurrent migrations all succeed, and the schema is made once`() throws {
        for round in 0..<5 {
            let path = folder("race\(round).db")
            let racers = Racers(4) { _ in
                let sql = try Connection(path: path, access: .create, busyTimeoutMilliseconds: 10_000)
                let (_, to) = try Migrations.migrate(sql)
                try Migrations.check(sql)
                return to
            }
            let outcomes = try #require(racers.outcomes())
            #expect(
                outcomes.compactMap { try? $0.get() } == [1, 1, 1, 1].map { $0 * Migrations.current }, "\(outcomes)")
        }
    }

    @Test func `a failed migration leaves the previous version`() throws {
        // A table of the first schema exists already.
        try open().execute("CREATE TABLE orders (id INTEGER)")
        let before = try schema()
        let sql = try open()
        #expect(throws: SQLiteError.self) { try Migrations.migrate(sql) }
        #expect(sql.isAutocommit)
        #expect(try Migrations.version(of: sql) == 0)
        #expect(try schema() == before)
    }

    private func makeFirst() throws {
        try open().execute("PRAGMA journal_mode = WAL; \(schema0001); PRAGMA user_version = 1")
    }

    @Test func `the step before the first change runs once, and only if there are data`() throws {
        var seen: [Int] = []
        try Migrations.migrate(try open()) { seen.append($0) }
        try Migrations.migrate(try open()) { seen.append($0) }
        #expect(seen == [])
        try FileManager.default.removeItem(atPath: path)
        try makeFirst()
        try Migrations.migrate(try open()) { version in
            seen.append(version)
            // Others read the old state, and cannot write.
            let other = try Connection(path: path, access: .readWrite, busyTimeoutMilliseconds: 0)
            #expect(try Migrations.version(of: other) == 1)
            #expect(throws: SQLiteError.self) { try other.execute("BEGIN IMMEDIATE") }
        }
        #expect(seen == [1])
        #expect(try Migrations.version(of: try open()) == Migrations.current)
    }

    @Test func `whoever could do everything before there were roles is an owner, and stays logged in`() throws {
        let sql = try open()
        try sql.execute("PRAGMA foreign_keys = OFF; BEGIN")
        try Migrations.apply(Array(Migrations.steps.prefix(3)), to: sql, from: 0)
        try sql.execute(
            """
            INSERT INTO users (id, login, login_key, role, name, password_hash, created_at, closed_at) VALUES
                (1, 'Boss', 'boss', 'admin', '사장', 'hash', 5, NULL), (2, 'kim', 'kim', 'customer', '', NULL, 6, 7);
            INSERT INTO sessions (token_hash, user_id, role, created_at, last_used_at, expires_at, device, network)
            VALUES (zeroblob(32), 1, 'admin', 1, 2, 3, 'Firefox', '192.0.2.1');
            COMMIT
            """)
        #expect(try Migrations.migrate(sql).from == 3)
        #expect(
            try sql.rows(of: "SELECT * FROM users ORDER BY id") == [
                ["1", "Boss", "boss", "owner", "사장", "hash", "5", "", "사장"],
                ["2", "kim", "kim", "customer", "", "", "6", "7", ""],
            ])
        #expect(
            try sql.rows(
                of: "SELECT user_id, role, created_at, last_used_at, expires_at, device, network FROM sessions")
                == [["1", "owner", "1", "2", "3", "Firefox", "192.0.2.1"]])
        let indexes =
            "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'sessions' AND sql IS NOT NULL"
        #expect(Set(try sql.rows(of: indexes)) == [["sessions_expiry"], ["sessions_use"], ["sessions_user"]])
    }

    @Test func `the entries of the balances stay as they are, and corrections fit in`() throws {
        let sql = try open()
        try sql.execute("PRAGMA foreign_keys = OFF; BEGIN")
        try Migrations.apply(Array(Migrations.steps.prefix(4)), to: sql, from: 0)
        try sql.execute(
            """
            INSERT INTO users (id, login, login_key, role, name, created_at) VALUES (1, 'Kim', 'kim', 'customer', 'KIM', 1);
            INSERT INTO balances (user_id, amount, entries) VALUES (1, 900, 2);
            INSERT INTO orders (id, user_id, status, total_amount, discount_amount, final_amount, created_at, expires_at,
                completed_at) VALUES (7, 1, 'completed', 100, 0, 100, 1, 2, 2);
            INSERT INTO balance_entries (user_id, id, kind, amount, balance, order_id, created_at)
            VALUES (1, 1, 'charge', 1000, 1000, NULL, 5), (1, 2, 'payment', -100, 900, 7, 6);
            COMMIT
            """)
        #expect(try Migrations.migrate(sql).from == 4)
        #expect(
            try sql.rows(of: "SELECT * FROM balance_entries ORDER BY id") == [
                ["1", "1", "charge", "1000", "1000", "", "5"], ["1", "2", "payment", "-100", "900", "7", "6"],
            ])
        #expect(try sql.rows(of: "SELECT name_key FROM users") == [["kim"]])
        try sql.execute(
            """
            INSERT INTO balance_entries VALUES (1, 3, 'correction', -900, 0, NULL, 7), (1, 4, 'correction', 1, 1, NULL, 8)
            """)
        #expect(throws: SQLiteError.self) {
            try sql.execute("INSERT INTO balance_entries VALUES (1, 5, 'correction', 1, 2, 7, 9)")
        }
        #expect(try sql.rows(of: "PRAGMA foreign_key_check") == [])
    }

    @Test func `baskets of a customer's sessions become the customer's one basket`() throws {
        let (phone, other) = (
            "x'" + String(repeating: "1", count: 64) + "'", "x'" + String(repeating: "2", count: 64) + "'"
        )
        let sql = try open()
        try sql.execute(
            """
            PRAGMA journal_mode = WAL; \(schema0001); \(schema0002); PRAGMA user_version = 2;
            INSERT INTO users (id, login, login_key, role, name, created_at) VALUES (1, 'kim', 'kim', 'customer', '김', 1),
                (2, 'lee', 'lee', 'customer', '이', 1);
            INSERT INTO balances (user_id, amount, entries) VALUES (1, 0, 0), (2, 0, 0);
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
                INSERT INTO products (id, listed, price, supplied, stock, views, created_at, name, description)
                SELECT i, 1, 1000, 5, 5, 0, 1, 'p' || i, '' FROM n;
            INSERT INTO sessions (token_hash, user_id, role, created_at, last_used_at, expires_at)
                VALUES (zeroblob(32), 1, 'customer', 1, 1, 9), (\(phone), 1, 'customer', 1, 1, 9),
                (\(other), 2, 'customer', 1, 1, 9);
            INSERT INTO basket_lines (token_hash, product_id, quantity, added_at) VALUES (zeroblob(32), 1, 600, 5),
                (zeroblob(32), 2, 3, 2), (\(phone), 1, 700, 4);
            INSERT INTO basket_lines (token_hash, product_id, quantity, added_at)
                SELECT \(other), id, 1, id FROM products;
            """)
        try Migrations.migrate(sql)
        #expect(
            try sql.rows(of: "SELECT * FROM customer_basket_lines WHERE user_id = 1 ORDER BY product_id") == [
                ["1", "1", "1000", "4"], ["1", "2", "3", "2"],
            ])
        // In an overfull basket, what was added first stays.
        #expect(
            try sql.rows(of: "SELECT count(*), max(product_id) FROM customer_basket_lines WHERE user_id = 2") == [
                ["100", "100"]
            ])
        #expect(try sql.rows(of: "PRAGMA foreign_key_check") == [])
        #expect(try Audit.differences(path: path) == [])
    }

    @Test func `figures are counted from what the shop has done so far`() throws {
        let sql = try open()
        // Two orders of an hour, one of them refunded two hours later, and one that waits; sales before hour 10 were forgotten.
        try sql.execute(
            """
            PRAGMA journal_mode = WAL; \(schema0001); \(schema0002); PRAGMA user_version = 2;
            INSERT INTO users (id, login, login_key, role, name, created_at) VALUES (1, 'kim', 'kim', 'customer', '', 3600001),
                (2, 'boss', 'boss', 'admin', '', 1);
            INSERT INTO balances (user_id, amount, entries) VALUES (1, 0, 0), (2, 0, 0);
            INSERT INTO products (id, listed, price, supplied, stock, views, created_at, name, description)
                VALUES (1, 1, 100, 9, 5, 0, 1, 'p', ''), (2, 1, 10, 9, 8, 0, 1, 'q', '');
            INSERT INTO coupons (id, remaining, quantity, opens_at, closes_at, valid_days, minimum_order_amount, fixed_amount, name, created_at)
                VALUES (1, 0, 1, 1, 9, 1, 0, 50, 'c', 1);
            INSERT INTO user_coupons (id, coupon_id, user_id, issued_at, expires_at, used_at, order_id)
                VALUES (1, 1, 1, 7200000, 9999999999, 18000001, 1);
            INSERT INTO orders (id, user_id, status, total_amount, discount_amount, final_amount, user_coupon_id, created_at, expires_at, completed_at)
                VALUES (1, 1, 'completed', 310, 50, 260, 1, 14400000, 99999999, 18000001),
                (2, 1, 'refunded', 100, 0, 100, NULL, 18000000, 99999999, 18000002),
                (3, 1, 'pending', 200, 0, 200, NULL, 18000003, 99999999, NULL);
            INSERT INTO order_lines (order_id, product_id, position, unit_price, quantity, name) VALUES (1, 1, 0, 100, 3, 'p'),
                (1, 2, 1, 10, 1, 'q'), (2, 1, 0, 100, 1, 'p'), (3, 1, 0, 100, 2, 'p');
            INSERT INTO payments (order_id, user_id, amount, balance, status, paid_at, refunded_at)
                VALUES (1, 1, 260, 0, 'paid', 18000001, NULL), (2, 1, 100, 0, 'refunded', 18000002, 25200000);
            INSERT INTO balance_entries (user_id, id, kind, amount, balance, order_id, created_at) VALUES
                (1, 1, 'charge', 360, 360, NULL, 1), (1, 2, 'payment', -260, 100, 1, 18000001),
                (1, 3, 'payment', -100, 0, 2, 18000002), (1, 4, 'refund', 100, 100, 2, 25200000);
            UPDATE balances SET amount = 100, entries = 4 WHERE user_id = 1;
            UPDATE products SET stock = 6 WHERE id = 1;
            INSERT INTO kept_sales VALUES (1, 10);
            """)
        try Migrations.migrate(sql)
        #expect(
            try sql.rows(of: "SELECT * FROM figures ORDER BY hour") == [
                ["1", "0", "0", "0", "0", "0", "0", "0", "1"], ["2", "0", "0", "0", "0", "0", "0", "1", "0"],
                ["4", "1", "310", "0", "0", "0", "0", "0", "0"], ["5", "2", "300", "2", "360", "0", "0", "0", "0"],
                ["7", "0", "0", "0", "0", "1", "100", "0", "0"],
            ])
        #expect(
            try sql.rows(of: "SELECT * FROM product_sales ORDER BY product_id") == [
                ["5", "1", "3", "4", "400"], ["5", "2", "1", "1", "10"],
            ])
        #expect(try sql.rows(of: "PRAGMA foreign_key_check") == [])
        #expect(try Audit.differences(path: path) == [])
    }

    @Test func `if that fails nothing is changed`() throws {
        struct NoBackup: Error {}
        try makeFirst()
        let before = try schema()
        #expect(throws: NoBackup.self) { try Migrations.migrate(try open()) { _ in throw NoBackup() } }
        #expect(try Migrations.version(of: try open()) == 1)
        #expect(try schema() == before)
    }
}
