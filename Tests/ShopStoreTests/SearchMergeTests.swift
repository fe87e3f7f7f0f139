import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// The search index is merged a little with each change, so that no write waits for much of it and it stays in few segments.
struct SearchMergeTests {
    private static let products = 1_000

    /// Pages that the largest commit may write: one product's rows and indexes are some twenty.
    private static let mostPages = 100

    /// Each level of the index has a few; without merging there would be one for each product.
    private static let mostSegments = 30

    @Test func `a thousand changes, each by itself, merge the index, and none of them much`() throws {
        let shop = try TestShop()
        var frames = shop.store.walFrames
        var most = 0
        for number in 0..<Self.products {
            let draft = ProductDraft(
                name: "상품 \(number)", description: String(repeating: "햇것입니다. ", count: 5), price: Won(1_000), stock: 1)
            _ = try shop.store.write { tx in try tx.products.add(draft, at: TestClock.start) }
            most = max(most, shop.store.walFrames - frames)
            frames = shop.store.walFrames
        }
        #expect(most <= Self.mostPages)
        // The id of a page begins with its segment's.
        let segments = try shop.rows("SELECT count(DISTINCT id >> 37) FROM product_search_data WHERE id >> 37 > 0")
        #expect(try #require(Int(segments[0])) <= Self.mostSegments)
        #expect(
            try shop.rows("SELECT count(*) FROM product_search WHERE product_search MATCH '\"상품\u{F8FC}\"'") == ["1000"]
        )
        try shop.execute("INSERT INTO product_search (product_search) VALUES ('integrity-check')")
    }
}
