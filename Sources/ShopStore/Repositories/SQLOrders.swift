import SQLite
import Shop

struct SQLOrders: OrderRepository {
    let sql: Connection

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
        return id
    }

    func find(_ id: OrderID) throws -> Order? {
        let lines = try lines(of: id)
        return try sql.first(
            """
            SELECT id, user_id, status, total_amount, discount_amount, user_coupon_id, created_at, expires_at, completed_at
            FROM orders WHERE id = ?
            """, id.value
        ) { row in try order(row, lines) }
    }

    func list(of user: UserID, before: OrderID?, limit: Int) throws -> Page<Order> {
        let orders = try sql.all(
            """
            SELECT id, user_id, status, total_amount, discount_amount, user_coupon_id, created_at, expires_at, completed_at
            FROM orders WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """, user.value, before?.value ?? .max, limit + 1
        ) { row in try order(row, try lines(of: OrderID(row.int64(0)))) }
        return Page(fetched: orders, limit: limit)
    }

    func hasPending(_ count: Int, of user: UserID, at time: Timestamp) throws -> Bool {
        // In place of counting them, which takes SQLite half as long again.
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

    func expire(at time: Timestamp, limit: Int) throws -> Int {
        try sql.change(
            """
            UPDATE orders SET status = 'expired' WHERE id IN
                (SELECT id FROM orders WHERE status = 'pending' AND expires_at <= ? LIMIT ?)
            """, time.milliseconds, limit)
    }

    private func lines(of id: OrderID) throws -> [OrderLine] {
        // Sorted here: for the few lines that an order has, SQLite's sorting takes longer than the rest of the statement.
        let lines = try sql.all(
            "SELECT product_id, name, unit_price, quantity, position FROM order_lines WHERE order_id = ?", id.value
        ) { row in
            let line = OrderLine(
                product: ProductID(row.int64(0)), name: row.text(1), unitPrice: row.won(2),
                quantity: Quantity(row.int64(3)))
            return (position: row.int64(4), line: line)
        }
        return lines.sorted { $0.position < $1.position }.map(\.line)
    }

    private func order(_ row: borrowing Row, _ lines: [OrderLine]) throws -> Order {
        Order(
            id: OrderID(row.int64(0)), user: UserID(row.int64(1)), storedStatus: try row.choice(2), lines: lines,
            total: row.won(3), discount: row.won(4), userCoupon: row.optionalInt64(5).map { UserCouponID($0) },
            createdAt: row.time(6), expiresAt: row.time(7), completedAt: row.optionalTime(8))
    }
}
