import Foundation
import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Where an address leads, whoever asks and however.
struct AddressTests {
    let pages: PageShop

    init() throws { pages = try PageShop() }

    /// Where a browser ends up that follows redirects; nil if they never end.
    private func end(of target: String, as token: Token? = nil) -> Response? {
        var target = target
        for _ in 0..<5 {
            let response = pages.get(target, as: token)
            guard response.status == .seeOther else { return response }
            target = response.fields[.location] ?? ""
        }
        return nil
    }

    @Test(arguments: [
        "q=%00", "q=a%00b", "q=%00&sort=price", "q=%01%1F%7F", "q=e" + String(repeating: "%CC%81", count: 300),
        "q=" + String(repeating: "%EA%B0%80", count: 300), "q=%FF", "q=a&q=b", "q=a%00&q=%00", "sort=x", "cursor=x",
        "cursor=%00", "q=%00&cursor=%00&sort=%00", "sort=price&sort=price", "q=",
    ])
    func `no query of the list leads in a circle`(_ query: String) {
        #expect(end(of: "/products?" + query)?.status == .ok, "\(query)")
    }

    @Test func `the search stays, without what cannot be searched for`() {
        #expect(pages.get("/products?q=%EC%82%AC%00%EA%B3%BC").fields[.location] == "/products?q=%EC%82%AC%EA%B3%BC")
    }

    @Test(arguments: ["/balance", "/orders", "/coupons/mine", "/basket", "/login", "/signup"])
    func `no other page's query does either`(_ path: String) throws {
        let kim = try pages.customer("kim")
        for query in ["cursor=%00", "cursor=x", "amount=%00", "coupon=%00", "next=%00", "next=\(path)", "q=%00"] {
            #expect(end(of: "\(path)?\(query)", as: kim.token) != nil, "\(path)?\(query)")
        }
    }

    @Test(arguments: [
        ("/", "GET, HEAD, OPTIONS"), ("/products/1", "GET, HEAD, OPTIONS"), ("/basket", "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/products", "GET, HEAD, OPTIONS"), ("/api/v1/orders", "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/admin/products/1", "GET, HEAD, OPTIONS, PATCH"),
    ])
    func `OPTIONS says which methods an address takes`(_ path: String, _ allow: String) {
        let response = pages.respond(Request(method: .options, target: path))
        #expect(response.status == .noContent)
        #expect(response.fields[.allow] == allow)
        #expect(response.body == [])
    }

    @Test func `for a missing address it says so`() {
        #expect(pages.respond(Request(method: .options, target: "/nothing")).status == .notFound)
    }

    @Test(arguments: [
        ("/coupons/x/take", "/coupons/x"), ("/orders/007/cancel", "/orders/007"), ("/orders/1/again", "/orders/1"),
        ("/orders/1/coupon", "/orders/1/pay"), ("/basket/lines", "/basket"), ("/balance/charges", "/balance"),
        ("/account/password", "/account"), ("/logout", "/"),
    ])
    func `a form's own address leads to its page, whatever it names`(_ form: String, _ page: String) {
        let response = pages.get(form)
        #expect(response.status == .seeOther)
        #expect(response.fields[.location] == page)
    }

    @Test func `search engines are told which pages are private`() {
        let response = pages.get("/robots.txt")
        #expect(response.status == .ok)
        #expect(response.fields[.contentType] == "text/plain; charset=utf-8")
        #expect(response.html.hasPrefix("User-agent: *\n"))
        for path in ["/api/", "/basket", "/orders", "/balance", "/account", "/login", "/signup", "/language/"] {
            #expect(response.html.contains("\nDisallow: \(path)\n"), "\(path)")
        }
        #expect(!response.html.contains("Disallow: /products\n"))
    }

    @Test func `a browser that asks for the icon by its old name gets one`() {
        let response = pages.get("/favicon.ico")
        #expect(response.status == .found)
        #expect(response.fields[.location]?.hasPrefix("/static/icon.") == true)
        #expect(response.fields[.cacheControl]?.contains("max-age") == true)
    }

    @Test(arguments: Language.allCases)
    func `each page describes itself in a line`(_ language: Language) throws {
        let apple = try pages.shop.product("사과", description: "달고\n\n아삭하다 \"참\" <b>").value
        for path in ["/", "/products", "/products/\(apple)", "/coupons", "/login", "/nothing"] {
            let html = pages.get(path, in: language.rawValue).html
            #expect(html.components(separatedBy: "<meta name=\"description\" content=\"").count == 2, "\(path)")
            #expect(!html.contains("<meta name=\"description\" content=\"\">"), "\(path)")
        }
        #expect(
            pages.get("/products/\(apple)").html.contains(
                "<meta name=\"description\" content=\"달고 아삭하다 &quot;참&quot; &lt;b&gt;\">"))
    }

    @Test func `a description keeps its lines and paragraphs`() throws {
        let rice = try pages.shop.product("쌀", description: "올해 쌀\r\n갓 도정\n \n\n둘째 <b>단락\n").value
        let html = pages.get("/products/\(rice)").html
        #expect(html.contains("<p>올해 쌀\n갓 도정</p>\n<p>둘째 &lt;b&gt;단락</p>"))
    }

    @Test func `a page without other pages has no list of them, and an empty list is not sorted`() throws {
        #expect(!pages.get("/products").html.contains("class=\"pagination\""))
        #expect(!pages.get("/products?q=%EC%97%86%EC%9D%8C").html.contains("class=\"sorts\""))
        for _ in 0..<21 { _ = try pages.shop.product() }
        let first = pages.get("/products?sort=price").html
        #expect(first.contains("class=\"pagination\""))
        #expect(first.contains("class=\"sorts\""))
    }
}
