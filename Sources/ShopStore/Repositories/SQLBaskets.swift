import SQLite
import Shop

struct SQLBaskets: BasketRepository {
    let sql: Connection

    func lines(of session: TokenHash) throws -> [BasketLine] {
        let lines = try sql.all(
            """
            SELECT p.id, p.name, p.description, p.price, p.stock, p.views, p.listed, p.created_at, p.picture, b.quantity,
                b.added_at
            FROM basket_lines AS b JOIN products AS p ON p.id = b.product_id WHERE b.token_hash = ?
            """, session.bytes
        ) { row in
            (line: BasketLine(product: SQLProducts.product(row), quantity: Quantity(row.int64(9))), at: row.int64(10))
        }
        // They lie by product; a basket is small.
        return lines.sorted { ($0.at, $0.line.product.id) < ($1.at, $1.line.product.id) }.map(\.line)
    }

    func quantity(of product: ProductID, in session: TokenHash) throws -> Quantity? {
        try sql.first(
            "SELECT quantity FROM basket_lines WHERE token_hash = ? AND product_id = ?", session.bytes, product.value
        ) { Quantity($0.int64(0)) }
    }

    func count(of session: TokenHash) throws -> Int {
        try sql.first("SELECT count(*) FROM basket_lines WHERE token_hash = ?", session.bytes) { Int($0.int64(0)) }
            ?? 0
    }

    func set(_ quantity: Quantity, of product: ProductID, in session: TokenHash, at time: Timestamp) throws {
        try sql.run(
            """
            INSERT INTO basket_lines (token_hash, product_id, quantity, added_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (token_hash, product_id) DO UPDATE SET quantity = excluded.quantity
            """, session.bytes, product.value, quantity.count, time.milliseconds)
    }

    func remove(_ product: ProductID, from session: TokenHash) throws {
        try sql.run(
            "DELETE FROM basket_lines WHERE token_hash = ? AND product_id = ?", session.bytes, product.value)
    }

    func clear(_ session: TokenHash) throws {
        try sql.run("DELETE FROM basket_lines WHERE token_hash = ?", session.bytes)
    }
}
