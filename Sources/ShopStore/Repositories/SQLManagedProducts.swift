import SQLite
import Shop

/// The staff's lists of products: each filter in each order, each page from an index.
extension SQLProducts {
    /// How many of a search's matches are looked at for one page, and how many if each has to be checked letter by letter.
    private static let longestLook = 2_000
    private static let longestCheck = 500

    func findManaged(_ id: ProductID) throws -> ManagedProduct? {
        try sql.first(
            "SELECT \(ManagedProduct.Column.self) FROM products WHERE id = ?", id.value, read: ManagedProduct.init)
    }

    func find(_ sku: SKU) throws -> ManagedProduct? {
        try sql.first(
            "SELECT \(ManagedProduct.Column.self) FROM products WHERE sku = ?", sku.text, read: ManagedProduct.init)
    }

    func listManaged(_ query: ManagedProductQuery) throws -> FoundManagedProducts {
        if let search = Search(query.words) { return try found(search, query) }
        let wanted = query.limit + 1
        let fetched: [ManagedProduct] =
            switch query.filter {
            case .all:
                Array(
                    (try shelf(listed: true, query, wanted) + shelf(listed: false, query, wanted))
                        .sorted { query.order.isBefore($0, $1) }.prefix(wanted))
            case .listed: try shelf(listed: true, query, wanted)
            case .unlisted: try shelf(listed: false, query, wanted)
            case .soldOut: try soldOut(query, wanted)
            case .low: try low(query, wanted)
            case .withoutPicture: try withoutPicture(query, wanted)
            }
        let page = ListPage(fetched: fetched, limit: query.limit)
        return FoundManagedProducts(
            items: page.items, next: page.hasMore ? page.items.last.map { .init($0) } : nil)
    }

    /// What a search finds, newest first; before all others, the product with the words as its SKU.
    private func found(_ search: Search, _ query: ManagedProductQuery) throws -> FoundManagedProducts {
        let named = try query.words.count == 1 ? SKU(query.words[0]).flatMap { try find($0) } : nil
        var found: [ManagedProduct] = []
        if query.after == nil, let named, query.isLeft(named) { found.append(named) }
        var looked = 0
        let longest = search.isWhole ? Self.longestLook : Self.longestCheck
        var last: ManagedProduct?
        var isOver = true
        try sql.forEachUntil(
            """
            SELECT \(ManagedProduct.Column.self)
            FROM product_search AS s JOIN products ON products.id = s.rowid
            WHERE s.product_search MATCH ? AND s.rowid < ? ORDER BY s.rowid DESC
            """, search.match, query.after?.id.value ?? .max
        ) { row in
            let product = ManagedProduct(row)
            // It stands before all others, on the first page.
            if product.id == named?.id { return true }
            if found.count == query.limit || looked == longest {
                isOver = false
                return false
            }
            looked += 1
            last = product
            if query.isLeft(product), search.isWhole || search.matches(product.product) { found.append(product) }
            return true
        }
        // A page that the named one fills is followed by all others.
        let next = last.map { ManagedProductQuery.Position($0) } ?? .init(price: .zero, id: ProductID(.max))
        return FoundManagedProducts(items: found, next: isOver ? nil : next)
    }

    func count(_ work: ManagedProductQuery.Work, atMost most: Int) throws -> Int {
        let count: Int64? =
            switch work {
            case .soldOut:
                try sql.first(
                    """
                    SELECT count(*) FROM (SELECT 1 FROM products INDEXED BY products_sold_out
                        WHERE listed = 1 AND stock = 0 AND id > 0 LIMIT ?)
                    """, most
                ) { $0.int64(0) }
            case .low:
                try sql.first(
                    """
                    SELECT count(*) FROM (SELECT 1 FROM products INDEXED BY products_low
                        WHERE listed = 1 AND stock > 0 AND stock <= low_stock AND id > 0 LIMIT ?)
                    """, most
                ) { $0.int64(0) }
            case .withoutPicture:
                try sql.first(
                    """
                    SELECT count(*) FROM (SELECT 1 FROM products INDEXED BY products_bare
                        WHERE picture IS NULL AND id > 0 LIMIT ?)
                    """, most
                ) { $0.int64(0) }
            }
        return Int(count ?? 0)
    }

