import SQLite
import Shop

/// Checks the figures against the records that they were counted from.
///
/// Counted here rather than in SQL, which would sort all orders in memory: an hour's figures and a product's sales are few.
enum FigureCheck {
    static func run(_ sql: Connection, report: (String) -> Void) throws {
        try checkHours(sql, report)
        try checkProducts(sql, report)
    }

    private static func checkHours(_ sql: Connection, _ report: (String) -> Void) throws {
        let expected = try counted(sql)
        var found: [Hour: Figures] = [:]
        try sql.forEach("SELECT \(HourFigures.Column.self) FROM figures") { row in
            let one = HourFigures(row)
            found[one.hour] = one.figures
        }
        for hour in Set(expected.keys).union(found.keys).sorted() {
            let (right, kept) = (expected[hour] ?? Figures(), found[hour] ?? Figures())
            if kept != right {
                report(
                    "the figures of an hour are not what happened in it: hour \(hour.number): \(difference(kept, right))"
                )
            }
        }
    }

    /// The figures as the records have them.
    private static func counted(_ sql: Connection) throws -> [Hour: Figures] {
        var all: [Hour: Figures] = [:]
        func count(_ time: Timestamp, _ add: (inout Figures) -> Void) { add(&all[time.hour, default: Figures()]) }
        try sql.forEach("SELECT created_at, total_amount FROM orders") { row in
            let amount = Won(row.int64(1))
            count(row.time(0)) {
                $0.orders += 1; $0.orderAmount = $0.orderAmount + amount
            }
        }
        try sql.forEach("SELECT paid_at, amount FROM payments") { row in
            let amount = Won(row.int64(1))
            count(row.time(0)) {
                $0.paid += 1; $0.revenue = $0.revenue + amount
            }
        }
        try sql.forEach("SELECT at, amount FROM refunds") { row in
            let amount = Won(row.int64(1))
            count(row.time(0)) {
                $0.refunds += 1; $0.refundAmount = $0.refundAmount + amount
            }
        }
        try sql.forEach("SELECT issued_at FROM user_coupons") { row in count(row.time(0)) { $0.coupons += 1 } }
        try sql.forEach("SELECT created_at FROM users WHERE role = 'customer'") { row in
            count(row.time(0)) { $0.customers += 1 }
        }
        return all
    }

    /// The figures that differ: as kept, and as they should be.
    private static func difference(_ kept: Figures, _ right: Figures) -> String {
        [
            ("orders", kept.orders, right.orders), ("order amount", kept.orderAmount.amount, right.orderAmount.amount),
            ("paid", kept.paid, right.paid), ("revenue", kept.revenue.amount, right.revenue.amount),
            ("refunds", kept.refunds, right.refunds),
            ("refund amount", kept.refundAmount.amount, right.refundAmount.amount),
            ("coupons", kept.coupons, right.coupons), ("customers", kept.customers, right.customers),
        ].filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1) instead of \($0.2)" }.joined(separator: ", ")
    }

    private static func checkProducts(_ sql: Connection, _ report: (String) -> Void) throws {
        var sums: [Int64: (kept: Sale, right: Sale)] = [:]
        try sql.forEach(
            """
            SELECT product_id, quantity, amount FROM product_days
            UNION ALL SELECT product_id, sold, amount FROM product_sales
            """
        ) { row in sums[row.int64(0), default: (Sale(), Sale())].kept.add(row.int64(1), row.int64(2)) }
        try sql.forEach(
            """
            SELECT l.product_id, l.quantity, l.unit_price * l.quantity
            FROM orders AS o CROSS JOIN order_lines AS l ON l.order_id = o.id WHERE o.completed_at IS NOT NULL
            """
        ) { row in sums[row.int64(0), default: (Sale(), Sale())].right.add(row.int64(1), row.int64(2)) }
        for (product, sum) in sums.sorted(by: { $0.key < $1.key }) where sum.kept != sum.right {
            report(
                "a product's sales are not those in its orders: product \(product): "
                    + "\(sum.kept.quantity) for \(sum.kept.amount) instead of \(sum.right.quantity) for \(sum.right.amount)"
            )
        }
    }

    private struct Sale: Equatable {
        var quantity: Int64 = 0
        var amount: Int64 = 0

        mutating func add(_ quantity: Int64, _ amount: Int64) {
            self.quantity += quantity
            self.amount += amount
        }
    }
}
