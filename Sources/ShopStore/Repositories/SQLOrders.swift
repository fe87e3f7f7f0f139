import SQLite
import Shop

struct SQLOrders: OrderRepository {
    let sql: Connection
    let tally: FigureTally

    func add(_ draft: OrderDraft) throws -> OrderID {
        let id = OrderID(
            try sql.insert(
                """
                INSERT INTO orders (user_id, status, total_amount, discount_amount, final_amount, user_coupon_id,
                    created_at, expires_at)
                VALUES (?, 'pending', ?, ?, ?, ?, ?, ?)
                """, draft.user.value, draft.total.amount, draft.discount.amount,
                (draft.total - draft.discount).amount, draft.userCoupon?.value, draft.createdAt.milliseconds,
                draft.expiresAt.milliseconds))
        for (position, line) in draft.lines.enumerated() {
            try sql.run(
                """
                INSERT INTO order_lines (order_id, product_id, position, unit_price, quantity, name)
                VALUES (?, ?, ?, ?, ?, ?)
                """, id.value, line.product.value, position, line.unitPrice.amount, line.quantity.count, line.name)
        }
        tally.count(at: draft.createdAt) { figures in
            figures.orders += 1
            figures.orderAmount = figures.orderAmount + draft.total
        }
        return id
    }

    func find(_ id: OrderID) throws -> Order? {
        let lines = try lines(of: id)
        return try sql.first(
            "SELECT \(Order.Column.self) FROM orders WHERE id = ?", id.value
        ) { row in try Order(row, lines) }
    }

    func list(of user: UserID, before: OrderID?, limit: Int) throws -> ListPage<Order> {
        let orders = try sql.all(
            """
            SELECT \(Order.Column.self) FROM orders WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """, user.value, before?.value ?? .max, limit + 1
        ) { row in try Order(row, try lines(of: row.id(Order.Column.id))) }
        return ListPage(fetched: orders, limit: limit)
    }

    func hasPending(_ count: Int, of user: UserID, at time: Timestamp) throws -> Bool {
        // Instead of counting them, which takes SQLite half as long again.
        try sql.first(
            "SELECT 1 FROM orders WHERE user_id = ? AND status = 'pending' AND expires_at > ? LIMIT 1 OFFSET ?",
            user.value, time.milliseconds, count - 1
        ) { _ in true } ?? false
    }

    func move(_ id: OrderID, from: Order.Status, to: Order.Status, at time: Timestamp) throws -> Bool {
        if to == .completed {
            return try sql.change(
                "UPDATE orders SET status = ?, completed_at = ? WHERE id = ? AND status = ?", to.rawValue,
                time.milliseconds, id.value, from.rawValue) == 1
        }
        return try sql.change(
            "UPDATE orders SET status = ? WHERE id = ? AND status = ?", to.rawValue, id.value, from.rawValue) == 1
    }

    func setCoupon(_ coupon: UserCouponID?, discount: Won, of id: OrderID) throws -> Bool {
        try sql.change(
            """
            UPDATE orders SET user_coupon_id = ?1, discount_amount = ?2, final_amount = total_amount - ?2
            WHERE id = ?3 AND status = 'pending'
            """, coupon?.value, discount.amount, id.value) == 1
    }

    func overdue(at time: Timestamp, limit: Int) throws -> [OverdueOrder] {
        try sql.all(
            "SELECT id, expires_at FROM orders WHERE status = 'pending' AND expires_at <= ? LIMIT ?",
            time.milliseconds, limit
        ) { row in OverdueOrder(id: OrderID(row.int64(0)), expiresAt: row.time(1)) }
    }

    func noteRefund(_ amount: Won, of id: OrderID) throws {
        try sql.run(
            "UPDATE orders SET refunds = refunds + 1, refunded_amount = refunded_amount + ? WHERE id = ?",
            amount.amount, id.value)
    }

    func lines(of id: OrderID) throws -> [OrderLine] {
        // Sorted here: for an order's few lines, SQLite's sorting takes longer than the rest of the statement.
        let lines = try sql.all(
            "SELECT \(OrderLine.Column.self) FROM order_lines WHERE order_id = ?", id.value
        ) { row in (position: row.int64(OrderLine.Column.position), line: OrderLine(row)) }
        return lines.sorted { $0.position < $1.position }.map(\.line)
    }
}

extension Order {
    enum Column: Int32, ColumnList {
        case id, userID, status, totalAmount, discountAmount, userCouponID, createdAt, expiresAt, completedAt
        case refunds, refundedAmount
        var table: String { "orders" }
    }

    init(_ row: borrowing Row, _ lines: [OrderLine]) throws {
        self.init(
            id: row.id(Column.id), user: row.id(Column.userID), storedStatus: try row.choice(Column.status),
            lines: lines, total: row.won(Column.totalAmount), discount: row.won(Column.discountAmount),
            userCoupon: row.optionalID(Column.userCouponID), createdAt: row.time(Column.createdAt),
            expiresAt: row.time(Column.expiresAt), completedAt: row.optionalTime(Column.completedAt),
            refunds: Int(row.int64(Column.refunds)), refunded: row.won(Column.refundedAmount))
    }
}

extension OrderLine {
    fileprivate enum Column: Int32, ColumnList {
        case productID, name, unitPrice, quantity, position
        var table: String { "order_lines" }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(
            product: row.id(Column.productID), name: row.text(Column.name), unitPrice: row.won(Column.unitPrice),
            quantity: Quantity(row.int64(Column.quantity)))
    }
}
