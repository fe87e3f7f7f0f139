import SQLite

/// Checks that the books are right, in one snapshot, while the shop keeps selling.
public struct Audit {
    /// One violation of a rule.
    public struct Difference: Sendable, CustomStringConvertible {
        public let description: String
    }

    /// One rule: a query that returns a row for each violation.
    struct Rule {
        let says: String
        let sql: Statement
    }

    private static let rules = [
        Rule(
            says: "a user has no balance, or a balance no user",
            sql: """
                SELECT 'user ' || u.id FROM users AS u WHERE NOT EXISTS (SELECT 1 FROM balances WHERE user_id = u.id)
                UNION ALL
                SELECT 'user ' || b.user_id FROM balances AS b WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = b.user_id)
                """),
        Rule(
            says: "a balance is not the sum of its entries",
            sql: """
                SELECT 'user ' || b.user_id || ': balance ' || b.amount || ', entries ' || coalesce(e.total, 0)
                FROM balances AS b
                LEFT JOIN (SELECT user_id, sum(amount) AS total FROM balance_entries GROUP BY user_id) AS e
                    ON e.user_id = b.user_id
                WHERE b.amount <> coalesce(e.total, 0)
                """),
        Rule(
            says: "the entries are not numbered through",
            sql: """
                SELECT 'user ' || b.user_id || ': the last should be ' || b.entries || ', there are ' || coalesce(e.count, 0)
                    || ' up to ' || coalesce(e.last, 0)
                FROM balances AS b
                LEFT JOIN (SELECT user_id, count(*) AS count, max(id) AS last FROM balance_entries GROUP BY user_id) AS e
                    ON e.user_id = b.user_id
                WHERE b.entries <> coalesce(e.count, 0) OR b.entries <> coalesce(e.last, 0)
                """),
        Rule(
            says: "an entry's balance is not the one before it and its amount",
            sql: """
                SELECT 'user ' || user_id || ', entry ' || id || ': balance ' || balance FROM
                    (SELECT user_id, id, balance, amount,
                        lag(balance, 1, 0) OVER (PARTITION BY user_id ORDER BY id) AS before FROM balance_entries)
                WHERE balance <> before + amount
                """),
        Rule(
            says: "a correction and its entry do not agree",
            sql: """
                SELECT 'correction ' || c.id || ': ' || c.status || ', amount ' || c.amount || ', entry '
                    || coalesce(e.amount, 'none')
                FROM corrections AS c
                LEFT JOIN balance_entries AS e ON e.user_id = c.user_id AND e.id = c.entry_id AND e.kind = 'correction'
                WHERE (c.status = 'made') <> (e.id IS NOT NULL) OR e.amount <> c.amount
                UNION ALL
                SELECT 'user ' || e.user_id || ', entry ' || e.id FROM balance_entries AS e
                WHERE e.kind = 'correction'
                    AND NOT EXISTS (SELECT 1 FROM corrections WHERE user_id = e.user_id AND entry_id = e.id)
                """),
        Rule(
            says: "a correction that needed two people was made by one",
            sql: """
                SELECT 'correction ' || id || ': asked for by ' || asked_login || ', confirmed by '
                    || coalesce(decided_login, 'nobody')
                FROM corrections
                WHERE status = 'made' AND ends_at IS NOT NULL
                    AND (decided_login IS NULL OR decided_by IS asked_by OR decided_by IS user_id)
                """),
        Rule(
            says: "coupons issued and remaining are not the quantity",
            sql: """
                SELECT 'coupon ' || c.id || ': quantity ' || c.quantity || ', remaining ' || c.remaining || ', issued '
                    || coalesce(u.issued, 0)
                FROM coupons AS c
                LEFT JOIN (SELECT coupon_id, count(*) AS issued FROM user_coupons GROUP BY coupon_id) AS u
                    ON u.coupon_id = c.id
                WHERE c.quantity <> c.remaining + coalesce(u.issued, 0)
                """),
        Rule(
            says: "coupons of the first hour are not those of its minutes",
            sql: """
                SELECT 'coupon ' || coupon_id || ', minute ' || minute || ': counted ' || sum(counted) || ', taken '
                    || sum(taken)
                FROM
                    (SELECT coupon_id, minute, taken AS counted, 0 AS taken FROM coupon_minutes
                    UNION ALL
                    SELECT u.coupon_id, (u.issued_at - c.opens_at) / 60000, 0, 1
                    FROM user_coupons AS u JOIN coupons AS c ON c.id = u.coupon_id
                    WHERE u.issued_at - c.opens_at BETWEEN 0 AND 3599999)
                GROUP BY coupon_id, minute HAVING sum(counted) <> sum(taken)
                """),
        Rule(
            says: "a used coupon and its order do not agree",
            sql: """
                SELECT 'user coupon ' || u.id FROM user_coupons AS u JOIN orders AS o ON o.id = u.order_id
                WHERE o.user_coupon_id IS NOT u.id OR o.user_id <> u.user_id OR o.status NOT IN ('completed', 'refunded')
                UNION ALL
                SELECT 'order ' || o.id FROM orders AS o JOIN user_coupons AS u ON u.id = o.user_coupon_id
                WHERE o.status = 'completed' AND u.order_id IS NOT o.id
                """),
        Rule(
            says: "an order's total is not the sum of its lines",
            sql: """
                SELECT 'order ' || o.id || ': total ' || o.total_amount || ', lines ' || coalesce(l.total, 0)
                FROM orders AS o
                LEFT JOIN (SELECT order_id, sum(unit_price * quantity) AS total FROM order_lines GROUP BY order_id) AS l
                    ON l.order_id = o.id
                WHERE o.total_amount <> coalesce(l.total, 0) OR l.order_id IS NULL
                """),
        Rule(
            says: "an order and its payment do not agree",
            sql: """
                SELECT 'order ' || o.id || ': ' || o.status || ', payment ' || coalesce(p.status, 'none')
                FROM orders AS o LEFT JOIN payments AS p ON p.order_id = o.id
                WHERE coalesce(p.status, 'none') <> CASE o.status WHEN 'completed' THEN 'paid' WHEN 'refunded' THEN 'refunded'
                        ELSE 'none' END
                    OR p.amount <> o.final_amount OR p.user_id <> o.user_id
                """),
        Rule(
            says: "a payment and its entries do not agree",
            sql: """
                SELECT 'payment of order ' || p.order_id || ': amount ' || p.amount || ', entries ' || coalesce(e.paid, 0) || ' and '
                    || coalesce(e.refunded, 0)
                FROM payments AS p JOIN orders AS o ON o.id = p.order_id
                LEFT JOIN
                    (SELECT order_id, sum(amount) FILTER (WHERE kind = 'payment') AS paid,
                        sum(amount) FILTER (WHERE kind = 'refund') AS refunded, min(user_id) AS least,
                        max(user_id) AS greatest
                    FROM balance_entries WHERE order_id IS NOT NULL GROUP BY order_id) AS e
                    ON e.order_id = p.order_id
                WHERE coalesce(e.paid, 0) <> -p.amount
                    OR coalesce(e.refunded, 0) <> o.refunded_amount
                    OR e.least <> p.user_id OR e.greatest <> p.user_id
                UNION ALL
                SELECT 'user ' || e.user_id || ', entry ' || e.id FROM balance_entries AS e
                WHERE e.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payments WHERE order_id = e.order_id)
                """),
        Rule(
            says: "stock and sold are not what was supplied",
            sql: """
                SELECT 'product ' || p.id || ': supplied ' || p.supplied || ', stock ' || p.stock || ', sold '
                    || coalesce(s.sold, 0)
                FROM products AS p
                LEFT JOIN
                    (SELECT product_id, sum(quantity) AS sold FROM
                        (SELECT l.product_id, l.quantity
                        FROM order_lines AS l JOIN orders AS o ON o.id = l.order_id
                        WHERE o.status IN ('completed', 'refunded')
                        UNION ALL
                        SELECT l.product_id, -l.quantity
                        FROM refund_lines AS l JOIN refunds AS r ON r.order_id = l.order_id AND r.id = l.refund_id
                        WHERE r.returned_to_stock = 1)
                    GROUP BY product_id) AS s
                    ON s.product_id = p.id
                WHERE p.supplied <> p.stock + coalesce(s.sold, 0)
                """),
        Rule(
            says: "the stock ledger does not add up to what was supplied",
            sql: """
                SELECT 'product ' || p.id || ': supplied ' || p.supplied || ', ledger ' || coalesce(m.total, 0)
                FROM products AS p
                LEFT JOIN
                    (SELECT product_id, sum(change) AS total, max(id) AS last, count(*) AS number FROM stock_movements
                    GROUP BY product_id) AS m
                    ON m.product_id = p.id
                WHERE p.supplied <> coalesce(m.total, 0) OR m.last IS NOT m.number
                """),
        Rule(
            says: "the counts of a file of products are not those of its rows",
            sql: """
                SELECT 'file ' || i.id || ': ' || i.to_add || ' add, ' || i.to_change || ' change, ' || i.open || ' open, '
                    || i.refused || ' refused; there are ' || r.to_add || ', ' || r.to_change || ', ' || r.open || ', '
                    || r.refused
                FROM product_imports AS i
                LEFT JOIN
                    (SELECT import_id, sum(kind = 'add') AS to_add, sum(kind = 'change') AS to_change,
                        sum(kind = 'same') AS same, sum(kind = 'wrong') AS wrong, coalesce(sum(state = 'open'), 0) AS open,
                        coalesce(sum(state = 'refused'), 0) AS refused
                    FROM product_import_rows GROUP BY import_id) AS r
                    ON r.import_id = i.id
                WHERE i.checked = 1 AND (i.to_add, i.to_change, i.same, i.wrong, i.open, i.refused)
                    IS NOT (r.to_add, r.to_change, r.same, r.wrong, r.open, r.refused)
                """),
        // In both directions, for the newest of the hours that are kept: all of them are sorted for it, in memory.
        Rule(
            says: "the sales of an hour are not those of its completed orders, less what was refunded",
            sql: """
                WITH since (hour) AS (SELECT max(coalesce((SELECT since_hour FROM kept_sales), 0),
                    coalesce((SELECT max(hour) FROM product_sales), 0) - 100))
                SELECT 'product ' || product_id || ' in hour ' || hour || ': counted ' || sum(counted) || ', sold ' || sum(sold)
                FROM
                    (SELECT hour, product_id, quantity AS counted, 0 AS sold FROM product_sales
                    WHERE hour >= (SELECT hour FROM since)
                    UNION ALL
                    SELECT o.completed_at / 3600000, l.product_id, 0, l.quantity
                    FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id
                    WHERE o.completed_at >= 3600000 * (SELECT hour FROM since)
                    UNION ALL
                    SELECT o.completed_at / 3600000, l.product_id, 0, -l.quantity
                    FROM orders AS o JOIN refund_lines AS l ON l.order_id = o.id
                    WHERE o.completed_at >= 3600000 * (SELECT hour FROM since))
                GROUP BY hour, product_id HAVING sum(counted) <> sum(sold)
                """),
    ]

