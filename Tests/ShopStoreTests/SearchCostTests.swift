import SQLite
import Shop
import TestSupport
import Testing

@testable import ShopStore

/// What a search costs over a hundred thousand products.
struct SearchCostTests {
    /// Of a processor's time, for one search. Without the optimizer a walk over the products takes twice as long and more;
    /// the program as it is shipped is measured by the tests of deploy/.
    #if DEBUG
        static let boundMilliseconds = 25.0
    #else
        static let boundMilliseconds = 10.0
    #endif

    @Test func `a search over 100,000 products takes some milliseconds of a processor at most`() throws {
        let shop = try TestShop()
        var demo = BulkDemo()
        demo.products = 100_000
        try demo.fill(path: shop.path, clock: shop.clock.shopClock, token: nil)
        let texts = [
            "사과", "한라봉", "99999호", "12345호", "산지직송", "산지직송 한라봉", "kg", "정성껏 고른", "호", "1", "상품입니다",
            "상품 사과 1", "없는것", "사과 한라봉", "9호 햇살", "김", "프리미엄 김치 3kg", "고른 77777호", "송 한", "입니 니다 다.",
        ]
        var costs: [(text: String, milliseconds: Double)] = []
        for text in texts {
            let words = text.split(separator: " ").map(String.init)
            for order in ProductQuery.Order.allCases {
                var after: ProductQuery.Position?
                for page in 1...2 {
                    let query = ProductQuery(order: order, words: words, after: after)
                    var last: Product?
                    // The best of three: others use the same caches.
                    let cost = try (0..<3).map { _ in
                        try processorMilliseconds { last = try shop.products.list(query).items.last }
                    }.min()
                    costs.append(("\(text) \(order.rawValue) page \(page)", cost ?? 0))
                    guard let last else { break }
                    after = .init(price: last.price, id: last.id)
                }
            }
        }
        costs.sort { $0.milliseconds > $1.milliseconds }
        for (text, cost) in costs.prefix(8) { print("search: \(cost) ms for \(text)") }
        for (text, cost) in costs { #expect(cost <= Self.boundMilliseconds, "\(cost) ms for \(text)") }
    }
}
