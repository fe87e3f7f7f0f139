import SQLite
import Shop

struct SQLProducts: ProductRepository {
    let sql: Connection
    let changes: Changes
    let search: SearchChanges

    func find(_ id: ProductID) throws -> Product? {
        try sql.first(
            "SELECT \(Product.Column.self) FROM products WHERE id = ?", id.value, read: Product.init)
    }

    func offer(_ id: ProductID) throws -> ProductOffer? {
        try sql.first(
            "SELECT \(ProductOffer.Column.self) FROM products WHERE id = ? AND listed = 1", id.value,
            read: ProductOffer.init)
    }

    func add(_ draft: ProductDraft, by login: String?, at time: Timestamp) throws -> ManagedProduct {
        changes.note(.catalogue)
        let id = ProductID(
            try sql.insert(
                """
                INSERT INTO products
                    (listed, price, supplied, stock, views, created_at, name, description, picture, sku, low_stock)
                VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?)
                """, draft.isListed, draft.price.amount, draft.stock, draft.stock, time.milliseconds, draft.name,
                draft.description, draft.picture, draft.sku?.text, draft.lowStock))
        search.note(id, to: .init(name: draft.name, description: draft.description))
        try note(StockChange(draft.stock, .opening), as: 1, of: id, stock: draft.stock, by: login, at: time)
        let product = Product(
            id: id, name: draft.name, description: draft.description, price: draft.price, stock: draft.stock, views: 0,
            isListed: draft.isListed, createdAt: time, picture: draft.picture)
        return ManagedProduct(product: product, sku: draft.sku, lowStock: draft.lowStock, version: 1)
    }

    func update(_ id: ProductID, _ change: ProductChange) throws {
        guard let old = try findManaged(id) else { throw MissingRowError("product \(id.value)") }
        changes.note(.catalogue)
        let name = change.name ?? old.name
        let description = change.description ?? old.description
        let price = (change.price ?? old.price).amount
        let (isListed, sku) = (change.isListed ?? old.isListed, change.sku ?? old.sku)
        let lowStock = change.lowStock ?? old.lowStock
        if (name, isListed, sku?.text, lowStock) == (old.name, old.isListed, old.sku?.text, old.lowStock) {
            // SQLite writes all indexes of the columns that are assigned, even of those that keep their values.
            try sql.run(
                "UPDATE products SET description = ?, price = ?, version = version + 1 WHERE id = ?",
                description, price, id.value)
        } else {
            try sql.run(
                """
                UPDATE products SET name = ?, description = ?, price = ?, listed = ?, sku = ?, low_stock = ?,
                    version = version + 1
                WHERE id = ?
                """, name, description, price, isListed, sku?.text, lowStock, id.value)
        }
        search.note(
            id, from: .init(name: old.name, description: old.description),
            to: .init(name: name, description: description))
    }

    func supply(_ change: StockChange, to id: ProductID, by login: String, at time: Timestamp) throws {
        changes.note(.catalogue)
        try sql.run(
            "UPDATE products SET stock = stock + ?1, supplied = supplied + ?1 WHERE id = ?2", change.count, id.value)
        let last = try sql.first(
            """
            SELECT p.stock, (SELECT max(m.id) FROM stock_movements AS m WHERE m.product_id = p.id)
            FROM products AS p WHERE p.id = ?
            """, id.value
        ) { row in (stock: row.int64(0), number: row.int64(1)) }
        guard let last else { throw MissingRowError("product \(id.value)") }
        try note(change, as: last.number + 1, of: id, stock: last.stock, by: login, at: time)
    }

    /// Adds a line to the product's stock ledger.
    ///
    /// - Parameters:
    ///   - number: one more than the last line's.
    ///   - stock: after the change.
    private func note(
        _ change: StockChange, as number: Int64, of id: ProductID, stock: Int64, by login: String?, at time: Timestamp
    ) throws {
        // Not with what is read from the ledger in the same statement: for that, SQLite makes a table first.
        try sql.run(
            """
            INSERT INTO stock_movements (product_id, id, reason, change, stock, login, at) VALUES (?, ?, ?, ?, ?, ?, ?)
            """, id.value, number, change.reason.rawValue, change.count, stock, login, time.milliseconds)
    }

    func movements(of id: ProductID, before: StockMovementID?, limit: Int) throws -> ListPage<StockMovement> {
        let movements = try sql.all(
            """
            SELECT \(StockMovement.Column.self) FROM stock_movements WHERE product_id = ? AND id < ?
            ORDER BY id DESC LIMIT ?
            """, id.value, before?.value ?? .max, limit + 1, read: StockMovement.init)
        return ListPage(fetched: movements, limit: limit)
    }

    func sell(_ line: OrderLine, in hour: Hour) throws -> Bool {
        changes.note(.catalogue)
        let (id, quantity) = (line.product, line.quantity)
        let taken = try sql.change(
            "UPDATE products SET stock = stock - ?1 WHERE id = ?2 AND stock >= ?1", quantity.count, id.value)
        guard taken == 1 else { return false }
        try sql.run(
            """
            INSERT INTO product_sales (hour, product_id, quantity, sold, amount) VALUES (?1, ?2, ?3, ?3, ?4)
            ON CONFLICT (hour, product_id) DO UPDATE SET quantity = product_sales.quantity + excluded.quantity,
                sold = product_sales.sold + excluded.sold, amount = product_sales.amount + excluded.amount
            """, hour.number, id.value, quantity.count, line.amount.amount)
        return true
    }

    func takeBack(_ quantity: Quantity, of id: ProductID, soldIn hour: Hour, toStock: Bool) throws {
        changes.note(.catalogue)
        if toStock {
            try sql.run("UPDATE products SET stock = stock + ? WHERE id = ?", quantity.count, id.value)
        }
        // An hour that the batch has moved no longer counts for the popular products.
        try sql.run(
            "UPDATE product_sales SET quantity = quantity - ? WHERE hour = ? AND product_id = ?", quantity.count,
            hour.number, id.value)
    }

    func addViews(_ views: [ProductID: Int]) throws {
        changes.note(.catalogue)
        for (id, count) in views {
            try sql.run("UPDATE products SET views = views + ? WHERE id = ?", count, id.value)
        }
    }
}

extension Product {
    enum Column: Int32, ColumnList {
        case id, name, description, price, stock, views, listed, createdAt, picture
        var table: String { "products" }
    }

    init(_ row: borrowing Row) {
        self.init(
            id: row.id(Column.id), name: row.text(Column.name), description: row.text(Column.description),
            price: row.won(Column.price), stock: row.int64(Column.stock), views: row.int64(Column.views),
            isListed: row.int64(Column.listed) != 0, createdAt: row.time(Column.createdAt),
            picture: row.optionalText(Column.picture))
    }
}

extension ProductOffer {
    enum Column: Int32, ColumnList {
        case name, price, stock
        var table: String { "products" }
    }

    init(_ row: borrowing Row) {
        self.init(name: row.text(Column.name), price: row.won(Column.price), stock: row.int64(Column.stock))
    }
}

extension StockMovement {
    fileprivate enum Column: Int32, ColumnList {
        case id, reason, change, stock, login, at
        var table: String { "stock_movements" }
    }

    fileprivate init(_ row: borrowing Row) throws {
        self.init(
            id: row.id(Column.id), reason: try row.choice(Column.reason), change: row.int64(Column.change),
            stock: row.int64(Column.stock), login: row.optionalText(Column.login), at: row.time(Column.at))
    }
}
