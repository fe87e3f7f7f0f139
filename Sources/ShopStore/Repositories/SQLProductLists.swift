import SQLite
import Shop

/// The product lists: each order with and without a search, each page found through an index.
///
/// A search by price has two strategies. If few products match, the index of pairs finds them and they are sorted. If
/// many do, that would sort much of the catalogue for one page: the products are walked in order instead, and checked
/// until the page is full. Both take a few milliseconds on 100,000 products.
extension SQLProducts {
    /// More matches than this are many: a share of a large catalogue that a walk hits often enough.
    private static let manyMatches = 8_000
    /// A walk gives up after this many products without a full page: the matches are too far away.
    private static let longestWalk = 1_000
    /// How many index matches are checked if the index could not be asked for the whole search. What comes after them
    /// is not found: only texts made for the purpose end up there.
    private static let longestLook = 500

    /// How many of a search's results are counted.
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

    /// The search as typed, or a similar one if that finds nothing.
    private func search(_ typed: Search, _ query: ProductQuery) throws -> (search: Search, isSimilar: Bool) {
        guard query.takesSimilar, typed.isWhole, try !exists(typed.match) else { return (typed, false) }
        let similar = try SimilarSearch(exists: exists).search(for: typed.words)
        return (similar ?? typed, similar != nil)
    }

    private func exists(_ match: String) throws -> Bool {
        try sql.first("SELECT 1 FROM product_search WHERE product_search MATCH ? LIMIT 1", match) { _ in true } ?? false
    }

    /// nil if the index cannot tell.
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

    /// Rank by rank, starting with the rank of the previous page's last product.
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

    /// Checks one product after another; nil if that takes too long and the index can do better.
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

    /// Passes the listed products from the query's page on to `body`, until it returns false.
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

    /// The index's matches, in the index's own order.
    ///
    /// - Parameter rank: the part of the search to look for; nil for all of it.
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

    /// The index's matches, unordered, with their sort keys.
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

    /// The listed products among the matches that are on the query's page, in its order.
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
