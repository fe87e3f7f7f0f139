import SQLite
import Shop

struct SQLRefunds: RefundRepository {
    let sql: Connection
    let tally: FigureTally

    func add(_ refund: Refund, to order: OrderID) throws {
        try sql.run(
            "INSERT INTO refunds (order_id, id, amount, returned_to_stock, login, at) VALUES (?, ?, ?, ?, ?, ?)",
            order.value, refund.number, refund.amount.amount, refund.returnedToStock, refund.login,
            refund.at.milliseconds)
        for line in refund.lines {
            try sql.run(
                """
                INSERT INTO refund_lines (order_id, refund_id, product_id, quantity, amount) VALUES (?, ?, ?, ?, ?)
                """, order.value, refund.number, line.product.value, line.quantity.count, line.amount.amount)
        }
        tally.count(at: refund.at) { figures in
            figures.refunds += 1
            figures.refundAmount = figures.refundAmount + refund.amount
        }
    }

    func list(of order: OrderID) throws -> [Refund] {
        try sql.all(
            "SELECT \(Refund.Column.self) FROM refunds WHERE order_id = ? ORDER BY id", order.value
        ) { row in
            Refund(row, try lines(of: row.int64(Refund.Column.id), order))
        }
    }

    private func lines(of number: Int64, _ order: OrderID) throws -> [RefundLine] {
        // An order has few lines: sorting them costs nothing.
        let lines = try sql.all(
            """
            SELECT \(RefundLine.Column.self), order_lines.position FROM refund_lines
            JOIN order_lines ON order_lines.order_id = refund_lines.order_id
                AND order_lines.product_id = refund_lines.product_id
            WHERE refund_lines.order_id = ? AND refund_lines.refund_id = ?
            """, order.value, number
        ) { row in (position: row.int64(RefundLine.Column.count), line: RefundLine(row)) }
        return lines.sorted { $0.position < $1.position }.map(\.line)
    }
}

extension Refund {
    fileprivate enum Column: Int32, ColumnList {
        case id, amount, returnedToStock, login, at
        var table: String { "refunds" }
    }

    fileprivate init(_ row: borrowing Row, _ lines: [RefundLine]) {
        self.init(
            number: Int(row.int64(Column.id)), amount: row.won(Column.amount),
            returnedToStock: row.int64(Column.returnedToStock) != 0, login: row.optionalText(Column.login),
            at: row.time(Column.at), lines: lines)
    }
}

extension RefundLine {
    fileprivate enum Column: Int32, ColumnList {
        case productID, quantity, amount
        var table: String { "refund_lines" }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(
            product: row.id(Column.productID), quantity: Quantity(row.int64(Column.quantity)),
            amount: row.won(Column.amount))
    }
}
