/// Products in by files: a file is checked first, row by row, and then what was checked is applied, in short writes between which
/// the shop gets its turn. Stopped in the middle and repeated, it ends as if it had never been stopped.
public struct ProductImports: Capability, Sendable {
    /// Rows looked at together, and written together.
    static let rowsPerCheck = 10
    /// Rows applied in one write if nobody else writes, and how much text.
    static let rowsPerWrite = 5
    static let charactersPerWrite = 4_000

    /// How long a row may take: a file of 10,000 is checked and applied in 8 seconds, be it beside much that is sold or nothing.
    static let timePerCheck = Duration.microseconds(250)
    static let timePerWrite = Duration.microseconds(550)
    /// After each piece, so that most of what is sold meanwhile waits for none.
    static let shortestRest = Duration.milliseconds(1)

    let context: Context
    let staff: Staff

    /// Checks a file. Nothing is changed.
    ///
    /// - Parameters:
    ///   - hash: of the file, SHA-256: what was applied of the same file before changes no stock again.
    ///   - ignored: the names of the columns that are not read.
    ///   - read: passes on the file's rows, in order, at most `ProductImport.mostRows`.
    public func check(
        hash: [UInt8], ignored: [String], _ read: ((ProductRow) throws -> Void) throws -> Void
    ) throws -> ProductImport {
        let now = clock.now()
        let id = try store.write { tx in
            try tx.imports.begin(hash: hash, ignored: ignored, by: staff.login, at: now)
        }
        var check = RowCheck(hash: hash)
        var pace = Pace.Spread(each: Self.timePerCheck, shortestRest: Self.shortestRest)
        var counts = ProductImport.RowCounts()
        var rows: [ProductRow] = []
        func flush() throws -> Int {
            var isAgain = false
            let checked = try store.read { tx in
                if isAgain, let first = rows.first { check.forget(from: first.number) }
                isAgain = true
                return try rows.map { try check.check($0, in: tx) }
            }
            try store.writePiece { tx in try tx.imports.add(checked, to: id) }
            for row in checked { counts.add(row) }
            rows.removeAll(keepingCapacity: true)
            return checked.count
        }
        try read { row in
            rows.append(row)
            if rows.count == Self.rowsPerCheck { try pace.rest(after: flush) }
        }
        _ = try flush()
        try store.write { tx in try tx.imports.finish(id, counts) }
        return try find(id)
    }

    /// Throws `importNotFound`, as the others do.
    public func find(_ id: ProductImportID) throws -> ProductImport {
        guard let found = try store.read({ tx in try tx.imports.find(id) }) else { throw ShopError.importNotFound }
        return found
    }

    /// In the order of the file.
    public func rows(
        of id: ProductImportID, _ filter: CheckedRowFilter, after number: Int, limit: Int
    ) throws -> ListPage<CheckedRow> {
        try store.read { tx in
            guard try tx.imports.find(id) != nil else { throw ShopError.importNotFound }
            return try tx.imports.rows(of: id, filter, after: number, limit: limit)
        }
    }

    /// Applies what is still open, for so long, and returns what became of it. Several may do it at once: each row is applied
    /// once.
    public func apply(_ id: ProductImportID, for longest: Duration = .seconds(8)) throws -> ProductImport {
        let open = try find(id).rows.open
        let end = ContinuousClock.now + longest
        var pace = Pace.Spread(each: Self.time(for: open, within: longest), shortestRest: Self.shortestRest)
        while try pace.rest(after: { try applyNext(id) }) > 0, ContinuousClock.now < end {}
        // What is answered is on the disk: this write, and so all pieces before it.
        try store.touch()
        return try find(id)
    }

    /// How long each row may take, so that one call applies all of the largest file, where the machine is as fast.
    static func time(for open: Int64, within longest: Duration) -> Duration {
        min(timePerWrite, longest * 9 / 10 / max(1, open))
    }

    /// How many rows are settled then; 0 if none was open.
    private func applyNext(_ id: ProductImportID) throws -> Int {
        let now = clock.now()
        let products = ProductAdministration(context: context, staff: staff)
        return try store.writePiece { tx in
            var characters = 0
            var settled: [SettledRow] = []
            let rows = try tx.imports.open(of: id, limit: Self.rowsPerWrite)
            for row in rows where characters < Self.charactersPerWrite {
                characters += row.weight
                settled.append(try Self.apply(row, products, at: now, tx))
                // Whoever buys something meanwhile waits for one row.
                if store.hasWaitingWrites { break }
            }
            try tx.imports.settle(settled, of: id)
            return settled.count
        }
    }

    /// Applies a row, or says why that cannot be: what was checked is no longer so.
    private static func apply(
        _ row: CheckedRow, _ products: ProductAdministration, at now: Timestamp, _ tx: any Repositories
    ) throws -> SettledRow {
        func refused(_ column: ProductColumn, _ kind: RowProblem.Kind, _ number: Int64?) -> SettledRow {
            SettledRow(number: row.number, product: row.product, problem: RowProblem(column, kind, number))
        }
        do {
            let product: ProductID
            if let draft = row.draft {
                product = try products.add(draft, at: now, in: tx).id
            } else {
                guard let id = row.product else { throw ShopError.productNotFound }
                product = try products.update(id, row.change, at: now, in: tx).id
            }
            return SettledRow(number: row.number, product: product, problem: nil)
        } catch ShopError.productNotFound {
            return refused(.id, .noProduct, row.product?.value)
        } catch ShopError.skuTaken(let other) {
            return refused(.sku, .taken, other.value)
        } catch ShopError.productChanged(let id) {
            return refused(.version, .edited, try tx.products.findManaged(id)?.version)
        } catch ShopError.outOfStock(let id) {
            return refused(.stock, .short, try tx.products.find(id)?.stock)
        } catch ShopError.stockAboveLimit(let most) {
            return refused(.stock, .full, most)
        }
    }
}

extension Shop {
    /// Throws `forbidden` for who may not change products.
    public func productImports(by staff: Staff) throws -> ProductImports {
        try staff.check(.changeProducts)
        return ProductImports(context: context, staff: staff)
    }
}
