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
        guard let before = try self.amount(of: user) else { throw MissingRow("balance of user \(user.value)") }
        let balance = before + amount
        if balance < .zero { return nil }
        try sql.run("UPDATE balances SET amount = ? WHERE user_id = ?", balance.amount, user.value)
        let id = try sql.insert(
            """
            INSERT INTO balance_entries (user_id, kind, amount, balance, order_id, created_at) VALUES (?, ?, ?, ?, ?, ?)
            """, user.value, kind.rawValue, amount.amount, balance.amount, order?.value, time.milliseconds)
        return BalanceEntry(
            id: EntryID(id), kind: kind, amount: amount, balance: balance, order: order, createdAt: time)
    }

    func entries(of user: UserID, before: EntryID?, limit: Int) throws -> Page<BalanceEntry> {
        let entries = try sql.all(
            """
            SELECT id, kind, amount, balance, order_id, created_at FROM balance_entries
            WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?
            """, user.value, before?.value ?? .max, limit + 1
        ) { row in
            BalanceEntry(
                id: EntryID(row.int64(0)), kind: try row.choice(1), amount: Won(row.int64(2)),
                balance: Won(row.int64(3)),
                order: row.optionalInt64(4).map { OrderID($0) }, createdAt: row.time(5))
        }
        return Page(fetched: entries, limit: limit)
    }
}
