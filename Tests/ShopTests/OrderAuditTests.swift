import Shop
import ShopTestSupport
import Testing

/// The audit finds each kind of damage to refunds and to the ledgers of orders.
struct OrderAuditTests {
    let shop: TestShop

    /// Order 1 is partly refunded, in two parts; of order 2 all is; order 3 is cancelled; order 4 expired; order 5 waits.
    init() throws {
        shop = try TestShop()
        let user = try shop.customer(balance: 100_000)
        let apple = try shop.product(price: 1_000, stock: 50)
        for lines in [Int64(5), 1] {
            let order = try shop.order([(apple, lines)], user)
            _ = try shop.pay(order.id, user)
        }
        let one = [OrderRequestLine(product: apple, quantity: Quantity(1))]
        _ = try shop.refund(OrderID(1), RefundRequest(one), by: user)
        _ = try shop.refund(OrderID(1), RefundRequest(one, returnsToStock: false), by: user)
        _ = try shop.refund(OrderID(2), by: user)
        _ = try shop.cancel(try shop.order([(apple, 1)], user).id, user)
        let late = try shop.order([(apple, 1)], user)
        shop.clock.set(late.expiresAt)
        _ = try shop.housekeeping.run()
        _ = try shop.order([(apple, 1)], user)
    }

    @Test func `right books have no difference`() throws {
        #expect(try shop.audit() == [])
    }

    @Test(arguments: [
        (
            "UPDATE orders SET refunded_amount = 2001 WHERE id = 1",
            "an order and its refunds do not agree: order 1: completed, 2 refunds of 2001, there are 2 of 2000"
        ),
        (
            "UPDATE orders SET refunds = 1 WHERE id = 1",
            "an order and its refunds do not agree: order 1: completed, 1 refunds of 2000, there are 2 of 2000"
        ),
        (
            "DELETE FROM refunds WHERE order_id = 2",
            "an order and its refunds do not agree: order 2: refunded, 1 refunds of 1000, there are 0 of 0"
        ),
        (
            "UPDATE orders SET status = 'refunded' WHERE id = 1",
            "an order and its refunds do not agree: order 1: refunded, 2 refunds of 2000, there are 2 of 2000"
        ),
        (
            "UPDATE refunds SET amount = 999 WHERE order_id = 1 AND id = 1",
            "a refund is not the sum of its lines: order 1, refund 1: 999, lines 1000"
        ),
        (
            "DELETE FROM refund_lines WHERE order_id = 2",
            "a refund is not the sum of its lines: order 2, refund 1: 1000, lines 0"
        ),
        (
            "UPDATE refund_lines SET quantity = 5 WHERE order_id = 1 AND refund_id = 1",
            "what is refunded is not what was ordered: order 1, product 1: ordered 5, refunded 6"
        ),
        (
            "UPDATE refund_lines SET quantity = 4 WHERE order_id = 1 AND refund_id = 1",
            "what is refunded is not what was ordered: order 1: completed, ordered 5, refunded 5"
        ),
        (
            "UPDATE refund_lines SET product_id = 9 WHERE order_id = 2",
            "what is refunded is not what was ordered: order 2, product 9: ordered 0, refunded 1"
        ),
        (
            "DELETE FROM balance_entries WHERE kind = 'refund' AND amount = 1000 AND order_id = 1",
            "a payment and its entries do not agree: payment of order 1: amount 5000, entries -5000 and 0"
        ),
        (
            "UPDATE refunds SET returned_to_stock = 1",
            "stock and sold are not what was supplied: product 1: supplied 50, stock 46, sold 3"
        ),
        (
            "UPDATE product_sales SET quantity = quantity + 1",
            "the sales of an hour are not those of its completed orders, less what was refunded: product 1"
        ),
        (
            "DELETE FROM order_events WHERE order_id = 1",
            "an order and its events do not agree: order 1: completed, events none"
        ),
        (
            "DELETE FROM order_events WHERE order_id = 3 AND kind = 'cancelled'",
            "an order and its events do not agree: order 3: cancelled, events none"
        ),
        (
            "UPDATE order_events SET kind = 'cancelled' WHERE order_id = 4 AND kind = 'expired'",
            "an order and its events do not agree: order 4: expired, events cancelled"
        ),
        (
            "UPDATE order_events SET amount = 1 WHERE order_id = 1 AND kind = 'paid'",
            "an order and its events do not agree: order 1: completed, events paid,refunded,refunded"
        ),
        (
            "UPDATE order_events SET amount = 1 WHERE order_id = 2 AND kind = 'refunded'",
            "an order and its events do not agree: order 2: refunded, events paid,refunded"
        ),
        (
            "UPDATE order_events SET at = at + 1 WHERE order_id = 1 AND kind = 'paid'",
            "an order and its events do not agree: order 1: completed, events paid,refunded,refunded"
        ),
        (
            "UPDATE order_events SET id = 9 WHERE order_id = 2 AND kind = 'refunded'",
            "an order and its events do not agree: order 2: refunded, events paid,refunded"
        ),
        (
            "INSERT INTO order_events (order_id, id, kind, actor, at) VALUES (5, 2, 'expired', 'shop', 1)",
            "an order and its events do not agree: order 5: pending, events expired"
        ),
    ])
    func `each kind of damage is found and named`(_ sql: String, _ difference: String) throws {
        // Behind the back of the triggers, too.
        for name in try shop.rows("SELECT name FROM sqlite_schema WHERE type = 'trigger'") {
            try shop.execute("DROP TRIGGER \(name)")
        }
        try shop.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; \(sql)")
        let found = try shop.audit()
        #expect(found.contains { $0.hasPrefix(difference) }, "\(found)")
    }
}
