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
            (amount: row.won(0), entries: row.int64(1))
        }
        guard let before else { throw MissingRow("balance of user \(user.value)") }
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
