import SQLite
import Shop

/// Orders of the last days for a shop of test data: the customers take turns, each order has one to three products, some orders
/// are cancelled, expired or refunded, the newest wait for their payment, and all books agree.
struct BulkOrders {
    /// What `BulkDemo.fill` throws when there is nobody to order, or nothing to be ordered.
    struct NothingToOrderError: Error, CustomStringConvertible {
        let description = "orders need a customer and a listed product with a price"
    }

    let sql: Connection
    let now: Timestamp
    /// The time over which they are spread, up to now.
    let span: Timestamp.Span
    let lifetime: Timestamp.Span

    /// Makes so many, in the connection's open transaction. The figures are to be made anew afterwards.
    func add(_ count: Int) throws {
        let last = try sql.first("SELECT coalesce(max(id), 0) FROM orders") { $0.int64(0) } ?? 0
        let start = now.milliseconds - span.milliseconds
        try sql.execute(Self.buyersAndGoods)
        let goods = try sql.first("SELECT count(*) FROM goods") { $0.int64(0) } ?? 0
        guard goods > 0, try sql.first("SELECT 1 FROM buyers", read: { $0.int64(0) }) != nil else {
            throw NothingToOrderError()
        }
        // With n the number of the order, squares make some products sell more than others.
        try sql.run(
            """
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2)
            INSERT INTO order_lines (order_id, product_id, position, unit_price, quantity, name)
            SELECT ?1 + n, g.product_id, p.column1, g.price, 1 + (n + p.column1) % 2, g.name
            FROM n CROSS JOIN (VALUES (0), (1), (2)) AS p CROSS JOIN goods AS g
            WHERE p.column1 <= n % 3 AND p.column1 < ?3 AND g.number = (n * n + p.column1) % ?3
            """, last, count, goods)
        try sql.run(
            """
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2),
                made (n, at, total, status) AS
                    (SELECT n, ?3 + n * ?4 / ?2,
                        (SELECT sum(unit_price * quantity) FROM order_lines WHERE order_id = ?1 + n),
                        CASE WHEN ?4 - n * ?4 / ?2 < ?5 THEN 'pending' WHEN n % 20 = 0 THEN 'cancelled'
                            WHEN n % 25 = 1 THEN 'expired' WHEN n % 50 = 2 THEN 'refunded' ELSE 'completed' END
                    FROM n)
            INSERT INTO orders (id, user_id, status, total_amount, discount_amount, final_amount, user_coupon_id, created_at,
                expires_at, completed_at, refunds, refunded_amount)
            SELECT ?1 + n, b.user_id, status, total, 0, total, NULL, at, at + ?5,
                CASE WHEN status IN ('completed', 'refunded') THEN at + ?5 / 2 END, status = 'refunded',
                CASE status WHEN 'refunded' THEN total ELSE 0 END
            FROM made CROSS JOIN buyers AS b WHERE b.number = (n - 1) % (SELECT count(*) FROM buyers)
            """, last, count, start, span.milliseconds, lifetime.milliseconds)
        try addMoney(after: last, start)
        try addEvents(after: last)
        try addDeliveries(after: last, start)
        try sql.execute("DROP TABLE temp.buyers; DROP TABLE temp.goods")
    }

    private static let buyersAndGoods = """
        CREATE TEMP TABLE buyers (number INTEGER PRIMARY KEY, user_id INTEGER NOT NULL);
        INSERT INTO buyers SELECT row_number() OVER (ORDER BY id) - 1, id FROM users
            WHERE role = 'customer' AND closed_at IS NULL;
        CREATE TEMP TABLE goods (number INTEGER PRIMARY KEY, product_id INTEGER NOT NULL, price INTEGER NOT NULL, name TEXT NOT NULL);
        INSERT INTO goods SELECT row_number() OVER (ORDER BY id) - 1, id, price, name FROM products
            WHERE listed = 1 AND price > 0
        """

