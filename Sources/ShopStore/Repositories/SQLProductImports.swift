import SQLite
import Shop

struct SQLProductImports: ProductImportRepository {
    let sql: Connection

    func begin(hash: [UInt8], ignored: [String], by login: String, at time: Timestamp) throws -> ProductImportID {
        ProductImportID(
            try sql.insert(
                "INSERT INTO product_imports (login, at, hash, ignored) VALUES (?, ?, ?, ?)", login,
                time.milliseconds, hash, ignored.joined(separator: "\n")))
    }

    func add(_ rows: [CheckedRow], to id: ProductImportID) throws {
        for row in rows {
            try sql.run(
                """
                INSERT INTO product_import_rows
                    (import_id, number, kind, state, product_id, version, sku, name, problems)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, id.value, row.number, row.kind.rawValue, row.state?.rawValue, row.product?.value, row.version,
                row.sku, row.name, RowProblem.text(row.problems))
            for (position, change) in row.changes.enumerated() {
                try sql.run(
                    """
                    INSERT INTO product_import_changes (import_id, number, position, field, before, after)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """, id.value, row.number, position, change.field.rawValue, change.before, change.after)
            }
        }
    }

    func finish(_ id: ProductImportID, _ counts: ProductImport.RowCounts) throws {
        try sql.run(
            """
            UPDATE product_imports SET checked = 1, to_add = ?, to_change = ?, same = ?, wrong = ?, open = ? WHERE id = ?
            """, counts.add, counts.change, counts.same, counts.wrong, counts.open, id.value)
    }

    func find(_ id: ProductImportID) throws -> ProductImport? {
        try newest(id.value...id.value, limit: 1).first
    }

    func list(before: ProductImportID?, limit: Int) throws -> ListPage<ProductImport> {
        ListPage(fetched: try newest(0...(before.map { $0.value - 1 } ?? .max), limit: limit + 1), limit: limit)
    }

    /// Those with such numbers that are finished. One is repeated by whichever other one with the same file was applied.
    private func newest(_ numbers: ClosedRange<Int64>, limit: Int) throws -> [ProductImport] {
        try sql.all(
            """
            SELECT \(ProductImport.Column.self), EXISTS
                (SELECT 1 FROM product_imports AS other
                WHERE other.hash = product_imports.hash AND other.id <> product_imports.id
                    AND other.to_add + other.to_change > other.open + other.refused)
            FROM product_imports WHERE id BETWEEN ? AND ? AND checked = 1 ORDER BY id DESC LIMIT ?
            """, numbers.lowerBound, numbers.upperBound, limit, read: ProductImport.init)
    }

    func rows(
        of id: ProductImportID, _ filter: CheckedRowFilter, after number: Int, limit: Int
    ) throws -> ListPage<CheckedRow> {
        let read = { (row: borrowing Row) in try self.checked(row, of: id) }
        let rows: [CheckedRow]
        if let kind = filter.kind {
            rows = try sql.all(
                """
                SELECT \(CheckedRow.Column.self) FROM product_import_rows INDEXED BY product_import_kinds
                WHERE import_id = ? AND kind = ? AND number > ? ORDER BY number LIMIT ?
                """, id.value, kind.rawValue, number, limit + 1, read: read)
        } else if filter == .refused {
            rows = try sql.all(
                """
                SELECT \(CheckedRow.Column.self) FROM product_import_rows INDEXED BY product_import_refused
                WHERE import_id = ? AND state = 'refused' AND number > ? ORDER BY number LIMIT ?
                """, id.value, number, limit + 1, read: read)
        } else {
            rows = try sql.all(
                """
                SELECT \(CheckedRow.Column.self) FROM product_import_rows
                WHERE import_id = ? AND number > ? ORDER BY number LIMIT ?
                """, id.value, number, limit + 1, read: read)
        }
        return ListPage(fetched: rows, limit: limit)
    }

    func open(of id: ProductImportID, limit: Int) throws -> [CheckedRow] {
        let hash = try sql.first("SELECT hash FROM product_imports WHERE id = ?", id.value) { $0.bytes(0) }
        guard let hash else { return [] }
        return try sql.all(
            """
            SELECT \(CheckedRow.Column.self) FROM product_import_rows INDEXED BY product_import_open
            WHERE import_id = ? AND state = 'open' ORDER BY number LIMIT ?
            """, id.value, limit
        ) { row in
            let (number, kind) = (Int(row.int64(CheckedRow.Column.number)), row.text(CheckedRow.Column.kind.rawValue))
            return try checked(row, of: id) { changes in
                // A new product has no stock that could have been changed.
                try kind == CheckedRow.Kind.change.rawValue && changes.contains { $0.field == .stock }
                    && hasChangedStock(of: number, in: hash)
            }
        }
    }

    func hasChangedStock(of number: Int, in hash: [UInt8]) throws -> Bool {
        try sql.first(
            """
            SELECT 1 FROM product_imports AS i
            JOIN product_import_rows AS r ON r.import_id = i.id AND r.number = ?1 AND r.state = 'done'
            JOIN product_import_changes AS c ON c.import_id = i.id AND c.number = r.number AND c.field = 'stock'
            WHERE i.hash = ?2 LIMIT 1
            """, number, hash
        ) { _ in true } ?? false
    }

    func settle(_ rows: [SettledRow], of id: ProductImportID) throws {
        for row in rows {
            try sql.run(
                "UPDATE product_import_rows SET state = ?, product_id = ?, problems = ? WHERE import_id = ? AND number = ?",
                (row.problem == nil ? CheckedRow.State.done : .refused).rawValue, row.product?.value,
                RowProblem.text(row.problem.map { [$0] } ?? []), id.value, row.number)
        }
        if rows.isEmpty { return }
        try sql.run(
            "UPDATE product_imports SET open = open - ?, refused = refused + ? WHERE id = ?", rows.count,
            rows.count { $0.problem != nil }, id.value)
    }

    func forget(before time: Timestamp, limit: Int) throws -> Int {
        var left = limit
        while left > 0 {
            let oldest = try sql.first(
                "SELECT id FROM product_imports WHERE at < ? ORDER BY at LIMIT 1", time.milliseconds
            ) { $0.int64(0) }
            guard let oldest else { break }
            // From now on nobody finds it: in the middle of this it would not be whole.
            try sql.run("UPDATE product_imports SET checked = 0 WHERE id = ?", oldest)
            left -= try sql.change(
                """
                DELETE FROM product_import_changes WHERE import_id = ?1 AND (number, position) IN
                    (SELECT number, position FROM product_import_changes WHERE import_id = ?1 LIMIT ?2)
                """, oldest, left)
            guard left > 0 else { break }
            left -= try sql.change(
                """
                DELETE FROM product_import_rows WHERE import_id = ?1 AND number IN
                    (SELECT number FROM product_import_rows WHERE import_id = ?1 LIMIT ?2)
                """, oldest, left)
            guard left > 0 else { break }
            left -= try sql.change("DELETE FROM product_imports WHERE id = ?", oldest)
        }
        return limit - left
    }

    private func checked(
        _ row: borrowing Row, of id: ProductImportID, isStockCounted: ([TraceChange]) throws -> Bool = { _ in false }
    ) throws -> CheckedRow {
        let changes = try sql.all(
            """
            SELECT field, before, after FROM product_import_changes WHERE import_id = ? AND number = ? ORDER BY position
            """, id.value, row.int64(CheckedRow.Column.number)
        ) { row in
            TraceChange(try row.choice(ChangeColumn.field), row.optionalText(1), row.optionalText(2))
        }
        return try CheckedRow(row, changes, isStockCounted: isStockCounted(changes))
    }
}

extension ProductImport {
    fileprivate enum Column: Int32, ColumnList {
        case id, login, at, ignored, toAdd, toChange, same, wrong, open, refused
        var table: String { "product_imports" }
    }

    fileprivate init(_ row: borrowing Row) throws {
        var counts = RowCounts()
        counts.add = row.int64(Column.toAdd)
        counts.change = row.int64(Column.toChange)
        counts.same = row.int64(Column.same)
        counts.wrong = row.int64(Column.wrong)
        counts.open = row.int64(Column.open)
        counts.refused = row.int64(Column.refused)
        // Each row that does something is one of the three.
        counts.done = counts.add + counts.change - counts.open - counts.refused
        self.init(
            id: row.id(Column.id), login: row.text(Column.login), at: row.time(Column.at),
            ignored: row.text(Column.ignored).split(separator: "\n").map { String($0) }, rows: counts,
            isRepeated: row.int64(Column.count) != 0)
    }
}

private enum ChangeColumn: Int32, ColumnList {
    case field, before, after
    var table: String { "product_import_changes" }
}

extension CheckedRow {
    fileprivate enum Column: Int32, ColumnList {
        case number, kind, state, productID, version, sku, name, problems
        var table: String { "product_import_rows" }
    }

    fileprivate init(_ row: borrowing Row, _ changes: [TraceChange], isStockCounted: Bool) throws {
        self.init(
            number: Int(row.int64(Column.number)), kind: try row.choice(Column.kind),
            state: row.isNull(Column.state.rawValue) ? nil : try row.choice(Column.state),
            product: row.optionalID(Column.productID), version: row.optionalInt64(Column.version),
            sku: row.text(Column.sku), name: row.text(Column.name), changes: changes,
            problems: try RowProblem.all(row.text(Column.problems)), isStockCounted: isStockCounted)
    }
}

extension RowProblem {
    /// One a line, each with its column, kind and number, of which the first and the last can be empty.
    fileprivate static func text(_ problems: [RowProblem]) -> String {
        problems.map { "\($0.column?.rawValue ?? "") \($0.kind.rawValue) \($0.number.map { String($0) } ?? "")" }
            .joined(separator: "\n")
    }

    /// What `text` has written.
    fileprivate static func all(_ text: String) throws -> [RowProblem] {
        try text.split(separator: "\n").map { line in
            let parts = line.split(separator: " ", omittingEmptySubsequences: false)
            guard parts.count == 3, let kind = Kind(rawValue: String(parts[1])) else {
                throw MissingRowError("problem written as \(line)")
            }
            return RowProblem(ProductColumn(rawValue: String(parts[0])), kind, Int64(parts[2]))
        }
    }
}
