import Foundation
import SQLite
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// A migration that rebuilds a table because its CHECK grows, in a shop where everything has happened once.
struct TableRebuildTests {
    let folder: TemporaryFolder
    let path: String

    /// Orders that can also be delivered.
    private static let orders = """
        CREATE TABLE rebuilt (
            id              INTEGER PRIMARY KEY,
            user_id         INTEGER NOT NULL REFERENCES users (id),
            status          TEXT    NOT NULL
                CHECK (status IN ('pending', 'completed', 'cancelled', 'expired', 'refunded', 'delivered')),
            total_amount    INTEGER NOT NULL CHECK (total_amount >= 0),
            discount_amount INTEGER NOT NULL CHECK (discount_amount BETWEEN 0 AND total_amount),
            final_amount    INTEGER NOT NULL CHECK (final_amount = total_amount - discount_amount),
            user_coupon_id  INTEGER REFERENCES user_coupons (id),
            created_at      INTEGER NOT NULL,
            expires_at      INTEGER NOT NULL CHECK (expires_at > created_at),
            completed_at    INTEGER,
            refunds         INTEGER NOT NULL DEFAULT 0 CHECK (refunds >= 0),
            refunded_amount INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount BETWEEN 0 AND final_amount),
            CHECK ((completed_at IS NOT NULL) = (status IN ('completed', 'refunded', 'delivered'))),
            CHECK (user_coupon_id IS NOT NULL OR discount_amount = 0)
        ) STRICT
        """
    private static let columns = """
        id, user_id, status, total_amount, discount_amount, final_amount, user_coupon_id, created_at, expires_at, completed_at, \
        refunds, refunded_amount
        """
    private static let rebuildOrders: Migrations.Step = { try $0.rebuild("orders", as: orders, copying: columns) }

    init() throws {
        folder = try TemporaryFolder()
        path = folder("shop.db")
        let shop = try TestShop()
        let user = try shop.customer(balance: 100_000)
        let apple = try shop.product("사과", price: 1_000, stock: 50)
        let mine = try shop.issue(try shop.coupon(quantity: 5), user)
        _ = try shop.pay(try shop.order([(apple, 3)], coupon: mine.id, user).id, user)
        _ = try shop.order([(apple, 2)], user)
        // One that somebody has added to their shop's table on their own.
        try shop.execute(
            """
            CREATE TRIGGER orders_watched AFTER UPDATE OF status ON orders BEGIN
                UPDATE products SET views = views + 1000;
            END;
            VACUUM INTO '\(path)'
            """)
    }

    private func open() throws -> Connection {
        try Connection(path: path, access: .readWrite, busyTimeoutMilliseconds: 5_000)
    }

    private func migrate(_ step: @escaping Migrations.Step) throws {
        _ = try Migrations.migrate(try open(), by: Migrations.steps + [step])
    }

    /// Everything in the database: its schema, without the table's own definition, and each row.
    private func everything(_ sql: Connection) throws -> [String: [[String]]] {
        var found = [
            "schema": try sql.rows(
                of: "SELECT name, sql FROM sqlite_schema WHERE (type, name) <> ('table', 'orders') ORDER BY name")
        ]
        for table in ["users", "orders", "order_lines", "payments", "user_coupons", "balance_entries", "products"] {
            found[table] = try sql.rows(of: "SELECT * FROM \(table) ORDER BY 1, 2")
        }
        return found
    }

    private func expectUntouched(_ before: [String: [[String]]]) throws {
        let sql = try open()
        #expect(try everything(sql) == before)
        #expect(try sql.rows(of: "SELECT 1 FROM sqlite_schema WHERE name = 'rebuilt'").isEmpty)
        #expect(try Migrations.version(of: sql) == Migrations.current)
        #expect(try sql.pragma("integrity_check") == "ok")
        #expect(throws: SQLiteError.self) { try sql.execute("UPDATE orders SET status = 'delivered' WHERE id = 1") }
    }