    /// Each customer charges at the start what all of it will take.
    private func addMoney(after last: Int64, _ start: Int64) throws {
        try sql.run(
            """
            INSERT INTO balance_entries (user_id, id, kind, amount, balance, order_id, created_at)
            SELECT m.user_id, b.entries + row_number() OVER each, m.kind, m.amount, b.amount + sum(m.amount) OVER each,
                m.order_id, m.at
            FROM
                (SELECT user_id, 'charge' AS kind, sum(final_amount) AS amount, NULL AS order_id, ?2 AS at
                FROM orders WHERE id > ?1 AND completed_at IS NOT NULL GROUP BY user_id
                UNION ALL
                SELECT user_id, 'payment', -final_amount, id, completed_at
                FROM orders WHERE id > ?1 AND completed_at IS NOT NULL
                UNION ALL
                SELECT user_id, 'refund', refunded_amount, id, completed_at + ?3 / 2
                FROM orders WHERE id > ?1 AND status = 'refunded') AS m
            JOIN balances AS b ON b.user_id = m.user_id
            WINDOW each AS (PARTITION BY m.user_id ORDER BY m.at, m.order_id, m.kind ROWS UNBOUNDED PRECEDING)
            """, last, start, lifetime.milliseconds)
        try sql.run(
            """
            UPDATE balances SET entries = e.entries, amount = e.amount
            FROM (SELECT user_id, max(id) AS entries, balance AS amount FROM balance_entries GROUP BY user_id) AS e
            WHERE e.user_id = balances.user_id
            """)
        try sql.run(
            """
            INSERT INTO payments (order_id, user_id, amount, balance, status, paid_at, refunded_at)
            SELECT o.id, o.user_id, o.final_amount, e.balance, CASE o.status WHEN 'refunded' THEN 'refunded' ELSE 'paid' END,
                o.completed_at, CASE o.status WHEN 'refunded' THEN o.completed_at + ?2 / 2 END
            FROM balance_entries AS e CROSS JOIN orders AS o ON o.id = e.order_id
            WHERE e.kind = 'payment' AND e.order_id > ?1 ORDER BY e.order_id
            """, last, lifetime.milliseconds)
    }

    private func addEvents(after last: Int64) throws {
        try sql.run(
            """
            INSERT INTO order_events (order_id, id, kind, actor, amount, at)
            SELECT o.id, e.column1,
                CASE WHEN e.column1 = 3 THEN 'refunded' WHEN p.order_id IS NOT NULL THEN 'paid' ELSE o.status END,
                CASE WHEN e.column1 = 3 THEN 'staff' WHEN o.status = 'expired' THEN 'shop' ELSE 'customer' END, p.amount,
                CASE WHEN e.column1 = 3 THEN p.refunded_at WHEN o.status = 'expired' THEN o.expires_at
                    ELSE coalesce(p.paid_at, (o.created_at + o.expires_at) / 2) END
            FROM orders AS o LEFT JOIN payments AS p ON p.order_id = o.id CROSS JOIN (VALUES (2), (3)) AS e
            WHERE o.id > ?1 AND o.status <> 'pending' AND (e.column1 = 2 OR o.status = 'refunded')
            """, last)
        try sql.run(
            """
            INSERT INTO refunds (order_id, id, amount, returned_to_stock, login, at)
            SELECT order_id, 1, amount, 1, NULL, refunded_at FROM payments WHERE order_id > ?1 AND status = 'refunded'
            """, last)
        try sql.run(
            """
            INSERT INTO refund_lines (order_id, refund_id, product_id, quantity, amount)
            SELECT r.order_id, 1, l.product_id, l.quantity, l.quantity * l.unit_price
            FROM refunds AS r CROSS JOIN order_lines AS l ON l.order_id = r.order_id WHERE r.order_id > ?1
            """, last)
    }

    /// What was sold was delivered before, so that the stock is what it was.
    private func addDeliveries(after last: Int64, _ start: Int64) throws {
        try sql.execute("CREATE TEMP TABLE sold (product_id INTEGER PRIMARY KEY, quantity INTEGER NOT NULL)")
        try sql.run(
            """
            INSERT INTO sold SELECT l.product_id, sum(l.quantity) FROM orders AS o CROSS JOIN order_lines AS l ON l.order_id = o.id
            WHERE o.id > ?1 AND o.status = 'completed' GROUP BY l.product_id
            """, last)
        try sql.run(
            """
            INSERT INTO stock_movements (product_id, id, reason, change, stock, login, at)
            SELECT s.product_id, 1 + (SELECT max(id) FROM stock_movements WHERE product_id = s.product_id), 'delivery',
                s.quantity, p.stock + s.quantity, NULL, ?1
            FROM sold AS s JOIN products AS p ON p.id = s.product_id
            """, start)
        try sql.run(
            """
            UPDATE products SET supplied = supplied + s.quantity FROM sold AS s WHERE s.product_id = products.id
            """)
        try sql.execute("DROP TABLE temp.sold")
    }
}