    /// The products that are listed, or those that are not.
    private func shelf(
        listed: Bool, _ query: ManagedProductQuery, _ wanted: Int
    ) throws -> [ManagedProduct] {
        let after = query.after
        switch query.order {
        case .newest:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_newest
                WHERE listed = ? AND id < ? ORDER BY id DESC LIMIT ?
                """, listed, after?.id.value ?? .max, wanted, read: ManagedProduct.init)
        case .name:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_name
                WHERE listed = ?1 AND (name, id) > (coalesce((SELECT name FROM products WHERE id = ?2), ''), ?2)
                ORDER BY name, id LIMIT ?3
                """, listed, after?.id.value ?? 0, wanted, read: ManagedProduct.init)
        case .cheapestFirst:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_price
                WHERE listed = ? AND (price, id) > (?, ?) ORDER BY price, id LIMIT ?
                """, listed, after?.price.amount ?? -1, after?.id.value ?? 0, wanted, read: ManagedProduct.init)
        case .dearestFirst:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_price
                WHERE listed = ? AND (price, id) < (?, ?) ORDER BY price DESC, id DESC LIMIT ?
                """, listed, after?.price.amount ?? .max, after?.id.value ?? .max, wanted, read: ManagedProduct.init)
        }
    }

    private func soldOut(_ query: ManagedProductQuery, _ wanted: Int) throws -> [ManagedProduct] {
        let after = query.after
        switch query.order {
        case .newest:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_sold_out
                WHERE listed = 1 AND stock = 0 AND id < ? ORDER BY id DESC LIMIT ?
                """, after?.id.value ?? .max, wanted, read: ManagedProduct.init)
        case .name:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_sold_out_name
                WHERE listed = 1 AND stock = 0
                    AND (name, id) > (coalesce((SELECT name FROM products WHERE id = ?1), ''), ?1)
                ORDER BY name, id LIMIT ?2
                """, after?.id.value ?? 0, wanted, read: ManagedProduct.init)
        case .cheapestFirst:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_sold_out_price
                WHERE listed = 1 AND stock = 0 AND (price, id) > (?, ?) ORDER BY price, id LIMIT ?
                """, after?.price.amount ?? -1, after?.id.value ?? 0, wanted, read: ManagedProduct.init)
        case .dearestFirst:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_sold_out_price
                WHERE listed = 1 AND stock = 0 AND (price, id) < (?, ?) ORDER BY price DESC, id DESC LIMIT ?
                """, after?.price.amount ?? .max, after?.id.value ?? .max, wanted, read: ManagedProduct.init)
        }
    }

    private func low(_ query: ManagedProductQuery, _ wanted: Int) throws -> [ManagedProduct] {
        let after = query.after
        switch query.order {
        case .newest:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_low
                WHERE listed = 1 AND stock > 0 AND stock <= low_stock AND id < ? ORDER BY id DESC LIMIT ?
                """, after?.id.value ?? .max, wanted, read: ManagedProduct.init)
        case .name:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_low_name
                WHERE listed = 1 AND stock > 0 AND stock <= low_stock
                    AND (name, id) > (coalesce((SELECT name FROM products WHERE id = ?1), ''), ?1)
                ORDER BY name, id LIMIT ?2
                """, after?.id.value ?? 0, wanted, read: ManagedProduct.init)
        case .cheapestFirst:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_low_price
                WHERE listed = 1 AND stock > 0 AND stock <= low_stock AND (price, id) > (?, ?) ORDER BY price, id LIMIT ?
                """, after?.price.amount ?? -1, after?.id.value ?? 0, wanted, read: ManagedProduct.init)
        case .dearestFirst:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_low_price
                WHERE listed = 1 AND stock > 0 AND stock <= low_stock AND (price, id) < (?, ?) ORDER BY price DESC, id DESC LIMIT ?
                """, after?.price.amount ?? .max, after?.id.value ?? .max, wanted, read: ManagedProduct.init)
        }
    }

    private func withoutPicture(_ query: ManagedProductQuery, _ wanted: Int) throws -> [ManagedProduct] {
        let after = query.after
        switch query.order {
        case .newest:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_bare
                WHERE picture IS NULL AND id < ? ORDER BY id DESC LIMIT ?
                """, after?.id.value ?? .max, wanted, read: ManagedProduct.init)
        case .name:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_bare_name
                WHERE picture IS NULL
                    AND (name, id) > (coalesce((SELECT name FROM products WHERE id = ?1), ''), ?1)
                ORDER BY name, id LIMIT ?2
                """, after?.id.value ?? 0, wanted, read: ManagedProduct.init)
        case .cheapestFirst:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_bare_price
                WHERE picture IS NULL AND (price, id) > (?, ?) ORDER BY price, id LIMIT ?
                """, after?.price.amount ?? -1, after?.id.value ?? 0, wanted, read: ManagedProduct.init)
        case .dearestFirst:
            return try sql.all(
                """
                SELECT \(ManagedProduct.Column.self) FROM products INDEXED BY products_bare_price
                WHERE picture IS NULL AND (price, id) < (?, ?) ORDER BY price DESC, id DESC LIMIT ?
                """, after?.price.amount ?? .max, after?.id.value ?? .max, wanted, read: ManagedProduct.init)
        }
    }

}

extension ManagedProductQuery.Order {
    /// As the indexes order: texts byte by byte.
    fileprivate func isBefore(_ one: ManagedProduct, _ other: ManagedProduct) -> Bool {
        switch self {
        case .newest: one.id > other.id
        case .name:
            one.name.utf8.elementsEqual(other.name.utf8)
                ? one.id < other.id : one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
        case .cheapestFirst: (one.price, one.id) < (other.price, other.id)
        case .dearestFirst: (one.price, one.id) > (other.price, other.id)
        }
    }
}

extension ManagedProduct {
    fileprivate enum Column: Int32, ColumnList {
        case id, name, description, price, stock, views, listed, createdAt, picture, sku, lowStock, version
        var table: String { "products" }
    }

    /// The product's own columns come first, in its own order.
    fileprivate init(_ row: borrowing Row) {
        self.init(
            product: Product(row), sku: row.optionalText(Column.sku).map { SKU(stored: $0) },
            lowStock: row.optionalInt64(Column.lowStock), version: row.int64(Column.version))
    }
}
