import SQLite

/// What has to be right of refunds and of the ledgers of orders.
extension Audit {
    static let orderRules = [
        Rule(
            says: "an order and its refunds do not agree",
            sql: """
                SELECT 'order ' || o.id || ': ' || o.status || ', ' || o.refunds || ' refunds of ' || o.refunded_amount
                    || ', there are ' || coalesce(r.number, 0) || ' of ' || coalesce(r.total, 0)
                FROM orders AS o
                LEFT JOIN (SELECT order_id, count(*) AS number, max(id) AS last, sum(amount) AS total FROM refunds
                    GROUP BY order_id) AS r
                    ON r.order_id = o.id
                WHERE o.refunds <> coalesce(r.number, 0) OR o.refunds <> coalesce(r.last, 0)
                    OR o.refunded_amount <> coalesce(r.total, 0)
                    OR CASE o.status WHEN 'refunded' THEN o.refunds = 0 OR o.refunded_amount <> o.final_amount
                        WHEN 'completed' THEN 0 ELSE o.refunds > 0 END
                """),
        Rule(
            says: "a refund is not the sum of its lines",
            sql: """
                SELECT 'order ' || r.order_id || ', refund ' || r.id || ': ' || r.amount || ', lines ' || coalesce(l.total, 0)
                FROM refunds AS r
                LEFT JOIN (SELECT order_id, refund_id, sum(amount) AS total FROM refund_lines
                    GROUP BY order_id, refund_id) AS l
                    ON l.order_id = r.order_id AND l.refund_id = r.id
                WHERE r.amount <> coalesce(l.total, 0) OR l.order_id IS NULL
                """),
        Rule(
            says: "what is refunded is not what was ordered",
            sql: """
                SELECT 'order ' || r.order_id || ', product ' || r.product_id || ': ordered ' || coalesce(l.quantity, 0)
                    || ', refunded ' || r.quantity
                FROM (SELECT order_id, product_id, sum(quantity) AS quantity FROM refund_lines
                    GROUP BY order_id, product_id) AS r
                LEFT JOIN order_lines AS l ON l.order_id = r.order_id AND l.product_id = r.product_id
                WHERE r.quantity > coalesce(l.quantity, 0)
                UNION ALL
                SELECT 'order ' || o.id || ': ' || o.status || ', ordered ' || l.quantity || ', refunded ' || r.quantity
                FROM (SELECT order_id, sum(quantity) AS quantity FROM refund_lines GROUP BY order_id) AS r
                JOIN orders AS o ON o.id = r.order_id
                JOIN (SELECT order_id, sum(quantity) AS quantity FROM order_lines GROUP BY order_id) AS l
                    ON l.order_id = r.order_id
                WHERE (o.status = 'refunded') <> (r.quantity = l.quantity)
                """),
        Rule(
            says: "an order and its events do not agree",
            sql: """
                SELECT 'order ' || o.id || ': ' || o.status || ', events ' || coalesce(e.kinds, 'none')
                FROM orders AS o LEFT JOIN payments AS p ON p.order_id = o.id
                LEFT JOIN
                    (SELECT order_id, 1 + count(*) AS number, max(id) AS last,
                        count(*) FILTER (WHERE kind = 'paid') AS payments,
                        max(at) FILTER (WHERE kind = 'paid') AS paid_at,
                        sum(amount) FILTER (WHERE kind = 'paid') AS paid,
                        count(*) FILTER (WHERE kind = 'refunded') AS refunds,
                        sum(amount) FILTER (WHERE kind = 'refunded') AS refunded,
                        count(*) FILTER (WHERE kind = 'cancelled') AS cancellations,
                        count(*) FILTER (WHERE kind = 'expired') AS expiries,
                        group_concat(kind) AS kinds
                    FROM order_events GROUP BY order_id) AS e
                    ON e.order_id = o.id
                WHERE e.number <> e.last
                    OR coalesce(e.payments, 0) <> (p.order_id IS NOT NULL) OR e.paid_at IS NOT p.paid_at
                    OR e.paid IS NOT p.amount
                    OR coalesce(e.refunds, 0) <> o.refunds OR coalesce(e.refunded, 0) <> o.refunded_amount
                    OR coalesce(e.cancellations, 0) <> (o.status = 'cancelled')
                    OR coalesce(e.expiries, 0) <> (o.status = 'expired')
                """),
    ]
}
