import SQLite
import Shop

struct SQLPayments: PaymentRepository {
    let sql: Connection
    let tally: FigureTally

    func add(order: OrderID, user: UserID, amount: Won, balance: Won, at time: Timestamp) throws -> Payment {
        try sql.run(
            """
            INSERT INTO payments (order_id, user_id, amount, balance, status, paid_at) VALUES (?, ?, ?, ?, 'paid', ?)
            """, order.value, user.value, amount.amount, balance.amount, time.milliseconds)
        tally.count(at: time) { figures in
            figures.paid += 1
            figures.revenue = figures.revenue + amount
        }
        return Payment(order: order, user: user, amount: amount, status: .paid, balance: balance, paidAt: time)
    }

    func find(order: OrderID) throws -> Payment? {
        try sql.first(
            "SELECT \(Payment.Column.self) FROM payments WHERE order_id = ?", order.value, read: Payment.init)
    }

    func refund(order: OrderID, at time: Timestamp) throws -> Bool {
        try sql.change(
            "UPDATE payments SET status = 'refunded', refunded_at = ? WHERE order_id = ? AND status = 'paid'",
            time.milliseconds, order.value) == 1
    }
}

extension Payment {
    fileprivate enum Column: Int32, ColumnList {
        case orderID, userID, amount, status, balance, paidAt, refundedAt
        var table: String { "payments" }
    }

    fileprivate init(_ row: borrowing Row) throws {
        self.init(
            order: row.id(Column.orderID), user: row.id(Column.userID), amount: row.won(Column.amount),
            status: try row.choice(Column.status), balance: row.won(Column.balance), paidAt: row.time(Column.paidAt),
            refundedAt: row.optionalTime(Column.refundedAt))
    }
}
