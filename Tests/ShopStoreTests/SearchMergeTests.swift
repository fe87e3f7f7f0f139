import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// The search index is merged a little with each change, so that no write waits for much of it and it stays in few segments.
struct SearchMergeTests {
    private static let products = 1_000

    /// Pages that the largest commit may write. Left to itself FTS5 makes one segment of sixteen at once: more than 200 pages.
    private static let mostPages = 140

    /// Each level of the index has a few.
    private static let mostSegments = 20

    /// A hundred syllables, in an order that no other product has them in: some pages of the index for every ten products.
    private static func words(_ number: Int) -> String {
        var state = UInt32(number)
        let syllables = (0..<100).compactMap { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Unicode.Scalar(0xAC00 + (state >> 8) % 11_172)
        }
        return String(String.UnicodeScalarView(syllables))
    }

    @Test func `a thousand changes, each by itself, merge the index, and none of them much`() throws {
        let shop = try TestShop()
        var frames = shop.store.walFrames
        var most = 0
        for number in 0..<Self.products {
            let draft = ProductDraft(
                name: "상품 \(number)", description: Self.words(number), price: Won(1_000), stock: 1)
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
