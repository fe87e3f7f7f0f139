/// Products in by files: a file is checked first, row by row, and then what was checked is applied, in short writes between which
/// the shop gets its turn. Stopped in the middle and repeated, it ends as if it had never been stopped.
public struct ProductImports: Capability, Sendable {
    /// Rows looked at together, and written together.
    static let rowsPerCheck = 10
    /// Rows applied in one write if nobody else writes, and how much text.
    static let rowsPerWrite = 5
    static let charactersPerWrite = 4_000

    /// After each piece, so that most of what is sold meanwhile waits for none.
    static let rest = Duration.milliseconds(1)

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
        var rows: [ProductRow] = []
        func flush() throws {
            var isAgain = false
            let checked = try store.read { tx in
                if isAgain, let first = rows.first { check.forget(from: first.number) }
                isAgain = true
                return try rows.map { try check.check($0, in: tx) }
            }
            try store.writePiece { tx in try tx.imports.add(checked, to: id) }
            rows.removeAll(keepingCapacity: true)
        }
        try read { row in
            rows.append(row)
            if rows.count == Self.rowsPerCheck { try Pace.resting(shortest: Self.rest, after: flush) }
        }
        try flush()
        try store.write { tx in try tx.imports.finish(id) }
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
        _ = try find(id)
        let end = ContinuousClock.now + longest
        while try Pace.resting(shortest: Self.rest, after: { try applyNext(id) }), ContinuousClock.now < end {}
        // What is answered is on the disk: this write, and so all pieces before it.
        try store.touch()
        return try find(id)
    }

    /// Whether there was something to be done.
    private func applyNext(_ id: ProductImportID) throws -> Bool {
        let now = clock.now()
        let products = ProductAdministration(context: context, staff: staff)
        return try store.writePiece { tx in
            var characters = 0
            let rows = try tx.imports.open(of: id, limit: Self.rowsPerWrite)
            for row in rows where characters < Self.charactersPerWrite {
                characters += row.weight
                let (product, problem) = try Self.apply(row, products, at: now, tx)
                try tx.imports.settle(row.number, of: id, product: product, problem)
                // Whoever buys something meanwhile waits for one row.
                if store.hasWaitingWrites { break }
            }
            return !rows.isEmpty
        }
    }

    /// Applies a row, or says why that cannot be: what was checked is no longer so.
    private static func apply(
        _ row: CheckedRow, _ products: ProductAdministration, at now: Timestamp, _ tx: any Repositories
    ) throws -> (ProductID?, RowProblem?) {
        do {
            if let draft = row.draft { return (try products.add(draft, at: now, in: tx).id, nil) }
            guard let id = row.product else { throw ShopError.productNotFound }
            return (try products.update(id, row.change, at: now, in: tx).id, nil)
        } catch ShopError.productNotFound {
            return (row.product, RowProblem(.id, .noProduct, row.product?.value))
        } catch ShopError.skuTaken(let other) {
            return (row.product, RowProblem(.sku, .taken, other.value))
        } catch ShopError.productChanged(let id) {
            return (row.product, RowProblem(.version, .edited, try tx.products.findManaged(id)?.version))
        } catch ShopError.outOfStock(let id) {
            return (row.product, RowProblem(.stock, .short, try tx.products.find(id)?.stock))
        } catch ShopError.stockAboveLimit(let most) {
            return (row.product, RowProblem(.stock, .full, most))
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
