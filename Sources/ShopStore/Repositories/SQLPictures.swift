import SQLite
import Shop

struct SQLPictures: PictureRepository {
    let sql: Connection
    let changes: Changes

    func list(of product: ProductID) throws -> [ProductPicture] {
        try sql.all(
            """
            SELECT \(Picture.Column.self), l.text
            FROM product_pictures AS l JOIN pictures ON pictures.hash = l.hash
            WHERE l.product_id = ? ORDER BY l.position
            """, product.value
        ) { row in
            ProductPicture(picture: try Picture(row), text: row.text(Picture.Column.count))
        }
    }

    func set(_ pictures: [ProductPicture], of product: ProductID, at time: Timestamp) throws {
        changes.note(.catalogue)
        let old = try list(of: product)
        try sql.run("DELETE FROM product_pictures WHERE product_id = ?", product.value)
        for (index, one) in pictures.enumerated() {
            try sql.run(
                """
                INSERT INTO pictures (hash, width, height, added_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (hash) DO UPDATE SET unused_since = NULL
                """, one.picture.hash.bytes, one.picture.width, one.picture.height, time.milliseconds)
            try sql.run(
                "INSERT INTO product_pictures (product_id, position, hash, text) VALUES (?, ?, ?, ?)", product.value,
                index + 1, one.picture.hash.bytes, one.text)
        }
        for one in old {
            try sql.run(
                """
                UPDATE pictures SET unused_since = ?1
                WHERE hash = ?2 AND NOT EXISTS (SELECT 1 FROM product_pictures WHERE hash = ?2)
                """, time.milliseconds, one.picture.hash.bytes)
        }
        try sql.run(
            "UPDATE products SET picture = ? WHERE id = ?", pictures.first?.picture.stored, product.value)
    }

    func find(_ hash: PictureHash) throws -> Picture? {
        try sql.first(
            "SELECT \(Picture.Column.self) FROM pictures WHERE hash = ?", hash.bytes, read: Picture.init)
    }

    func unused(since time: Timestamp, limit: Int) throws -> [Picture] {
        try sql.all(
            """
            SELECT \(Picture.Column.self) FROM pictures WHERE unused_since <= ? ORDER BY unused_since LIMIT ?
            """, time.milliseconds, limit, read: Picture.init)
    }

    func forget(_ hash: PictureHash) throws {
        try sql.run("DELETE FROM pictures WHERE hash = ? AND unused_since IS NOT NULL", hash.bytes)
    }
}

extension Picture {
    enum Column: Int32, ColumnList {
        case hash, width, height
        var table: String { "pictures" }
    }

    init(_ row: borrowing Row) throws {
        guard let hash = PictureHash(row.bytes(Column.hash)) else { throw MissingRowError("hash of a picture") }
        self.init(hash: hash, width: Int(row.int64(Column.width)), height: Int(row.int64(Column.height)))
    }
}
