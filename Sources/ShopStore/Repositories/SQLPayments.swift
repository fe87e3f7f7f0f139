import SQLite
import Shop

struct SQLPayments: PaymentRepository {
    let sql: Connection

    func add(order: OrderID, user: UserID, amount: Won, balance: Won, at time: Timestamp) throws -> Payment {
        try sql.run(
            """
            INSERT INTO payments (order_id, user_id, amount, balance, status, paid_at) VALUES (?, ?, ?, ?, 'paid', ?)
            """, order.value, user.value, amount.amount, balance.amount, time.milliseconds)
        return Payment(order: order, user: user, amount: amount, status: .paid, balance: balance, paidAt: time)
    }

    func find(order: OrderID) throws -> Payment? {
        try sql.first(
            "SELECT order_id, user_id, amount, status, balance, paid_at, refunded_at FROM payments WHERE order_id = ?",
            order.value
        ) { row in
            Payment(
                order: OrderID(row.int64(0)), user: UserID(row.int64(1)), amount: row.won(2),
                status: try row.choice(3), balance: row.won(4), paidAt: row.time(5),
                refundedAt: row.optionalTime(6))
        }
    }

    func refund(order: OrderID, at time: Timestamp) throws -> Bool {
        try sql.change(
            "UPDATE payments SET status = 'refunded', refunded_at = ? WHERE order_id = ? AND status = 'paid'",
            time.milliseconds, order.value) == 1
    }
}
