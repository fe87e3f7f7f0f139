public import SQLite
public import Shop

/// The pictures that a shop's products have, for who looks after their files.
public enum NamedPictures {
    /// The schema version in which pictures came.
    private static let firstVersion = 5

    /// Passes on each of them once; none of a database whose schema is older.
    public static func forEach(of sql: Connection, _ body: (Picture) throws -> Void) throws {
        guard try Migrations.version(of: sql) >= firstVersion else { return }
        try sql.forEach("SELECT \(Picture.Column.self) FROM pictures WHERE unused_since IS NULL") { row in
            try body(Picture(row))
        }
    }
}

extension DatabaseCopy {
    /// Passes on each picture that the copy's products have. Call it before the copy is made usable: afterwards SQLite
    /// would make files beside it.
    public func forEachPicture(_ body: (Picture) throws -> Void) throws {
        try NamedPictures.forEach(
            of: try Connection(path: path, access: .readOnly, busyTimeoutMilliseconds: 0), body)
    }
}
