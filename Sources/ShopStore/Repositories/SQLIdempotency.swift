import SQLite
import Shop

struct SQLIdempotency: IdempotencyRepository {
    let sql: Connection

    func find(_ key: String, of user: UserID) throws -> KeptReceipt? {
        try sql.first(
            "SELECT \(KeptReceipt.Column.self) FROM idempotency_keys WHERE user_id = ? AND key = ?", user.value, key,
            read: KeptReceipt.init)
    }

    func keep(_ receipt: KeptReceipt, for key: String, of user: UserID) throws {
        try sql.run(
            """
            INSERT INTO idempotency_keys (user_id, key, fingerprint, status, body, created_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint, status = excluded.status,
                body = excluded.body, created_at = excluded.created_at
            """, user.value, key, receipt.fingerprint, receipt.receipt.code, receipt.receipt.bytes,
            receipt.createdAt.milliseconds)
    }

    func forget(before time: Timestamp, limit: Int) throws -> Int {
        try sql.change(
            """
            DELETE FROM idempotency_keys WHERE (user_id, key) IN
                (SELECT user_id, key FROM idempotency_keys WHERE created_at <= ? LIMIT ?)
            """, time.milliseconds, limit)
    }
}

extension KeptReceipt {
    fileprivate enum Column: Int32, ColumnList {
        case fingerprint, status, body, createdAt
        var table: String { "idempotency_keys" }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(
            fingerprint: row.bytes(Column.fingerprint),
            receipt: Receipt(code: Int(row.int64(Column.status)), bytes: row.bytes(Column.body)),
            createdAt: row.time(Column.createdAt))
    }
}
