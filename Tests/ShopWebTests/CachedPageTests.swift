import CoreMetrics
import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Visitors' pages are made once a second, and each showing counts their views.
struct CachedPageTests {
    let shop: TestShop
    let pages: PageCache

    init() throws {
        shop = try TestShop()
        pages = PageCache(shop.clock.shopClock, CacheCounters("pages", NOOPMetricsHandler.instance))
    }

    private func get(_ target: String, in language: String = "ko", _ text: String, viewed: [ProductID] = []) throws
        -> String
    {
        let request = Request(method: .get, target: target, fields: [.acceptLanguage: language])
        let response = try pages.page(request, for: .visitors(hasBasket: false), nil, shop.views) {
            FreshPage(response: Response(.ok, body: Array(text.utf8)), viewed: viewed)
        }
        return String(decoding: response.body, as: UTF8.self)
    }

    @Test func `a page is cached per address and language`() throws {
        #expect(try get("/", "first") == "first")
        #expect(try get("/", "second") == "first")
        #expect(try get("/", in: "en", "second") == "second")
        #expect(try get("/products?q=a", "third") == "third")
    }

    @Test func `it is made again after a second`() async throws {
        #expect(try get("/", "first") == "first")
        try await Task.sleep(for: .milliseconds(1_050))
        #expect(try get("/", "second") == "second")
    }

    @Test func `a query that no page uses is not cached`() throws {
        #expect(try get("/", "first") == "first")
        for number in 0..<300 { #expect(try get("/?x=\(number)", "x") == "x") }
        #expect(try get("/?x=0", "other") == "other")
        #expect(try get("/", "second") == "first")
    }

    @Test func `a flood of other pages does not keep a popular one out`() throws {
        var made = 0
        for number in 0..<2_000 {
            #expect(try get("/products?q=\(number)", "y") == "y")
            let request = Request(method: .get, target: "/")
            _ = try pages.page(request, for: .visitors(hasBasket: false), nil, shop.views) {
                made += 1
                return FreshPage(response: Response(.ok, body: Array("first".utf8)))
            }
        }
        #expect(made < 100, "the chance to be thrown out is one in 200 each time")
    }

    @Test func `a page that is large, or sets a cookie, is not cached`() throws {
        let large = String(repeating: "a", count: 64 * 1024 + 1)
        #expect(try get("/", large) == large)
        #expect(try get("/", "second") == "second")
        let request = Request(method: .get, target: "/products")
        for _ in 0..<2 {
            let response = try pages.page(request, for: .visitors(hasBasket: false), nil, shop.views) {
                FreshPage(response: Response(.ok, fields: [.setCookie: "a=b"], body: []))
            }
            #expect(response.fields[.setCookie] == "a=b")
        }
        #expect(try get("/products", "third") == "third")
    }

    @Test func `a long query is not cached`() throws {
        let target = "/products?q=" + String(repeating: "a", count: 100)
        #expect(try get(target, "first") == "first")
        #expect(try get(target, "second") == "second")
    }

    @Test func `every time a page is shown its views are counted, cached or not`() throws {
        let apple = try shop.product()
        for _ in 0..<3 { _ = try get("/products", "x", viewed: [apple]) }
        let long = "/products?q=" + String(repeating: "a", count: 100)
        for _ in 0..<2 { _ = try get(long, "x", viewed: [apple]) }
        try shop.views.flush(to: shop.store)
        #expect(try shop.stored(apple)?.views == 5)
    }
}
