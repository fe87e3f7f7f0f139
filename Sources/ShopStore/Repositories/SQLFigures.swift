import SQLite
import Shop

struct SQLFigures: FigureRepository {
    let sql: Connection

    func hours(_ hours: Range<Hour>) throws -> [HourFigures] {
        try sql.all(
            "SELECT \(HourFigures.Column.self) FROM figures WHERE hour >= ? AND hour < ? ORDER BY hour",
            hours.lowerBound.number, hours.upperBound.number, read: HourFigures.init)
    }

    func firstHour() throws -> Hour? {
        try sql.first("SELECT hour FROM figures ORDER BY hour LIMIT 1") { Hour(number: $0.int64(0)) }
    }

    /// Adds figures to those of their hour.
    func add(_ more: HourFigures) throws {
        let figures = more.figures
        let changed = try sql.change(
            """
            UPDATE figures SET orders = orders + ?, order_amount = order_amount + ?, paid = paid + ?,
                revenue = revenue + ?, refunds = refunds + ?, refund_amount = refund_amount + ?, coupons = coupons + ?,
                customers = customers + ? WHERE hour = ?
            """, figures.orders, figures.orderAmount.amount, figures.paid, figures.revenue.amount, figures.refunds,
            figures.refundAmount.amount, figures.coupons, figures.customers, more.hour.number)
        if changed == 1 { return }
        try sql.run(
            """
            INSERT INTO figures (orders, order_amount, paid, revenue, refunds, refund_amount, coupons, customers, hour)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, figures.orders, figures.orderAmount.amount, figures.paid, figures.revenue.amount, figures.refunds,
            figures.refundAmount.amount, figures.coupons, figures.customers, more.hour.number)
    }

    /// From the index of unpaid orders alone, which has their amounts: there are as many as were made in the time that an
    /// order waits.
    func waiting(at time: Timestamp) throws -> WaitingOrders {
        try sql.first(
            """
            SELECT count(*), coalesce(sum(final_amount), 0) FROM orders WHERE status = 'pending' AND expires_at > ?
            """, time.milliseconds
        ) { WaitingOrders(count: $0.int64(0), amount: Won($0.int64(1))) } ?? WaitingOrders(count: 0, amount: .zero)
    }

    /// Added up here, as the popular products are: SQLite would sort all of them first.
    func products(_ hours: Range<Hour>, _ days: ClosedRange<Day>) throws -> [ProductFigures] {
        var sums: [Int64: (quantity: Int64, amount: Int64)] = [:]
        func add(_ row: borrowing Row) {
            let sum = sums[row.int64(0)] ?? (0, 0)
            sums[row.int64(0)] = (sum.quantity + row.int64(1), sum.amount + row.int64(2))
        }
        try sql.forEach(
            "SELECT product_id, quantity, amount FROM product_days WHERE day >= ? AND day <= ?",
            days.lowerBound.number, days.upperBound.number
        ) { row in add(row) }
        try sql.forEach(
            "SELECT product_id, sold, amount FROM product_sales WHERE hour >= ? AND hour < ?",
            hours.lowerBound.number, hours.upperBound.number
        ) { row in add(row) }
        return sums.map { id, sum in
            ProductFigures(product: ProductID(id), quantity: sum.quantity, amount: Won(sum.amount))
        }
    }

    func moveSales(before hour: Hour, limit: Int, day: (Hour) -> Day) throws -> Int {
        // Recorded before the first one is moved, so that an audit meanwhile checks only the hours that are whole.
        try sql.run(
            """
            INSERT INTO kept_sales (id, since_hour) VALUES (1, ?)
            ON CONFLICT (id) DO UPDATE SET since_hour = excluded.since_hour
                WHERE excluded.since_hour > kept_sales.since_hour
            """, hour.number)
        let sales = try sql.all(
            "SELECT \(ProductSale.Column.self) FROM product_sales WHERE hour < ? ORDER BY hour, product_id LIMIT ?",
            hour.number, limit, read: ProductSale.init)
        for sale in sales {
            try sql.run(
                """
                INSERT INTO product_days (day, product_id, quantity, amount) VALUES (?, ?, ?, ?)
                ON CONFLICT (day, product_id) DO UPDATE SET quantity = product_days.quantity + excluded.quantity,
                    amount = product_days.amount + excluded.amount
                """, day(sale.hour).number, sale.product, sale.sold, sale.amount)
            try sql.run(
                "DELETE FROM product_sales WHERE hour = ? AND product_id = ?", sale.hour.number, sale.product)
        }
        return sales.count
    }
}

extension HourFigures {
    enum Column: Int32, ColumnList {
        case hour, orders, orderAmount, paid, revenue, refunds, refundAmount, coupons, customers
        var table: String { "figures" }
    }

    init(_ row: borrowing Row) {
        self.init(
            hour: Hour(number: row.int64(Column.hour)),
            figures: Figures(
                orders: row.int64(Column.orders), orderAmount: row.won(Column.orderAmount),
                paid: row.int64(Column.paid), revenue: row.won(Column.revenue), refunds: row.int64(Column.refunds),
                refundAmount: row.won(Column.refundAmount), coupons: row.int64(Column.coupons),
                customers: row.int64(Column.customers)))
    }
}

/// What was sold of a product in an hour.
private struct ProductSale {
    let hour: Hour
    let product: Int64
    let sold: Int64
    let amount: Int64

    enum Column: Int32, ColumnList {
        case hour, productID, sold, amount
        var table: String { "product_sales" }
    }

    init(_ row: borrowing Row) {
        hour = Hour(number: row.int64(Column.hour))
        product = row.int64(Column.productID)
        sold = row.int64(Column.sold)
        amount = row.int64(Column.amount)
    }
}
