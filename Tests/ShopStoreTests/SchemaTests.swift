import SQLite
import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// The schema enforces the rules on its own, even against writes that bypass the shop's code.
struct SchemaTests {
    let shop: TestShop

    /// A shop in which everything has happened once.
    init() throws {
        shop = try TestShop()
        let user = try shop.customer(balance: 100_000)
        let apple = try shop.product("사과", price: 1_000, stock: 50)
        let mine = try shop.issue(try shop.coupon(quantity: 5), user)
        let paid = try shop.order([(apple, 3)], coupon: mine.id, user)
        _ = try shop.pay(paid.id, user)
        _ = try shop.order([(apple, 2)], user)
        _ = try shop.accounts.signUp(SignUp(login: "Kim", password: "correct horse", name: "김"))
        _ = try shop.accounts.logIn(login: "kim", password: "correct horse", from: .browser("", device: nil))
        try shop.popular.recompute()
    }

    private func refused(_ sql: String) throws -> SQLiteError? {
        let connection = try shop.connection()
        try connection.execute("PRAGMA foreign_keys = ON")
        do {
            try connection.execute(sql)
            return nil
        } catch let error as SQLiteError {
            return error
        }
    }

    @Test(arguments: [
        "UPDATE users SET login = 'ab'", "UPDATE users SET login_key = 'KIM' WHERE login_key = 'kim'",
        "UPDATE users SET role = 'admin'", "UPDATE sessions SET token_hash = x'00'",
        "UPDATE sessions SET expires_at = created_at", "UPDATE sessions SET role = ''",
        "INSERT INTO failed_logins VALUES ('x', 0, 1)", "UPDATE balances SET amount = -1",
        "UPDATE balances SET entries = -1", "UPDATE balance_entries SET id = 0",
        "UPDATE products SET listed = 2", "UPDATE products SET price = -1", "UPDATE products SET price = 1000000001",
        "UPDATE products SET stock = -1", "UPDATE products SET stock = supplied + 1", "UPDATE products SET views = -1",
        "UPDATE products SET name = ''", "UPDATE products SET name = printf('%.201c', 'x')",
        "UPDATE products SET description = printf('%.10001c', 'x')",
        "UPDATE products SET sku = ''", "UPDATE products SET sku = '-1'", "UPDATE products SET sku = 'a b'",
        "UPDATE products SET sku = '=1'", "UPDATE products SET sku = printf('%.41c', 'x')",
        "UPDATE products SET low_stock = -1", "UPDATE products SET version = 0", "UPDATE coupons SET remaining = -1",
        "UPDATE coupons SET remaining = quantity + 1", "UPDATE coupons SET quantity = 0, remaining = 0",
        "UPDATE coupons SET closes_at = opens_at", "UPDATE coupons SET valid_days = 0",
        "UPDATE coupons SET valid_days = 3651", "UPDATE coupons SET minimum_order_amount = -1",
        "UPDATE coupons SET fixed_amount = 0", "UPDATE coupons SET fixed_amount = NULL",
        "UPDATE coupons SET percent = 10", "UPDATE coupons SET fixed_amount = NULL, percent = 101",
        "UPDATE coupons SET maximum_amount = 5", "UPDATE coupons SET name = ''",
        "UPDATE user_coupons SET expires_at = issued_at", "UPDATE user_coupons SET used_at = NULL",
        "UPDATE user_coupons SET order_id = NULL", "UPDATE orders SET status = 'lost'",
        "UPDATE orders SET total_amount = -1, discount_amount = -1",
        "UPDATE orders SET discount_amount = total_amount + 1",
        "UPDATE orders SET final_amount = final_amount + 1", "UPDATE orders SET expires_at = created_at",
        "UPDATE orders SET completed_at = NULL WHERE status = 'completed'",
        "UPDATE orders SET completed_at = 1 WHERE status = 'pending'", "UPDATE orders SET status = 'pending'",
        "UPDATE orders SET user_coupon_id = NULL WHERE id = 1", "UPDATE order_lines SET quantity = 0",
        "UPDATE order_lines SET unit_price = -1", "UPDATE order_lines SET position = -1",
        "UPDATE payments SET amount = -1", "UPDATE payments SET balance = -1", "UPDATE payments SET status = 'lost'",
        "UPDATE payments SET status = 'refunded'", "UPDATE payments SET refunded_at = 1",
        "UPDATE balance_entries SET kind = 'gift'", "UPDATE balance_entries SET amount = 0",
        "UPDATE balance_entries SET amount = -amount", "UPDATE balance_entries SET balance = -1",
        "UPDATE balance_entries SET order_id = 1", "UPDATE balance_entries SET order_id = NULL",
        "UPDATE product_sales SET quantity = -1", "UPDATE popular_products SET rank = 0",
        "UPDATE popular_products SET sales = -1", "UPDATE popular_runs SET id = 2",
        "INSERT INTO idempotency_keys VALUES (1, '', zeroblob(32), 201, x'', 1)",
        "INSERT INTO idempotency_keys VALUES (1, printf('%.256c', 'x'), zeroblob(32), 201, x'', 1)",
        "INSERT INTO idempotency_keys VALUES (1, 'k', zeroblob(31), 201, x'', 1)",
        "INSERT INTO idempotency_keys VALUES (1, 'k', zeroblob(32), 409, x'', 1)",
    ])
    func `a value that the rules do not know is refused by a CHECK`(_ sql: String) throws {
        let error = try #require(try refused(sql), "taken: \(sql)")
        #expect(error.message.hasPrefix("CHECK constraint failed"), "\(error)")
    }

