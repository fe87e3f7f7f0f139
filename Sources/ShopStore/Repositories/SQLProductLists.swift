import SQLite
import Shop

/// The product lists: each order with and without a search, each page found by an index.
///
/// A search by price has two ways. Where few products match, the index of pairs finds them and they are sorted. Where many
/// do, that would sort a large part of the catalogue for one page: then the products are walked in the order that is wanted,
/// and each is looked at until the page is full, which is soon. Both take some milliseconds over 100,000 products.
extension SQLProducts {
    /// More matches than this are many: a fraction of a large catalogue that a walk meets often enough.
    private static let manyMatches = 8_000
    /// A walk that has looked at so many and has no page yet gives up: what matches lies far behind.
    private static let longestWalk = 1_000
    /// So many of what the index has found are looked at where it could not be asked for all of a search. What lies behind
    /// them is not found: only a text that is made for it gets there.
    private static let longestLook = 500

    /// So many of what a search finds are counted.
    private static let mostCounted = 1_000

    func list(_ query: ProductQuery) throws -> ListPage<Product> {
        guard let typed = Search(query.words) else { return try everything(query) }
        let search = try self.search(typed, query).search
        return ListPage(fetched: try find(search, query, query.limit + 1), limit: query.limit)
    }

    func search(_ query: ProductQuery) throws -> FoundProducts {
        guard let typed = Search(query.words) else {
            return FoundProducts(page: try everything(query), number: nil, isSimilar: false)
        }
        let (search, isSimilar) = try self.search(typed, query)
        let page = ListPage(fetched: try find(search, query, query.limit + 1), limit: query.limit)
        let number: FoundProducts.Number? =
            if query.after == nil, !page.hasMore { .init(page.items.count) } else { try count(search) }
        return FoundProducts(page: page, number: number, isSimilar: isSimilar)
    }

    private func everything(_ query: ProductQuery) throws -> ListPage<Product> {
        var products: [Product] = []
        try forEach(query, atMost: query.limit + 1) { row in
            products.append(Product(row))
            return true
        }
        return ListPage(fetched: products, limit: query.limit)
    }

    /// What was typed, or what is similar where that finds nothing.
    private func search(_ typed: Search, _ query: ProductQuery) throws -> (search: Search, isSimilar: Bool) {
        guard query.takesSimilar, typed.isWhole, try !exists(typed.match) else { return (typed, false) }
        let similar = try SimilarSearch(exists: exists).search(for: typed.words)
        return (similar ?? typed, similar != nil)
    }

    private func exists(_ match: String) throws -> Bool {
        try sql.first("SELECT 1 FROM product_search WHERE product_search MATCH ? LIMIT 1", match) { _ in true } ?? false
    }

    /// nil where the index cannot tell.
    private func count(_ search: Search) throws -> FoundProducts.Number? {
        guard search.isWhole else { return nil }
        let found = try offers(search.match, atMost: Self.mostCounted + 1)
        return .init(
            min(found.count(where: \.isListed), Self.mostCounted), isMore: found.count > Self.mostCounted)
    }

    private func find(_ search: Search, _ query: ProductQuery, _ wanted: Int) throws -> [Product] {
        switch query.order {
        case .newest: return try newest(search, before: query.after?.id, wanted)
        case .mostRelevant: return try ranked(search, after: query.after?.id, wanted)
        case .cheapestFirst, .dearestFirst: break
        }
        let found = try offers(search.match, atMost: Self.manyMatches + 1)
        if found.count <= Self.manyMatches { return try page(of: found, search, query, wanted) }
        if let page = try walk(search, query, wanted) { return page }
        return try page(of: offers(search.match, atMost: .max), search, query, wanted)
    }

    /// One rank after the other, from that on which has the last product of the page before.
    private func ranked(_ search: Search, after last: ProductID?, _ wanted: Int) throws -> [Product] {
        guard search.isWhole else { return try newest(search, before: last, wanted) }
        var found: [Product] = []
        var before = last
        for (number, rank) in search.ranks.enumerated() where found.count < wanted {
            if let last, before != nil, number < search.ranks.count - 1, try !has(rank, last) { continue }
            found += try newest(search, of: rank, before: before, wanted - found.count)
            before = nil
        }
        return found
    }

    private func has(_ match: String, _ id: ProductID) throws -> Bool {
        try sql.first(
            "SELECT 1 FROM product_search WHERE product_search MATCH ? AND rowid = ?", match, id.value
        ) { _ in true } ?? false
    }

