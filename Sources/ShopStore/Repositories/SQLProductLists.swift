import SQLite
import Shop

/// The product lists: each order with and without a search, each page found by an index.
///
/// A search has two ways. Where few products match, the index of pairs finds them and they are sorted. Where many do, that
/// would sort a large part of the catalogue for one page: then the products are walked in the order that is wanted, and
/// each is looked at until the page is full, which is soon. Both take some milliseconds over 100,000 products.
extension SQLProducts {
    /// More matches than this are many: a fraction of a large catalogue that a walk meets often enough.
    private static let manyMatches = 8_000
    /// A walk that has looked at so many and has no page yet gives up: what matches lies far behind.
    private static let longestWalk = 1_000

    func list(_ query: ProductQuery) throws -> Page<Product> {
        let wanted = query.limit + 1
        var products: [Product] = []
        if let search = Search(query.words) {
            products = try find(search, query, wanted)
        } else {
            try forEach(query, atMost: wanted) { row in
                products.append(Self.product(row))
                return true
            }
        }
        return Page(fetched: products, limit: query.limit)
    }

    private func find(_ search: Search, _ query: ProductQuery, _ wanted: Int) throws -> [Product] {
        // By descending id the index gives what it finds in the order that is wanted. A single character is in so many
        // pairs that the index would first have to put all of their products together.
        if query.order == .newest, !search.hasSingleCharacter { return try sorted(search.match, query, wanted) }
        if try search.hasSingleCharacter || matches(search.match) > Self.manyMatches,
            let page = try walk(search, query, wanted)
        {
            return page
        }
        return try sorted(search.match, query, wanted)
    }

    /// Looks at one product after the other; nil where that takes too long.
    private func walk(_ search: Search, _ query: ProductQuery, _ wanted: Int) throws -> [Product]? {
        var found: [Product] = []
        var looked = 0
        try forEach(query, atMost: Self.longestWalk) { row in
            looked += 1
            let matches = row.withText(1) { name in row.withText(2) { search.matches(name, $0) } }
            if matches { found.append(Self.product(row)) }
            return found.count < wanted
        }
        return found.count == wanted || looked < Self.longestWalk ? found : nil
    }

    /// Hands over the listed products of the query's page and those behind it, until `body` answers false.
    private func forEach(_ query: ProductQuery, atMost limit: Int, _ body: (borrowing Row) -> Bool) throws {
        let after = query.after
        switch query.order {
        case .newest:
            try sql.forEachUntil(
                """
                SELECT id, name, description, price, stock, views, listed, created_at FROM products
                WHERE listed = 1 AND id < ? ORDER BY id DESC LIMIT ?
                """, after?.id.value ?? .max, limit, body: body)
        case .cheapestFirst:
            try sql.forEachUntil(
                """
                SELECT id, name, description, price, stock, views, listed, created_at FROM products
                WHERE listed = 1 AND (price, id) > (?, ?) ORDER BY price, id LIMIT ?
                """, after?.price.amount ?? -1, after?.id.value ?? 0, limit, body: body)
        case .dearestFirst:
            try sql.forEachUntil(
                """
                SELECT id, name, description, price, stock, views, listed, created_at FROM products
                WHERE listed = 1 AND (price, id) < (?, ?) ORDER BY price DESC, id DESC LIMIT ?
                """, after?.price.amount ?? .max, after?.id.value ?? .max, limit, body: body)
        }
    }

    /// What the index finds, in the query's order.
    private func sorted(_ match: String, _ query: ProductQuery, _ limit: Int) throws -> [Product] {
        let after = query.after
        switch query.order {
        case .newest:
            return try sql.all(
                """
                SELECT p.id, p.name, p.description, p.price, p.stock, p.views, p.listed, p.created_at
                FROM product_search AS s JOIN products AS p ON p.id = s.rowid
                WHERE s.product_search MATCH ? AND s.rowid < ? AND p.listed = 1 ORDER BY s.rowid DESC LIMIT ?
                """, match, after?.id.value ?? .max, limit, read: Self.product)
        case .cheapestFirst:
            return try sql.all(
                """
                SELECT p.id, p.name, p.description, p.price, p.stock, p.views, p.listed, p.created_at
                FROM (SELECT o.id, o.price
                    FROM product_search AS s CROSS JOIN products AS o INDEXED BY products_offer ON o.id = s.rowid
                    WHERE s.product_search MATCH ? AND o.listed = 1 AND (o.price, o.id) > (?, ?)
                    ORDER BY o.price, o.id LIMIT ?) AS f
                CROSS JOIN products AS p ON p.id = f.id ORDER BY f.price, f.id
                """, match, after?.price.amount ?? -1, after?.id.value ?? 0, limit, read: Self.product)
        case .dearestFirst:
            return try sql.all(
                """
                SELECT p.id, p.name, p.description, p.price, p.stock, p.views, p.listed, p.created_at
                FROM (SELECT o.id, o.price
                    FROM product_search AS s CROSS JOIN products AS o INDEXED BY products_offer ON o.id = s.rowid
                    WHERE s.product_search MATCH ? AND o.listed = 1 AND (o.price, o.id) < (?, ?)
                    ORDER BY o.price DESC, o.id DESC LIMIT ?) AS f
                CROSS JOIN products AS p ON p.id = f.id ORDER BY f.price DESC, f.id DESC
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
