import SQLite
import Shop

struct SQLPopular: PopularRepository {
    let sql: Connection
    let changes: Changes

    func list() throws -> PopularList {
        let computedAt = try sql.first("SELECT computed_at FROM popular_runs WHERE id = 1") { $0.time(0) }
        let products = try sql.all(
            """
            SELECT \(Product.Column.self), l.sales
            FROM popular_products AS l JOIN products ON products.id = l.product_id
            WHERE products.listed = 1 ORDER BY l.rank
            """
        ) { row in (product: Product(row), sales: row.int64(Product.Column.count)) }
        // If one has been unlisted since, those after it move up.
        let ranked = products.enumerated().map { index, place in
            PopularProduct(rank: index + 1, sales: place.sales, product: place.product)
        }
        return PopularList(products: ranked, computedAt: computedAt)
    }

    /// Added up here: the rows are stored by hour, as selling needs them, so SQLite would sort millions of them first.
    func sales(since hour: Hour) throws -> [ProductID: Int64] {
        var sales: [ProductID: Int64] = [:]
        try sql.forEach("SELECT product_id, quantity FROM product_sales WHERE hour >= ?", hour.number) { row in
            sales[ProductID(row.int64(0)), default: 0] += row.int64(1)
        }
        return sales
    }

    func forEachListed(_ body: (ProductID) -> Bool) throws {
        try sql.forEachUntil("SELECT id FROM products WHERE listed = 1 ORDER BY views DESC, id DESC") { row in
            body(ProductID(row.int64(0)))
        }
    }

    func replace(with products: [(product: ProductID, sales: Int64)], at time: Timestamp) throws {
        changes.note(.catalogue)
        try sql.run("DELETE FROM popular_products")
        for (index, (product, sales)) in products.enumerated() {
            try sql.run(
                "INSERT INTO popular_products (rank, product_id, sales) VALUES (?, ?, ?)", index + 1, product.value,
                sales)
        }
        try sql.run(
            """
            INSERT INTO popular_runs (id, computed_at) VALUES (1, ?)
            ON CONFLICT (id) DO UPDATE SET computed_at = excluded.computed_at
            """, time.milliseconds)
    }
}
