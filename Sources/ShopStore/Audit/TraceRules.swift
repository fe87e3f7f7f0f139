/// What the staff did that has a record of its own has its line in the trace, too: whoever cuts off the end of the trace
/// leaves these without. Each is one look into an index.
extension Audit {
    static let traceRules = [
        Rule(
            says: "a refund is not in the trace",
            sql: """
                SELECT 'order ' || r.order_id || ', refund ' || r.id || ' by ' || r.login FROM refunds AS r
                WHERE r.login IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM trace AS t
                    WHERE t.subject = 'order' AND t.subject_id = r.order_id AND t.at = r.at AND t.login = r.login
                        AND t.action = 'order-refunded')
                """),
        Rule(
            says: "a note is not in the trace",
            sql: """
                SELECT 'order ' || e.order_id || ', event ' || e.id || ' by ' || e.login FROM order_events AS e
                WHERE e.kind = 'note' AND e.login IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM trace AS t
                    WHERE t.subject = 'order' AND t.subject_id = e.order_id AND t.at = e.at AND t.login = e.login
                        AND t.action = 'order-noted')
                """),
        Rule(
            says: "a correction is not in the trace",
            sql: """
                SELECT 'correction ' || c.id || ' by ' || c.asked_login FROM corrections AS c
                WHERE NOT EXISTS
                    (SELECT 1 FROM trace AS t
                    WHERE t.subject = 'account' AND t.subject_id = c.user_id AND t.at = c.asked_at
                        AND t.login = c.asked_login
                        AND t.action = CASE WHEN c.ends_at IS NULL THEN 'balance-corrected' ELSE 'correction-asked' END)
                UNION ALL
                SELECT 'correction ' || c.id || ', decided by ' || c.decided_login FROM corrections AS c
                WHERE c.decided_at IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM trace AS t
                    WHERE t.subject = 'account' AND t.subject_id = c.user_id AND t.at = c.decided_at
                        AND t.login = c.decided_login
                        AND t.action = CASE c.status WHEN 'made' THEN 'correction-confirmed' ELSE 'correction-refused' END)
                """),
        Rule(
            says: "a change of stock is not in the trace",
            sql: """
                SELECT 'product ' || m.product_id || ', movement ' || m.id || ' by ' || m.login FROM stock_movements AS m
                WHERE m.login IS NOT NULL AND NOT EXISTS
                    (SELECT 1 FROM trace AS t
                    WHERE t.subject = 'product' AND t.subject_id = m.product_id AND t.at = m.at AND t.login = m.login
                        AND (t.action = 'product-added' OR t.action = 'product-changed'))
                """),
    ]
}
