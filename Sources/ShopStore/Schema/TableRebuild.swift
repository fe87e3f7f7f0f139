import SQLite

extension Connection {
    /// Rebuilds a table with a new definition, keeping its rows, indexes and triggers: for what ALTER TABLE cannot do,
    /// such as extending a CHECK.
    ///
    /// For migration steps: must run in a transaction with foreign keys not enforced; otherwise dropping the old table
    /// would delete the rows that refer to it, or fail because of them. Throws a `SQLiteError` if a row violates the
    /// new definition, and a `TableRebuildError` if one has a dangling reference.
    ///
    /// - Parameters:
    ///   - definition: the new CREATE TABLE, with `rebuilt` as the name.
    ///   - columns: the columns to copy, separated by commas.
    ///   - expressions: for columns that are not copied as they are, what to write instead.
    func rebuild(
        _ table: String, as definition: String, copying columns: String, with expressions: [String: String] = [:]
    ) throws {
        guard try pragma("foreign_keys") == "0", !isAutocommit else {
            throw TableRebuildError.outsideOfMigration(table)
        }
        let attached = try rows(
            of: """
                SELECT sql FROM sqlite_schema
                WHERE tbl_name = '\(table)' AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid
                """)
        // Others refer to the table by its name, which will exist again: SQLite must not check that meanwhile.
        try execute("PRAGMA legacy_alter_table = ON")
        defer {
            // It was switched on above: nothing can fail here, and there is nobody to tell.
            try? execute("PRAGMA legacy_alter_table = OFF")
        }
        let values = columns.split(separator: ", ").map { expressions[String($0)] ?? String($0) }
            .joined(separator: ", ")
        try execute(definition)
        try execute(
            """
            INSERT INTO rebuilt (\(columns)) SELECT \(values) FROM \(table);
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

/// Why a table was not rebuilt.
enum TableRebuildError: Error, Equatable, CustomStringConvertible {
    /// Not in a transaction with foreign keys not enforced.
    case outsideOfMigration(String)
    /// A row of this table refers to one that does not exist.
    case pointsAtNothing(String)

    var description: String {
        switch self {
        case .outsideOfMigration(let table): "\(table) can be made anew in a migration only"
        case .pointsAtNothing(let table): "a row of \(table) points at one that is not there"
        }
    }
}
