import POSIX
import Shop
import Web

/// The product lists as bytes. The common ones are cached until the catalogue changes, so that showing one costs a copy
/// and one addition to its view count.
final class ProductLists: Sendable {
    /// How many lists are cached; what is asked for repeatedly is the first pages of a few lengths.
    private static let kept = 16
    /// A list longer than this is not worth its memory.
    private static let longestKept = 256 * 1024
    /// Nor is a query longer than this: nobody asks for it twice.
    private static let longestText = 100

    private struct Entry: Sendable {
        /// Taken before the list was read, so that the entry is never older than its version.
        let version: Version
        let body: [UInt8]
        /// nil if showing the list counts no views: otherwise the popular products would make themselves popular.
        let views: ProductViews.Tally?
    }

    /// What a cached list is a list of.
    private enum Key: Hashable {
        /// A list's first page without a search, by the raw query.
        case list(String)
        case popular
    }

    private let shop: Shop
    private let lists = Locked<[Key: Entry]>([:])
    private let counters: CacheCounters

    init(_ shop: Shop) {
        self.shop = shop
        counters = CacheCounters("lists", shop.metrics)
    }

    /// - Parameters:
    ///   - text: the request's raw query, by which the cache is searched before anything is decoded.
    ///   - decode: the query that the text asks for; throws if the text is invalid.
    func list(asked text: String, _ decode: () throws -> ProductQuery) throws -> [UInt8] {
        let version = shop.products.version
        if let body = find(.list(text), version) { return body }
        let query = try decode()
        let page = try shop.products.list(query)
        let body = Self.body(page, query)
        let products = page.items.map(\.id)
        if query.after == nil, query.words.isEmpty, text.utf8.count <= Self.longestText {
            let views = shop.views.tally(of: products)
            views.count()
            keep(Entry(version: version, body: body, views: views), as: .list(text))
        } else {
            shop.views.count(products)
        }
        return body
    }

    func popular() throws -> [UInt8] {
        let version = shop.products.version
        if let body = find(.popular, version) { return body }
        let list = try shop.popular.list()
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
        let body = json.finish()
        keep(Entry(version: version, body: body, views: nil), as: .popular)
        return body
    }

    private static func body(_ page: ListPage<Product>, _ query: ProductQuery) -> [UInt8] {
        var json = JSONWriter(capacity: 256 * (page.items.count + 1))
        json.page(page, cursor: query.cursor(after:), item: { $0.value($1) })
        return json.finish()
    }

    /// The cached list, counted as shown once more.
    private func find(_ key: Key, _ version: Version) -> [UInt8]? {
        let found = lists.read { $0[key] }.flatMap { $0.version == version ? $0 : nil }
        guard let kept = counters.counting(found) else { return nil }
        kept.views?.count()
        return kept.body
    }

    private func keep(_ list: Entry, as key: Key) {
        if list.body.count > Self.longestKept { return }
        lists.write { lists in
            if lists[key] == nil, lists.count >= Self.kept { lists.removeAll() }
            lists[key] = list
        }
    }
}
