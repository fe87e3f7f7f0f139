import SQLite
import Shop

struct SQLBalances: BalanceRepository {
    let sql: Connection

    func amount(of user: UserID) throws -> Won? {
        try sql.first("SELECT amount FROM balances WHERE user_id = ?", user.value) { Won($0.int64(0)) }
    }

    func move(_ amount: Won, _ kind: BalanceEntry.Kind, of user: UserID, order: OrderID?, at time: Timestamp) throws
        -> BalanceEntry?
    {
        let before = try sql.first("SELECT amount, entries FROM balances WHERE user_id = ?", user.value) { row in
            (amount: Won(row.int64(0)), entries: row.int64(1))
        }
        guard let before else { throw MissingRowError("balance of user \(user.value)") }
        let balance = before.amount + amount
        if balance < .zero { return nil }
        let id = EntryID(before.entries + 1)
        try sql.run(
            "UPDATE balances SET amount = ?, entries = ? WHERE user_id = ?", balance.amount, id.value, user.value)
        try sql.run(
            """
            INSERT INTO balance_entries (user_id, id, kind, amount, balance, order_id, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """, user.value, id.value, kind.rawValue, amount.amount, balance.amount, order?.value, time.milliseconds)
        return BalanceEntry(id: id, kind: kind, amount: amount, balance: balance, order: order, createdAt: time)
    }

    func entries(of user: UserID, before: EntryID?, limit: Int) throws -> ListPage<BalanceEntry> {
        let entries = try sql.all(
            """
            SELECT \(BalanceEntry.Column.self) FROM balance_entries
            WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """, user.value, before?.value ?? .max, limit + 1
        ) { row in try BalanceEntry(row, reason: try reason(row, of: user)) }
        return ListPage(fetched: entries, limit: limit)
    }

    /// Looked for only where there is one: corrections are few.
    private func reason(_ row: borrowing Row, of user: UserID) throws -> String? {
        guard try row.choice(BalanceEntry.Column.kind) == BalanceEntry.Kind.correction else { return nil }
        return try sql.first(
            "SELECT reason FROM corrections WHERE user_id = ? AND entry_id = ?", user.value,
            row.int64(BalanceEntry.Column.id)
        ) { $0.text(0) }
    }
}

extension BalanceEntry {
    fileprivate enum Column: Int32, ColumnList {
        case id, kind, amount, balance, orderID, createdAt
        var table: String { "balance_entries" }
    }

    fileprivate init(_ row: borrowing Row, reason: String?) throws {
        self.init(
            id: row.id(Column.id), kind: try row.choice(Column.kind), amount: row.won(Column.amount),
            balance: row.won(Column.balance), order: row.optionalID(Column.orderID),
            createdAt: row.time(Column.createdAt), reason: reason)
    }
}
