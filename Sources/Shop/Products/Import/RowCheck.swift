/// Finds out what the rows of a file would do.
struct RowCheck {
    /// Of the file, SHA-256.
    let hash: [UInt8]
    /// The rows so far, by what their products are found by.
    private var rowsBySKU: [String: Int] = [:]
    private var rowsByID: [ProductID: Int] = [:]

    init(hash: [UInt8]) { self.hash = hash }

    /// Forgets the rows from this number on, which are checked again.
    mutating func forget(from number: Int) {
        rowsBySKU = rowsBySKU.filter { $0.value < number }
        rowsByID = rowsByID.filter { $0.value < number }
    }

    mutating func check(_ row: ProductRow, in tx: any Repositories) throws -> CheckedRow {
        var problems = row.problems
        let old = try find(row, &problems, tx)
        noteAgain(row, old, &problems)
        let product = problems.isEmpty ? try target(row, old, &problems, tx) : nil
        let changes = try product.map { try self.changes(row, from: old, to: $0, &problems, tx) } ?? []
        let isWrong = !problems.isEmpty
        let kind: CheckedRow.Kind = isWrong ? .wrong : changes.isEmpty ? .same : old == nil ? .add : .change
        return CheckedRow(
            number: row.number, kind: kind, state: kind == .add || kind == .change ? .open : nil, product: old?.id,
            version: old?.version, sku: Self.cut(old?.sku?.text ?? row.writtenSKU),
            name: Self.cut(old?.name ?? row.writtenName), changes: isWrong ? [] : changes, problems: problems)
    }

    private static func cut(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(CheckedRow.shownLength)))
    }

    /// The product that is meant; nil for a new one.
    private func find(
        _ row: ProductRow, _ problems: inout [RowProblem], _ tx: any Repositories
    ) throws -> ManagedProduct? {
        if let id = row.id {
            let product = try tx.products.findManaged(id)
            if product == nil { problems.append(RowProblem(.id, .noProduct, id.value)) }
            return product
        }
        if let sku = row.sku ?? nil { return try tx.products.find(sku) }
        // What is wrong with either has been said.
        if !problems.contains(where: { $0.column == nil || $0.column == .id || $0.column == .sku }) {
            problems.append(RowProblem(nil, .noKey))
        }
        return nil
    }

    /// A product may be in a file once: which of two rows holds nobody could say.
    private mutating func noteAgain(_ row: ProductRow, _ old: ManagedProduct?, _ problems: inout [RowProblem]) {
        let sku = ((row.sku ?? nil) ?? old?.sku)?.text.lowercased()
        let earlier = [sku.flatMap { rowsBySKU[$0] }, old.flatMap { rowsByID[$0.id] }].compactMap(\.self).min()
        if let earlier { problems.append(RowProblem(nil, .repeated, Int64(earlier))) }
        if let sku { rowsBySKU[sku] = rowsBySKU[sku] ?? row.number }
        if let id = old?.id { rowsByID[id] = rowsByID[id] ?? row.number }
    }

    /// What the product would say afterwards, but for its stock.
    private func target(
        _ row: ProductRow, _ old: ManagedProduct?, _ problems: inout [RowProblem], _ tx: any Repositories
    ) throws -> ProductDraft? {
        if old == nil {
            if row.name == nil { problems.append(RowProblem(.name, .missing)) }
            if row.price == nil { problems.append(RowProblem(.price, .missing)) }
        }
        guard let name = row.name ?? old?.name, let price = row.price ?? old?.price else { return nil }
        // By what a product was found it is not changed, if only to capital letters.
        let sku = row.id == nil && old != nil ? old?.sku : row.sku ?? old?.sku
        if let sku, sku != old?.sku {
            if let other = try tx.products.find(sku), other.id != old?.id {
                problems.append(RowProblem(.sku, .taken, other.id.value))
            } else if let before = old?.sku?.text, before.first == "0", before.drop(while: { $0 == "0" }) == sku.text {
                problems.append(RowProblem(.sku, .zeros))
            }
        }
        return ProductDraft(
            name: Self.kept(old?.name, name),
            description: Self.kept(old?.description, row.description ?? old?.description ?? ""), price: price,
            stock: row.stock ?? 0, sku: sku, lowStock: row.lowStock ?? old?.lowStock,
            isListed: row.isListed ?? old?.isListed ?? true)
    }

    /// The text as it was, if only its line ends are others, as spreadsheets write their own, or the space around it.
    private static func kept(_ old: String?, _ new: String) -> String {
        guard let old, old != new else { return new }
        return plain(old) == plain(new) ? old : new
    }

    private static func plain(_ text: String) -> Substring {
        var rest = text.replacing("\r\n", with: "\n")[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }

    private func changes(
        _ row: ProductRow, from old: ManagedProduct?, to new: ProductDraft, _ problems: inout [RowProblem],
        _ tx: any Repositories
    ) throws -> [TraceChange] {
        let edits = [
            TraceChange(.name, old?.name, new.name), TraceChange(.price, old?.price.amount, new.price.amount),
            TraceChange(.description, old?.description, new.description),
            TraceChange(.listed, old.map { String($0.isListed) }, String(new.isListed)),
            TraceChange(.sku, old?.sku?.text, new.sku?.text), TraceChange(.lowStock, old?.lowStock, new.lowStock),
        ].filter { $0.before != $0.after }
        guard let old else { return edits + [TraceChange(.stock, nil, new.stock)] }
        if !edits.isEmpty, let version = row.version, version != old.version {
            problems.append(RowProblem(.version, .edited, old.version))
        }
        let difference = try self.difference(row, old, tx)
        if difference == 0 { return edits.map(Self.shown) }
        let most = Product.stockRange.upperBound
        if old.stock + difference < 0 { problems.append(RowProblem(.stock, .short, old.stock)) }
        if difference > 0, old.stock + difference > most { problems.append(RowProblem(.stock, .full, most)) }
        return edits.map(Self.shown) + [TraceChange(.stock, old.stock, old.stock + difference)]
    }

    /// What is before is only shown.
    private static func shown(_ change: TraceChange) -> TraceChange {
        TraceChange(change.field, change.before.map(cut), change.after)
    }

    /// By how much the stock is changed: by what was counted more than there were, then or now. A file changes it once.
    private func difference(_ row: ProductRow, _ old: ManagedProduct, _ tx: any Repositories) throws -> Int64 {
        guard let stock = row.stock else { return 0 }
        let difference = stock - (row.stockBefore ?? old.stock)
        guard difference != 0, try !tx.imports.hasChangedStock(of: row.number, in: hash) else { return 0 }
        return difference
    }
}