    @Test(arguments: [
        "INSERT INTO users VALUES (99, 'KIM', 'kim', 'customer', '', NULL, 1, NULL)",
        "INSERT INTO user_coupons SELECT 99, coupon_id, user_id, 1, 2, NULL, NULL FROM user_coupons",
        "INSERT INTO payments SELECT order_id, user_id, 1, 1, 'paid', 1, NULL FROM payments",
        "INSERT INTO order_lines SELECT * FROM order_lines WHERE order_id = 1",
        "INSERT INTO balance_entries SELECT * FROM balance_entries",
        """
        INSERT INTO orders SELECT 99, user_id, 'completed', 9, 0, 9, user_coupon_id, 1, 2, 1, 0, 0 FROM orders
            WHERE id = 1
        """,
        """
        UPDATE products SET sku = 'a-1';
        INSERT INTO products (listed, price, supplied, stock, views, created_at, name, description, sku)
        VALUES (1, 1, 1, 1, 0, 1, 'x', '', 'A-1')
        """,
        "INSERT INTO popular_products SELECT 9, product_id, 0 FROM popular_products",
        "INSERT INTO sessions SELECT * FROM sessions", "INSERT INTO product_sales SELECT * FROM product_sales",
    ])
    func `what must be unique is refused a second time`(_ sql: String) throws {
        let error = try #require(try refused(sql), "taken: \(sql)")
        #expect(error.isUniqueViolation, "\(error)")
    }

    @Test(arguments: [
        "DELETE FROM users WHERE id = 1", "DELETE FROM products", "DELETE FROM orders WHERE id = 1",
        "DELETE FROM coupons", "DELETE FROM user_coupons", "INSERT INTO balances VALUES (99, 0, 0)",
        "INSERT INTO user_coupons VALUES (99, 99, 1, 1, 2, NULL, NULL)", "UPDATE orders SET user_id = 99",
        "UPDATE order_lines SET product_id = 99", "UPDATE payments SET user_id = 99",
        "UPDATE balance_entries SET user_id = 99", "UPDATE product_sales SET product_id = 99",
        "UPDATE popular_products SET product_id = 99", "UPDATE sessions SET user_id = 99",
        "INSERT INTO idempotency_keys VALUES (99, 'k', zeroblob(32), 201, x'', 1)",
    ])
    func `a row that refers to nothing is refused by its foreign key`(_ sql: String) throws {
        let error = try #require(try refused(sql), "taken: \(sql)")
        #expect(error.message == "FOREIGN KEY constraint failed")
    }

    @Test(arguments: [
        "UPDATE balances SET amount = 'many'", "UPDATE balances SET amount = 1.5", "UPDATE products SET price = x'01'",
        "UPDATE products SET name = x'ff'", "UPDATE sessions SET token_hash = 'text'",
        "UPDATE orders SET created_at = 'now'",
    ])
    func `a value of another type is refused`(_ sql: String) throws {
        let error = try #require(try refused(sql), "taken: \(sql)")
        #expect(error.message.hasPrefix("cannot store"), "\(error)")
    }

    @Test func `every table of ours is strict`() throws {
        let loose = try shop.rows(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite%'")
        #expect(loose.allSatisfy { $0.hasPrefix("product_search") }, "\(loose)")
    }

    @Test func `the writing connection holds foreign keys`() throws {
        #expect(try shop.store.write { tx in try tx.sql.pragma("foreign_keys") } == "1")
        #expect(try shop.store.write { tx in try tx.sql.pragma("synchronous") } == "2")
    }
}
