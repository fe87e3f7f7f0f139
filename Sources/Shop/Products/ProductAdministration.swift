/// What the staff do with the products. Each change is told in the trace.
public struct ProductAdministration: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// Adds a product.
    public func add(_ draft: ProductDraft, _ submission: Submission<ManagedProduct>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in try add(draft, at: now, in: tx) }
    }

    /// The same, as a part of something larger. Throws `skuTaken` before it changes anything.
    func add(_ draft: ProductDraft, at now: Timestamp, in tx: any Repositories) throws -> ManagedProduct {
        if let sku = draft.sku { try tx.products.checkIsFree(sku, for: nil) }
        let product = try tx.products.add(draft, by: staff.login, at: now)
        try tx.trace.add(
            TraceLine(.productAdded, .product(product.id), product.changes(from: nil, because: nil)), by: staff,
            at: now)
        return product
    }

    /// Changes a product, listed or not.
    ///
    /// Throws `productChanged` for a change of a version that is no longer the product's, `skuTaken`, `outOfStock`,
    /// `stockAboveLimit` and `productNotFound`.
    public func update(_ id: ProductID, _ change: ProductChange) throws -> ManagedProduct {
        let now = clock.now()
        return try store.write { tx in try update(id, change, at: now, in: tx) }
    }

    /// The same, once however often it is sent.
    public func update(
        _ id: ProductID, _ change: ProductChange, _ submission: Submission<ManagedProduct>
    ) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in try update(id, change, at: now, in: tx) }
    }

    /// Changes several products in one transaction: all, or none, and then it throws `RefusedProducts`.
    ///
    /// - Parameter changes: at most `ManagedProducts.mostTogether`; each product once.
    public func update(
        _ changes: [(id: ProductID, change: ProductChange)], _ submission: Submission<[ManagedProduct]>
    ) throws -> Receipt {
        precondition(changes.count <= ManagedProducts.mostTogether, "more products at once than others can wait for")
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            var changed: [ManagedProduct] = []
            var refused: [ProductID: ShopError] = [:]
            for (id, change) in changes {
                do {
                    changed.append(try update(id, change, at: now, in: tx))
                } catch let error as ShopError {
                    refused[id] = error
                }
            }
            if !refused.isEmpty { throw RefusedProducts(refused: refused) }
            return changed
        }
    }

    /// The same as a part of something larger. Refuses before it changes anything.
    func update(
        _ id: ProductID, _ change: ProductChange, at now: Timestamp, in tx: any Repositories
    ) throws -> ManagedProduct {
        guard let old = try tx.products.findManaged(id) else { throw ShopError.productNotFound }
        if let version = change.version, version != old.version { throw ShopError.productChanged(id) }
        if let sku = change.sku ?? nil { try tx.products.checkIsFree(sku, for: id) }
        if let stockChange = change.stockChange {
            let count = stockChange.count
            guard old.stock + count >= 0 else { throw ShopError.outOfStock(id) }
            // A refund may have taken the stock above the limit: reducing it is fine then, too.
            let most = Product.stockRange.upperBound
            guard count <= 0 || old.stock + count <= most else { throw ShopError.stockAboveLimit(most) }
            if count != 0 { try tx.products.supply(stockChange, to: id, by: staff.login, at: now) }
        }
        if change.isEdit(of: old) { try tx.products.update(id, change) }
        guard let updated = try tx.products.findManaged(id) else { throw ShopError.productNotFound }
        let line = TraceLine(
            .productChanged, .product(id), updated.changes(from: old, because: change.stockChange?.reason))
        if !line.changes.isEmpty { try tx.trace.add(line, by: staff, at: now) }
        return updated
    }
}

/// Why several products were not changed together, by product.
public struct RefusedProducts: Error, Sendable, Equatable {
    public let refused: [ProductID: ShopError]

    public init(refused: [ProductID: ShopError]) { self.refused = refused }
}

extension ProductRepository {
    /// Throws `skuTaken` if another product has it.
    fileprivate func checkIsFree(_ sku: SKU, for id: ProductID?) throws {
        if let other = try find(sku), other.id != id { throw ShopError.skuTaken(other.id) }
    }
}

extension ProductChange {
    /// Whether it replaces something that the product says.
    fileprivate func isEdit(of old: ManagedProduct) -> Bool {
        (name ?? old.name) != old.name || (description ?? old.description) != old.description
            || (price ?? old.price) != old.price || (isListed ?? old.isListed) != old.isListed
            || (sku ?? old.sku) != old.sku || (lowStock ?? old.lowStock) != old.lowStock
    }
}

extension ManagedProduct {
    /// What staff can change of it.
    fileprivate func changes(from old: ManagedProduct?, because reason: StockReason?) -> [TraceChange] {
        [
            TraceChange(.name, old?.name, product.name),
            TraceChange(.price, old?.price.amount, product.price.amount),
            TraceChange(.stock, old?.stock, product.stock),
            TraceChange(.reason, nil, old?.stock == product.stock ? nil : reason?.rawValue),
            TraceChange(.description, old?.description, product.description),
            TraceChange(.listed, old.map { String($0.isListed) }, String(product.isListed)),
            TraceChange(.sku, old?.sku?.text, sku?.text),
            TraceChange(.lowStock, old?.lowStock, lowStock),
        ]
    }
}

extension Shop {
    /// Throws `forbidden` for who may not change products.
    public func productAdministration(by staff: Staff) throws -> ProductAdministration {
        try staff.check(.changeProducts)
        return ProductAdministration(context: context, staff: staff)
    }
}