    /// Looks at one product after the other; nil where that takes too long and the index can do better.
    private func walk(_ search: Search, _ query: ProductQuery, _ wanted: Int) throws -> [Product]? {
        var found: [Product] = []
        var looked = 0
        try forEach(query, atMost: search.isWhole ? Self.longestWalk : Self.longestLook) { row in
            looked += 1
            let matches = row.withText(Product.Column.name.rawValue) { name in
                row.withText(Product.Column.description.rawValue) { search.matches(name, $0) }
            }
            if matches { found.append(Product(row)) }
            return found.count < wanted
        }
        return found.count == wanted || looked < Self.longestWalk || !search.isWhole ? found : nil
    }

    /// Hands over the listed products of the query's page and those behind it, until `body` answers false.
    private func forEach(_ query: ProductQuery, atMost limit: Int, _ body: (borrowing Row) -> Bool) throws {
        let after = query.after
        switch query.order {
        case .newest, .mostRelevant:
            try sql.forEachUntil(
                """
                SELECT \(Product.Column.self) FROM products
                WHERE listed = 1 AND id < ? ORDER BY id DESC LIMIT ?
                """, after?.id.value ?? .max, limit, body: body)
        case .cheapestFirst:
            try sql.forEachUntil(
                """
                SELECT \(Product.Column.self) FROM products
                WHERE listed = 1 AND (price, id) > (?, ?) ORDER BY price, id LIMIT ?
                """, after?.price.amount ?? -1, after?.id.value ?? 0, limit, body: body)
        case .dearestFirst:
            try sql.forEachUntil(
                """
                SELECT \(Product.Column.self) FROM products
                WHERE listed = 1 AND (price, id) < (?, ?) ORDER BY price DESC, id DESC LIMIT ?
                """, after?.price.amount ?? .max, after?.id.value ?? .max, limit, body: body)
        }
    }

    /// What the index finds, in the order that it gives by itself.
    ///
    /// - Parameter rank: the part of the search that is looked for; nil for all of it.
    private func newest(
        _ search: Search, of rank: String? = nil, before last: ProductID?, _ wanted: Int
    ) throws -> [Product] {
        var found: [Product] = []
        try sql.forEachUntil(
            """
            SELECT \(Product.Column.self)
            FROM product_search AS s JOIN products ON products.id = s.rowid
            WHERE s.product_search MATCH ? AND s.rowid < ? AND products.listed = 1 ORDER BY s.rowid DESC LIMIT ?
            """, rank ?? search.match, last?.value ?? .max, search.isWhole ? wanted : Self.longestLook
        ) { row in
            let product = Product(row)
            if search.isWhole || search.matches(product) { found.append(product) }
            return found.count < wanted
        }
        return found
    }

    /// What the index finds, in no order, with what it is sorted by.
    private func offers(_ match: String, atMost limit: Int) throws -> [(
        position: ProductQuery.Position, isListed: Bool
    )] {
        try sql.all(
            """
            SELECT \(ProductQuery.Position.Column.self), products.listed
            FROM (SELECT rowid AS id FROM product_search WHERE product_search MATCH ? LIMIT ?) AS f
            CROSS JOIN products INDEXED BY products_offer ON products.id = f.id
            """, match, limit
        ) { row in (.init(row), row.int64(ProductQuery.Position.Column.count) != 0) }
    }

    /// Of what was found, the listed products of the query's page, in its order.
    private func page(
        of found: [(position: ProductQuery.Position, isListed: Bool)], _ search: Search, _ query: ProductQuery,
        _ wanted: Int
    ) throws -> [Product] {
        let isBefore = query.order == .dearestFirst ? Self.isDearer : Self.isCheaper
        var positions: [ProductQuery.Position] = []
        for (position, isListed) in found where isListed {
            if let after = query.after, !isBefore(after, position) { continue }
            positions.append(position)
        }
        var page: [Product] = []
        for position in positions.sorted(by: isBefore).prefix(search.isWhole ? wanted : Self.longestLook) {
            guard page.count < wanted, let product = try find(position.id) else { break }
            if search.isWhole || search.matches(product) { page.append(product) }
        }
        return page
    }

    private static func isCheaper(_ one: ProductQuery.Position, _ other: ProductQuery.Position) -> Bool {
        (one.price.amount, one.id.value) < (other.price.amount, other.id.value)
    }

    private static func isDearer(_ one: ProductQuery.Position, _ other: ProductQuery.Position) -> Bool {
        isCheaper(other, one)
    }
}

extension ProductQuery.Position {
    fileprivate enum Column: Int32, ColumnList {
        case id, price
        var table: String { "products" }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(price: row.won(Column.price), id: row.id(Column.id))
    }
}