extension CheckedRow {
    private func after(_ field: TraceField) -> String? { changes.first { $0.field == field }?.after }

    private func isChanged(_ field: TraceField) -> Bool { changes.contains { $0.field == field } }

    /// The product that the row adds; nil if it adds none.
    var draft: ProductDraft? {
        guard kind == .add, let name = after(.name), let price = after(.price).flatMap({ Int64($0) }) else {
            return nil
        }
        return ProductDraft(
            name: name, description: after(.description) ?? "", price: Won(price),
            stock: after(.stock).flatMap { Int64($0) } ?? 0, sku: after(.sku).map { SKU(stored: $0) },
            lowStock: after(.lowStock).flatMap { Int64($0) }, isListed: after(.listed) == "true")
    }

    /// What the row changes. An edit is one of the version that was checked; a stock is changed by the difference, whatever
    /// was sold meanwhile, and once by a file, however often that is given in.
    var change: ProductChange {
        let stock = isStockCounted ? nil : changes.first { $0.field == .stock }
        let difference = stock.flatMap { change in
            change.before.flatMap { Int64($0) }.flatMap { before in
                change.after.flatMap { Int64($0) }.map { $0 - before }
            }
        }
        return ProductChange(
            name: after(.name), description: isChanged(.description) ? after(.description) ?? "" : nil,
            price: after(.price).flatMap { Int64($0) }.map { Won($0) },
            stockChange: difference.map { StockChange($0, .count) }, isListed: after(.listed).map { $0 == "true" },
            sku: isChanged(.sku) ? .some(after(.sku).map { SKU(stored: $0) }) : nil,
            lowStock: isChanged(.lowStock) ? .some(after(.lowStock).flatMap { Int64($0) }) : nil,
            version: changes.contains { $0.field != .stock } ? version : nil)
    }

    /// How much there is to write, in characters.
    var weight: Int { changes.reduce(0) { $0 + ($1.after?.utf8.count ?? 0) } }
}
