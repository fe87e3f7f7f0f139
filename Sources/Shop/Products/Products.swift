/// The products of the shop, as customers see them and as an admin changes them.
public struct Products: Capability, Sendable {
    let context: Context

    /// The current version of the lists, including the popular one: see `Store.version(of:)`.
    public var version: Version { store.version(of: .catalogue) }

    /// One page of the listed products. Counts no view: whoever caches the page counts each time it is shown.
    public func list(_ query: ProductQuery) throws -> ListPage<Product> {
        try store.read { tx in try tx.products.list(query) }
    }

    /// The same, with the number found.
    public func search(_ query: ProductQuery) throws -> FoundProducts {
        try store.read { tx in try tx.products.search(query) }
    }

    /// One listed product; counts a view.
    public func show(_ id: ProductID) throws -> Product {
        let product = try find(id)
        context.views.count([id])
        return product
    }

    /// One listed product. Counts no view, like `list`.
    public func find(_ id: ProductID) throws -> Product {
        let product = try store.read { tx in try tx.products.find(id) }
        guard let product, product.isListed else { throw ShopError.productNotFound }
        return product
    }

    /// Puts a new product up for sale, listed from now on.
    public func add(_ draft: ProductDraft, _ submission: Submission<Product>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            try tx.products.add(draft, at: now)
        }
    }

    /// Changes a product, listed or not.
    public func update(_ id: ProductID, _ change: ProductChange) throws -> Product {
        try store.write { tx in
            guard let product = try tx.products.find(id) else { throw ShopError.productNotFound }
            if let stockChange = change.stockChange {
                guard product.stock + stockChange >= 0 else { throw ShopError.outOfStock(id) }
                // A refund may have taken the stock above the limit: reducing it is fine then, too.
                let most = Product.stockRange.upperBound
                guard stockChange <= 0 || product.stock + stockChange <= most else {
                    throw ShopError.stockAboveLimit(most)
                }
                try tx.products.supply(stockChange, to: id)
            }
            try tx.products.update(id, change)
            guard let updated = try tx.products.find(id) else { throw ShopError.productNotFound }
            return updated
        }
    }
}