    @Test func `a CHECK grows, and rows, indexes, triggers and references stay as they were`() throws {
        let before = try everything(try open())
        #expect(before["orders"]?.count == 2)
        try migrate(Self.rebuildOrders)
        let sql = try open()
        #expect(try everything(sql) == before)
        #expect(try Migrations.version(of: sql) == Migrations.current + 1)
        #expect(try sql.pragma("integrity_check") == "ok")
        #expect(try sql.rows(of: "PRAGMA foreign_key_check").isEmpty)
        // New values are accepted, old rules hold, and the trigger still works.
        try sql.execute("PRAGMA foreign_keys = ON")
        try sql.execute("UPDATE orders SET status = 'delivered' WHERE status = 'completed'")
        #expect(try sql.rows(of: "SELECT 1 FROM products WHERE views >= 1000").count == 1)
        #expect(throws: SQLiteError.self) { try sql.execute("UPDATE orders SET status = 'lost'") }
        #expect(throws: SQLiteError.self) { try sql.execute("UPDATE order_lines SET order_id = 99") }
        #expect(throws: SQLiteError.self) { try sql.execute("DELETE FROM orders") }
    }

    @Test func `rows that violate the new definition leave everything as it was`() throws {
        let before = try everything(try open())
        let stricter = Self.orders.replacing("CHECK (total_amount >= 0)", with: "CHECK (total_amount >= 2500)")
        #expect(throws: SQLiteError.self) {
            try migrate { try $0.rebuild("orders", as: stricter, copying: Self.columns) }
        }
        try expectUntouched(before)
    }

    @Test func `a dangling reference leaves everything as it was`() throws {
        try open().execute("PRAGMA foreign_keys = OFF; UPDATE order_lines SET order_id = 99 WHERE order_id = 2")
        let before = try everything(try open())
        #expect(throws: TableRebuildError.pointsAtNothing("order_lines")) { try migrate(Self.rebuildOrders) }
        try expectUntouched(before)
    }

    @Test func `a failure afterwards leaves everything as it was`() throws {
        struct Interrupted: Error {}
        let before = try everything(try open())
        #expect(throws: Interrupted.self) {
            try migrate {
                try Self.rebuildOrders($0)
                throw Interrupted()
            }
        }
        try expectUntouched(before)
    }

    @Test func `a crash in the middle leaves everything as it was`() throws {
        let before = try everything(try open())
        let sql = try open()
        // So little memory that changes go to the disk before the commit.
        try sql.execute("PRAGMA journal_mode = WAL; PRAGMA cache_size = 1; BEGIN IMMEDIATE")
        let logBefore = try logBytes()
        try Self.rebuildOrders(sql)
        #expect(try logBytes() > logBefore, "what is not committed has to be in the log already")
        let dead = folder("dead.db")
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: dead + suffix)
        }
        try sql.execute("ROLLBACK")
        let found = try Connection(path: dead, access: .readWrite, busyTimeoutMilliseconds: 5_000)
        #expect(try everything(found) == before)
        #expect(try found.pragma("integrity_check") == "ok")
    }

    private func logBytes() throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? 0
    }

    @Test func `outside a migration nothing is rebuilt`() throws {
        let before = try everything(try open())
        #expect(throws: TableRebuildError.outsideOfMigration("orders")) { try Self.rebuildOrders(try open()) }
        let enforcing = try open()
        try enforcing.execute("PRAGMA foreign_keys = ON; BEGIN IMMEDIATE")
        #expect(throws: TableRebuildError.outsideOfMigration("orders")) { try Self.rebuildOrders(enforcing) }
        try enforcing.execute("ROLLBACK")
        try expectUntouched(before)
    }

    @Test func `a connection that enforces foreign keys does so again afterwards`() throws {
        let sql = try open()
        try sql.execute("PRAGMA foreign_keys = ON")
        _ = try Migrations.migrate(sql, by: Migrations.steps + [Self.rebuildOrders])
        #expect(try sql.pragma("foreign_keys") == "1")
        #expect(try sql.pragma("legacy_alter_table") == "0")
    }
}
