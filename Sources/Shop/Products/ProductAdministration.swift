/// What the staff do with the products. Each change is told in the trace.
public struct ProductAdministration: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// Puts a new product up for sale, listed from now on.
    public func add(_ draft: ProductDraft, _ submission: Submission<Product>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            let product = try tx.products.add(draft, by: staff.login, at: now)
            try tx.trace.add(
                TraceLine(.productAdded, .product(product.id), product.changes(from: nil, because: nil)), by: staff,
                at: now)
            return product
        }
    }

    /// Changes a product, listed or not.
    public func update(_ id: ProductID, _ change: ProductChange) throws -> Product {
        let now = clock.now()
        return try store.write { tx in
            guard let product = try tx.products.find(id) else { throw ShopError.productNotFound }
            if let stockChange = change.stockChange {
                let count = stockChange.count
                guard product.stock + count >= 0 else { throw ShopError.outOfStock(id) }
                // A refund may have taken the stock above the limit: reducing it is fine then, too.
                let most = Product.stockRange.upperBound
                guard count <= 0 || product.stock + count <= most else {
                    throw ShopError.stockAboveLimit(most)
                }
                if count != 0 { try tx.products.supply(stockChange, to: id, by: staff.login, at: now) }
            }
            try tx.products.update(id, change)
            guard let updated = try tx.products.find(id) else { throw ShopError.productNotFound }
            let line = TraceLine(
                .productChanged, .product(id), updated.changes(from: product, because: change.stockChange?.reason))
            if !line.changes.isEmpty { try tx.trace.add(line, by: staff, at: now) }
            return updated
        }
    }
}

extension Product {
    /// What staff can change of it.
    fileprivate func changes(from old: Product?, because reason: StockReason?) -> [TraceChange] {
        [
            TraceChange(.name, old?.name, name),
            TraceChange(.price, old?.price.amount, price.amount),
            TraceChange(.stock, old?.stock, stock),
            TraceChange(.reason, nil, old?.stock == stock ? nil : reason?.rawValue),
            TraceChange(.description, old?.description, description),
            TraceChange(.listed, old.map { String($0.isListed) }, String(isListed)),
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
