import SQLite

extension Connection {
    /// Makes a table anew by another definition, with its rows, indexes and triggers: for what ALTER TABLE cannot do, as for
    /// a CHECK that grows.
    ///
    /// For a migration's step: it has to stand in a transaction, with foreign keys not enforced, or dropping the old table
    /// would take along, or fail for, the rows that point at it. Throws a `SQLiteError` where a row breaks the new
    /// definition, and a `TableRebuildError` where one points at nothing.
    ///
    /// - Parameters:
    ///   - definition: the new CREATE TABLE, with `rebuilt` in the place of the name.
    ///   - columns: those that are copied, with commas between.
    func rebuild(_ table: String, as definition: String, copying columns: String) throws {
        guard try pragma("foreign_keys") == "0", !isAutocommit else {
            throw TableRebuildError.outsideOfMigration(table)
        }
        let attached = try rows(
            of: """
                SELECT sql FROM sqlite_schema
                WHERE tbl_name = '\(table)' AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid
                """)
        // What others say of the table is about its name, which is taken again: SQLite is not to look at it meanwhile.
        try execute("PRAGMA legacy_alter_table = ON")
        defer {
            // It was switched on above: there is nothing that could fail, and nobody to tell.
            try? execute("PRAGMA legacy_alter_table = OFF")
        }
        try execute(definition)
        try execute(
            """
            INSERT INTO rebuilt (\(columns)) SELECT \(columns) FROM \(table);
            DROP TABLE \(table);
            ALTER TABLE rebuilt RENAME TO \(table);
            """)
        for row in attached { try execute(row[0]) }
        for child in try [table] + tablesPointing(at: table) {
            guard try rows(of: "PRAGMA foreign_key_check(\(child))").isEmpty else {
                throw TableRebuildError.pointsAtNothing(child)
            }
        }
    }

    private func tablesPointing(at table: String) throws -> [String] {
        try rows(
            of: """
                SELECT DISTINCT s.name FROM sqlite_schema AS s, pragma_foreign_key_list(s.name) AS f
                WHERE s.type = 'table' AND f."table" = '\(table)'
                """
        ).map { $0[0] }
    }
}

/// Why a table was not made anew.
enum TableRebuildError: Error, Equatable, CustomStringConvertible {
    /// Not in a transaction in which foreign keys are not enforced.
    case outsideOfMigration(String)
    /// A row of this table points at one that is not there.
    case pointsAtNothing(String)

    var description: String {
        switch self {
        case .outsideOfMigration(let table): "\(table) can be made anew in a migration only"
        case .pointsAtNothing(let table): "a row of \(table) points at one that is not there"
        }
    }
}
