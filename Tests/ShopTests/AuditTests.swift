import Shop
import ShopStore
import ShopTestSupport
import Testing

/// The audit finds every kind of difference, planted behind the code's and the schema's back.
struct AuditTests {
    let shop: TestShop

    /// A shop in which everything has happened once.
    init() throws {
        shop = try TestShop()
        let user = try shop.customer(balance: 100_000)
        _ = try shop.customer("other", balance: 5_000)
        let apple = try shop.product("사과", price: 1_000, stock: 50)
        let mine = try shop.issue(try shop.coupon(quantity: 5), user)
        let paid = try shop.order([(apple, 3)], coupon: mine.id, user)
        _ = try shop.pay(paid.id, user)
        let refunded = try shop.order([(apple, 1)], user)
        _ = try shop.pay(refunded.id, user)
        _ = try shop.refund(refunded.id, by: user)
        _ = try shop.order([(apple, 2)], user)
    }

    @Test func `right books have no difference`() throws {
        #expect(try shop.audit() == [])
        #expect(try Audit.run(path: shop.path, report: { _ in }).rules == 27)
    }

    @Test(arguments: [
        ("DELETE FROM balances WHERE user_id = 2", "a user has no balance, or a balance no user: user 2"),
        ("INSERT INTO balances VALUES (77, 0, 0)", "a user has no balance, or a balance no user: user 77"),
        (
            "UPDATE balances SET amount = amount + 1 WHERE user_id = 2",
            "a balance is not the sum of its entries: user 2: balance 5001, entries 5000"
        ),
        (
            "DELETE FROM balance_entries WHERE user_id = 2",
            "a balance is not the sum of its entries: user 2: balance 5000, entries 0"
        ),
        (
            "UPDATE balance_entries SET balance = 4999 WHERE user_id = 2",
            "an entry's balance is not the one before it and its amount: user 2, entry 1: balance 4999"
        ),
        (
            "UPDATE balances SET entries = 2 WHERE user_id = 2",
            "the entries are not numbered through: user 2: the last should be 2, there are 1 up to 1"
        ),
        (
            "UPDATE balance_entries SET id = 7 WHERE user_id = 2",
            "the entries are not numbered through: user 2: the last should be 1, there are 1 up to 7"
        ),
        (
            "UPDATE coupons SET remaining = 5",
            "coupons issued and remaining are not the quantity: coupon 1: quantity 5, remaining 5, issued 1"
        ),
        (
            "INSERT INTO user_coupons VALUES (9, 1, 2, 1, 2, NULL, NULL)",
            "coupons issued and remaining are not the quantity: coupon 1: quantity 5, remaining 4, issued 2"
        ),
        (
            "UPDATE coupon_minutes SET taken = 2",
            "coupons of the first hour are not those of its minutes: coupon 1, minute 0: counted 2, taken 1"
        ),
        (
            "DELETE FROM coupon_minutes",
            "coupons of the first hour are not those of its minutes: coupon 1, minute 0: counted 0, taken 1"
        ),
        ("UPDATE user_coupons SET order_id = 3", "a used coupon and its order do not agree: user coupon 1"),
        (
            "UPDATE user_coupons SET used_at = NULL, order_id = NULL",
            "a used coupon and its order do not agree: order 1"
        ),
        (
            "UPDATE user_coupons SET user_id = 2", "a used coupon and its order do not agree: user coupon 1"
        ),
        (
            "UPDATE order_lines SET quantity = 3 WHERE order_id = 3",
            "an order's total is not the sum of its lines: order 3: total 2000, lines 3000"
        ),
        (
            "DELETE FROM order_lines WHERE order_id = 3",
            "an order's total is not the sum of its lines: order 3: total 2000, lines 0"
        ),
        (
            "DELETE FROM payments WHERE order_id = 1",
            "an order and its payment do not agree: order 1: completed, payment none"
        ),
        (
            "UPDATE payments SET status = 'paid', refunded_at = NULL WHERE order_id = 2",
            "an order and its payment do not agree: order 2: refunded, payment paid"
        ),
        (
            "UPDATE orders SET status = 'pending', completed_at = NULL WHERE id = 1",
            "an order and its payment do not agree: order 1: pending, payment paid"
        ),
        (
            "UPDATE payments SET user_id = 2 WHERE order_id = 1",
            "an order and its payment do not agree: order 1: completed, payment paid"
        ),
        (
            "UPDATE payments SET amount = 2499 WHERE order_id = 1",
            "a payment and its entries do not agree: payment of order 1: amount 2499, entries -2500 and 0"
        ),
        (
            "DELETE FROM balance_entries WHERE kind = 'refund'",
            "a payment and its entries do not agree: payment of order 2: amount 1000, entries -1000 and 0"
        ),
        (
            "UPDATE balance_entries SET order_id = 3 WHERE kind = 'refund'",
            "a payment and its entries do not agree: user 1, entry 4"
        ),
        (
            "UPDATE products SET stock = stock - 1",
            "stock and sold are not what was supplied: product 1: supplied 50, stock 46, sold 3"
        ),
        (
            "UPDATE products SET supplied = supplied + 1",
            "stock and sold are not what was supplied: product 1: supplied 51, stock 47, sold 3"
        ),
        (
            "UPDATE product_sales SET quantity = 4",
            "the sales of an hour are not those of its completed orders, less what was refunded: product 1"
        ),
        (
            "UPDATE product_sales SET hour = hour - 1",
            "the sales of an hour are not those of its completed orders, less what was refunded: product 1"
        ),
        (
            "INSERT INTO product_sales SELECT hour, 2, 1, 1, 1000 FROM product_sales",
            "the sales of an hour are not those of its completed orders, less what was refunded: product 2"
        ),
    ])
    func `each kind of difference is found and named`(_ sql: String, _ difference: String) throws {
        try shop.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; \(sql)")
        let found = try shop.audit()
        #expect(found.contains { $0.hasPrefix(difference) }, "\(found)")
    }

    @Test func `a rule broken everywhere is named everywhere`() throws {
        for number in 0..<30 { _ = try shop.customer("more\(number)") }
        try shop.execute("UPDATE balances SET amount = amount + 1")
        #expect(try shop.audit().count { $0.hasPrefix("a balance is not the sum") } == 32)
    }

    @Test func `the audit sees one snapshot while the shop sells`() throws {
        let shop = shop
        let users = try (0..<4).map { try shop.customer("buyer\($0)", balance: 100_000) }
        let apple = try shop.product(price: 10, stock: 10_000)
        let racers = Racers(4) { number in
            for _ in 0..<40 {
                let order = try shop.order([(apple, 1)], users[number])
                _ = try shop.pay(order.id, users[number])
            }
        }
        for _ in 0..<10 { #expect(try shop.audit() == []) }
        #expect(racers.outcomes()?.successes == 4)
        #expect(try shop.audit() == [])
    }
}
