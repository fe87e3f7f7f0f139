import SQLite
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// Orders from before there were ledgers of them, and refunds in parts.
struct OrderMigrationTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("shop.db")
    }

    /// A shop of the fourth version: order 1 was refunded, 2 is paid, 3 was cancelled, 4 expired, 5 waits.
    private func makeOlder() throws -> Connection {
        let sql = try Connection(path: path, access: .create, busyTimeoutMilliseconds: 10_000)
        try sql.execute("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF; BEGIN")
        try Migrations.apply(Array(Migrations.steps.prefix(4)), to: sql, from: 0)
        try sql.execute(
            """
            INSERT INTO users (id, login, login_key, role, name, created_at) VALUES (1, 'kim', 'kim', 'customer', '', 1);
            INSERT INTO balances (user_id, amount, entries) VALUES (1, 99000, 4);
            INSERT INTO balance_entries (user_id, id, kind, amount, balance, order_id, created_at) VALUES
                (1, 1, 'charge', 100000, 100000, NULL, 1), (1, 2, 'payment', -200, 99800, 1, 20),
                (1, 3, 'payment', -1000, 98800, 2, 21), (1, 4, 'refund', 200, 99000, 1, 30);
            INSERT INTO products (id, listed, price, supplied, stock, views, created_at, name, description) VALUES
                (1, 1, 100, 50, 50, 0, 1, 'a', ''), (2, 1, 100, 50, 50, 0, 1, 'b', ''), (3, 1, 1000, 5, 4, 0, 1, 'c', '');
            INSERT INTO coupons (id, remaining, quantity, opens_at, closes_at, valid_days, minimum_order_amount,
                fixed_amount, name, created_at) VALUES (1, 4, 5, 1, 2, 1, 0, 100, 'x', 1);
            INSERT INTO user_coupons (id, coupon_id, user_id, issued_at, expires_at) VALUES (1, 1, 1, 1, 2);
            INSERT INTO orders (id, user_id, status, total_amount, discount_amount, final_amount, user_coupon_id, created_at,
                expires_at, completed_at) VALUES (1, 1, 'refunded', 300, 100, 200, 1, 10, 100, 20),
                (2, 1, 'completed', 1000, 0, 1000, NULL, 11, 101, 21), (3, 1, 'cancelled', 100, 0, 100, NULL, 12, 102, NULL),
                (4, 1, 'expired', 100, 0, 100, NULL, 13, 103, NULL), (5, 1, 'pending', 100, 0, 100, NULL, 14, 104, NULL);
            INSERT INTO order_lines (order_id, product_id, position, unit_price, quantity, name) VALUES
                (1, 2, 0, 100, 1, 'b'), (1, 1, 1, 100, 2, 'a'), (2, 3, 0, 1000, 1, 'c'), (3, 1, 0, 100, 1, 'a'),
                (4, 1, 0, 100, 1, 'a'), (5, 1, 0, 100, 1, 'a');
            INSERT INTO payments (order_id, user_id, amount, balance, status, paid_at, refunded_at) VALUES
                (1, 1, 200, 99800, 'refunded', 20, 30), (2, 1, 1000, 98800, 'paid', 21, NULL);
            INSERT INTO product_sales (hour, product_id, quantity) VALUES (0, 1, 0), (0, 2, 0), (0, 3, 1);
            COMMIT
            """)
        return sql
    }

    @Test func `each order has the events that its states tell, and its refund`() throws {
        let sql = try makeOlder()
        #expect(try Migrations.migrate(sql).from == 4)
        #expect(
            try sql.rows(of: "SELECT order_id, id, kind, actor, login, amount, at FROM order_events") == [
                ["1", "2", "paid", "customer", "", "200", "20"], ["1", "3", "refunded", "staff", "", "200", "30"],
                ["2", "2", "paid", "customer", "", "1000", "21"], ["3", "2", "cancelled", "customer", "", "", ""],
                ["4", "2", "expired", "shop", "", "", "103"],
            ])
        #expect(try sql.rows(of: "SELECT * FROM refunds") == [["1", "1", "200", "1", "", "30"]])
        // Of 100 off, the first line has 33, and the second one what is missing, too.
        #expect(
            try sql.rows(of: "SELECT * FROM refund_lines") == [
                ["1", "1", "1", "2", "133"], ["1", "1", "2", "1", "67"],
            ])
        #expect(
            try sql.rows(of: "SELECT id, refunds, refunded_amount FROM orders") == [
                ["1", "1", "200"], ["2", "0", "0"], ["3", "0", "0"], ["4", "0", "0"], ["5", "0", "0"],
            ])
        #expect(try Audit.differences(path: path) == [])
    }

    @Test func `who gave a refund is taken from the trace`() throws {
        let sql = try makeOlder()
        try sql.execute(
            """
            INSERT INTO trace (id, at, user_id, login, role, way, address, action, subject, subject_id, hash)
            VALUES (1, 30, NULL, 'root', NULL, 'shell', '', 'order-refunded', 'order', 1, zeroblob(32))
            """)
        try Migrations.migrate(sql)
        #expect(try sql.rows(of: "SELECT login FROM refunds") == [["root"]])
        #expect(try sql.rows(of: "SELECT login FROM order_events WHERE kind = 'refunded'") == [["root"]])
    }
}
