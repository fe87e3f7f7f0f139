import SQLite
import Shop

struct SQLPayments: PaymentRepository {
    let sql: Connection

    func add(order: OrderID, user: UserID, amount: Won, balance: Won, at time: Timestamp) throws -> Payment {
        let id = try sql.insert(
            """
            INSERT INTO payments (order_id, user_id, amount, balance, status, paid_at) VALUES (?, ?, ?, ?, 'paid', ?)
            """, order.value, user.value, amount.amount, balance.amount, time.milliseconds)
        return Payment(
            id: PaymentID(id), order: order, user: user, amount: amount, status: .paid, balance: balance, paidAt: time)
    }

    func find(order: OrderID) throws -> Payment? {
        try sql.first(
            "SELECT id, order_id, user_id, amount, status, balance, paid_at FROM payments WHERE order_id = ?",
            order.value
        ) { row in
            Payment(
                id: PaymentID(row.int64(0)), order: OrderID(row.int64(1)), user: UserID(row.int64(2)),
                amount: row.won(3), status: try row.choice(4), balance: row.won(5), paidAt: row.time(6))
        }
    }

    func refund(_ id: PaymentID, at time: Timestamp) throws -> Bool {
        try sql.change(
            "UPDATE payments SET status = 'refunded', refunded_at = ? WHERE id = ? AND status = 'paid'",
            time.milliseconds, id.value) == 1
    }
}
