import SQLite
import Shop

/// The product lists: each order with and without a search, each page found by an index.
extension SQLProducts {
    /// A search that finds more than this is answered by walking along the order's own index and asking of each product
    /// whether it fits, which finds a page soon; one that finds fewer is answered by sorting what it found. Both stay
    /// within some milliseconds over 100,000 products.
    private static let manyMatches = 4_000

    func list(_ query: ProductQuery) throws -> Page<Product> {
        let products =
            if let match = SearchPairs.query(query.words) {
                try search(query, match)
            } else {
                try all(query)
            }
        return Page(fetched: products, limit: query.limit)
    }

    private func all(_ query: ProductQuery) throws -> [Product] {
        let limit = query.limit + 1
        let after = query.after
        switch query.order {
        case .newest:
            return try sql.all(
                """
                SELECT id, name, description, price, stock, views, listed, created_at FROM products
                WHERE listed = 1 AND id < ? ORDER BY id DESC LIMIT ?
                """, after?.id.value ?? .max, limit, read: Self.product)
        case .cheapestFirst:
            return try sql.all(
                """
                SELECT id, name, description, price, stock, views, listed, created_at FROM products
                WHERE listed = 1 AND (price, id) > (?, ?) ORDER BY price, id LIMIT ?
                """, after?.price.amount ?? -1, after?.id.value ?? 0, limit, read: Self.product)
        case .dearestFirst:
            return try sql.all(
                """
                SELECT id, name, description, price, stock, views, listed, created_at FROM products
                WHERE listed = 1 AND (price, id) < (?, ?) ORDER BY price DESC, id DESC LIMIT ?
                """, after?.price.amount ?? .max, after?.id.value ?? .max, limit, read: Self.product)
        }
    }

    private func search(_ query: ProductQuery, _ match: String) throws -> [Product] {
        let limit = query.limit + 1
        let after = query.after
        if query.order == .newest {
            return try sql.all(
                """
                SELECT p.id, p.name, p.description, p.price, p.stock, p.views, p.listed, p.created_at
                FROM product_search AS s JOIN products AS p ON p.id = s.rowid
                WHERE s.product_search MATCH ? AND s.rowid < ? AND p.listed = 1 ORDER BY s.rowid DESC LIMIT ?
                """, match, after?.id.value ?? .max, limit, read: Self.product)
        }
        switch (query.order, try matches(match) > Self.manyMatches) {
        case (.cheapestFirst, true):
            return try sql.all(
                """
                SELECT id, name, description, price, stock, views, listed, created_at FROM products AS p
                WHERE listed = 1 AND (price, id) > (?, ?)
                    AND EXISTS (SELECT 1 FROM product_search AS s WHERE s.product_search MATCH ? AND s.rowid = p.id)
                ORDER BY price, id LIMIT ?
                """, after?.price.amount ?? -1, after?.id.value ?? 0, match, limit, read: Self.product)
        case (_, true):
            return try sql.all(
                """
                SELECT id, name, description, price, stock, views, listed, created_at FROM products AS p
                WHERE listed = 1 AND (price, id) < (?, ?)
                    AND EXISTS (SELECT 1 FROM product_search AS s WHERE s.product_search MATCH ? AND s.rowid = p.id)
                ORDER BY price DESC, id DESC LIMIT ?
                """, after?.price.amount ?? .max, after?.id.value ?? .max, match, limit, read: Self.product)
        case (.cheapestFirst, false):
            return try sql.all(
                """
                SELECT p.id, p.name, p.description, p.price, p.stock, p.views, p.listed, p.created_at
                FROM product_search AS s CROSS JOIN products AS p ON p.id = s.rowid
                WHERE s.product_search MATCH ? AND p.listed = 1 AND (p.price, p.id) > (?, ?)
                ORDER BY p.price, p.id LIMIT ?
                """, match, after?.price.amount ?? -1, after?.id.value ?? 0, limit, read: Self.product)
        case (_, false):
            return try sql.all(
                """
                SELECT p.id, p.name, p.description, p.price, p.stock, p.views, p.listed, p.created_at
                FROM product_search AS s CROSS JOIN products AS p ON p.id = s.rowid
                WHERE s.product_search MATCH ? AND p.listed = 1 AND (p.price, p.id) < (?, ?)
                ORDER BY p.price DESC, p.id DESC LIMIT ?
                """, match, after?.price.amount ?? .max, after?.id.value ?? .max, limit, read: Self.product)
        }
    }

    /// How many products match, as far as it matters.
    private func matches(_ match: String) throws -> Int {
        try sql.first(
            """
            SELECT count(*) FROM
                (SELECT 1 FROM product_search WHERE product_search MATCH ? LIMIT ?)
            """, match, Self.manyMatches + 1
        ) { Int($0.int64(0)) } ?? 0
    }
}
