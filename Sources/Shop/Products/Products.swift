/// The products of the shop, as customers see them.
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
}