    /// What was looked at.
    public struct Report: Sendable, Equatable {
        /// How many rules were checked.
        public let rules: Int
        public let traceEnd: TraceEnd
    }

    /// Checks every rule and reports each violation as it is found.
    ///
    /// - Parameter kept: an entry of the trace as it was once: that it is still there is a rule, too.
    public static func run(
        path: String, kept: TraceEnd? = nil, report: (Difference) -> Void
    ) throws -> Report {
        let sql = try Connection(path: path, access: .readOnly, busyTimeoutMilliseconds: 5_000)
        try Migrations.check(sql)
        try sql.execute("PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; BEGIN")
        let outcome = try run(on: sql, kept: kept, report: report)
        try sql.execute("COMMIT")
        return outcome
    }

    /// The same within the connection's open transaction.
    static func run(
        on sql: Connection, kept: TraceEnd? = nil, report: (Difference) -> Void
    ) throws -> Report {
        let all = rules + orderRules + traceRules
        for rule in all {
            try sql.forEach(rule.sql) { row in
                report(Difference(description: "\(rule.says): \(row.text(0))"))
            }
        }
        let end = try TraceChain.follow(sql, kept: kept) { report(Difference(description: $0)) }
        try FigureCheck.run(sql) { report(Difference(description: $0)) }
        // The trace, hours and products, and what was kept.
        return Report(rules: all.count + 3 + (kept == nil ? 0 : 1), traceEnd: end)
    }
}
