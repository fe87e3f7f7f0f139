import Shop
import Web

/// The product lists as bytes. Those that everybody asks for are kept until the catalogue changes, so that showing one
/// costs a copy and one addition to its count of views.
final class ProductLists: Sendable {
    /// Lists kept at the same time; the first pages of a few lengths are what is asked for again.
    private static let kept = 16
    /// A list longer than this is not worth its memory.
    private static let longestKept = 256 * 1024

    private struct Kept: Sendable {
        let version: CatalogueVersion
        let body: [UInt8]
        let views: ProductViews.Tally
    }

    /// What a list is of.
    private enum Key: Hashable {
        case first(ProductQuery)
        case popular
    }

    private let services: Services
    private let lists = Locked<[Key: Kept]>([:])

    init(_ services: Services) { self.services = services }

    func list(_ query: ProductQuery) throws -> [UInt8] {
        guard query.after == nil, query.words.isEmpty else {
            let page = try services.products.list(query)
            services.views.count(page.items.map(\.id))
            return Self.body(page, query)
        }
        return try keeping(.first(query)) {
            let page = try services.products.list(query)
            return (Self.body(page, query), page.items.map(\.id))
        }
    }

    func popular() throws -> [UInt8] {
        try keeping(.popular) {
            let list = try services.popular.list()
            var json = JSONWriter()
            json.object { json in
                json.member("computedAt", list.computedAt)
                json.name("items")
                json.array(list.products) { json, place in
                    json.object { json in
                        json.member("rank", Int64(place.rank))
                        json.member("sales", place.sales)
                        json.name("product")
                        json.value(place.product)
                    }
                }
            }
            return (json.finish(), list.products.map(\.product.id))
        }
    }

    private static func body(_ page: Page<Product>, _ query: ProductQuery) -> [UInt8] {
        var json = JSONWriter(capacity: 256 * (page.items.count + 1))
        json.page(page, cursor: query.cursor(after:), item: { $0.value($1) })
        return json.finish()
    }

    private func keeping(_ key: Key, _ make: () throws -> (body: [UInt8], products: [ProductID])) throws -> [UInt8] {
        // Before the list is read: what is kept under this version is never older than it.
        let version = services.store.catalogueVersion()
        if let kept = lists.read({ $0[key] }), kept.version == version {
            kept.views.count()
            return kept.body
        }
        let (body, products) = try make()
        let views = services.views.tally(of: products)
        views.count()
        if body.count <= Self.longestKept {
            lists.write { lists in
                if lists[key] == nil, lists.count >= Self.kept { lists.removeAll() }
                lists[key] = Kept(version: version, body: body, views: views)
            }
        }
        return body
    }
}
