import SQLite
import Shop

struct SQLBaskets: BasketRepository {
    let sql: Connection

    func lines(of owner: BasketOwner) throws -> [BasketLine] {
        func line(_ row: borrowing Row) -> (line: BasketLine, at: Int64) {
            let (quantity, addedAt) = (row.int64(Product.Column.count), row.int64(Product.Column.count + 1))
            return (BasketLine(product: Product(row), quantity: Quantity(quantity)), addedAt)
        }
        let lines =
            switch owner {
            case .customer(let user):
                try sql.all(
                    """
                    SELECT \(Product.Column.self), b.quantity, b.added_at
                    FROM customer_basket_lines AS b JOIN products ON products.id = b.product_id WHERE b.user_id = ?
                    """, user.value, read: line)
            case .visitor(let token):
                try sql.all(
                    """
                    SELECT \(Product.Column.self), b.quantity, b.added_at
                    FROM visitor_basket_lines AS b JOIN products ON products.id = b.product_id WHERE b.token_hash = ?
                    """, token.bytes, read: line)
            }
        // They are stored by product; a basket is small.
        return lines.sorted { ($0.at, $0.line.product.id) < ($1.at, $1.line.product.id) }.map(\.line)
    }

    func quantity(of product: ProductID, in owner: BasketOwner) throws -> Quantity? {
        switch owner {
        case .customer(let user):
            try sql.first(
                "SELECT quantity FROM customer_basket_lines WHERE user_id = ? AND product_id = ?", user.value,
                product.value
            ) { Quantity($0.int64(0)) }
        case .visitor(let token):
            try sql.first(
                "SELECT quantity FROM visitor_basket_lines WHERE token_hash = ? AND product_id = ?", token.bytes,
                product.value
            ) { Quantity($0.int64(0)) }
        }
    }

    func count(of owner: BasketOwner) throws -> Int {
        let count: Int? =
            switch owner {
            case .customer(let user):
                try sql.first("SELECT count(*) FROM customer_basket_lines WHERE user_id = ?", user.value) {
                    Int($0.int64(0))
                }
            case .visitor(let token):
                try sql.first("SELECT count(*) FROM visitor_basket_lines WHERE token_hash = ?", token.bytes) {
                    Int($0.int64(0))
                }
            }
        return count ?? 0
    }

    func set(_ quantity: Quantity, of product: ProductID, in owner: BasketOwner, at time: Timestamp) throws {
        switch owner {
        case .customer(let user):
            try sql.run(
                """
                INSERT INTO customer_basket_lines (user_id, product_id, quantity, added_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (user_id, product_id) DO UPDATE SET quantity = excluded.quantity
                """, user.value, product.value, quantity.count, time.milliseconds)
        case .visitor(let token):
            try sql.run(
                """
                INSERT INTO visitor_basket_lines (token_hash, product_id, quantity, added_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (token_hash, product_id) DO UPDATE SET quantity = excluded.quantity
                """, token.bytes, product.value, quantity.count, time.milliseconds)
        }
    }

    func remove(_ product: ProductID, from owner: BasketOwner) throws {
        switch owner {
        case .customer(let user):
            try sql.run(
                "DELETE FROM customer_basket_lines WHERE user_id = ? AND product_id = ?", user.value, product.value)
        case .visitor(let token):
            try sql.run(
                "DELETE FROM visitor_basket_lines WHERE token_hash = ? AND product_id = ?", token.bytes, product.value)
        }
    }

    func clear(_ user: UserID) throws {
        try sql.run("DELETE FROM customer_basket_lines WHERE user_id = ?", user.value)
    }

    // MARK: Visitors

    func keepVisitor(_ visitor: TokenHash, at time: Timestamp, most: Int) throws {
        let known = try sql.change(
            "UPDATE visitor_baskets SET used_at = ? WHERE token_hash = ?", time.milliseconds, visitor.bytes)
        if known > 0 { return }
        try sql.run(
            "DELETE FROM visitor_baskets WHERE id <= (SELECT max(id) FROM visitor_baskets) - ?", most - 1)
        try sql.run(
            "INSERT INTO visitor_baskets (token_hash, used_at) VALUES (?, ?)", visitor.bytes, time.milliseconds)
    }

    func forgetVisitor(_ visitor: TokenHash) throws {
        try sql.run("DELETE FROM visitor_baskets WHERE token_hash = ?", visitor.bytes)
    }

    func forgetVisitors(unusedSince time: Timestamp, limit: Int) throws -> Int {
        try sql.change(
            """
            DELETE FROM visitor_baskets WHERE id IN (SELECT id FROM visitor_baskets WHERE used_at <= ? LIMIT ?)
            """, time.milliseconds, limit)
    }
}
