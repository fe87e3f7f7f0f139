import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// A visitor has a basket, too, which comes along when the visitor logs in.
struct VisitorBasketTests {
    let pages: PageShop
    let apple: ProductID
    /// What browsers say about a form that one of the shop's own pages sent.
    let own: HTTPFields = [.origin: "http://shop.example", .secFetchSite: "same-origin"]

    init() throws {
        pages = try PageShop()
        apple = try pages.shop.product("사과", stock: 5)
    }

    private func visit(_ response: Response) -> Token? {
        for field in response.fields where field.name == .setCookie && field.value.hasPrefix("visit=") {
            return Token(field.value.dropFirst("visit=".count).prefix { $0 != ";" })
        }
        return nil
    }

    private func add(_ quantity: Int, _ cookies: [String] = [], more: HTTPFields? = nil) -> Response {
        pages.post("/basket", "product=\(apple.value)&quantity=\(quantity)", cookies: cookies, more: more ?? own)
    }

    @Test func `a visitor adds something, finds it again, and sees it in the header of cached pages`() throws {
        #expect(pages.get("/products/\(apple.value)").html.contains("action=\"/basket\""))
        #expect(pages.get("/basket").status == .ok)
        let added = add(2)
        #expect(added.fields[.location] == "/basket")
        let token = try #require(visit(added))
        #expect(added.fields.contains { $0.value.contains("visit=") && $0.value.contains("Max-Age=2592000") })
        let cookie = ["visit=\(token.text)"]
        #expect(visit(add(1, cookie)) == nil || visit(add(1, cookie))?.text == token.text)
        let basket = pages.get("/basket", cookies: cookie).html
        #expect(basket.contains("사과") && basket.contains("name=\"quantity-\(apple.value)\""))
        for _ in 0..<2 {
            #expect(pages.get("/products", cookies: cookie).says(basket: 1))
            #expect(!pages.get("/products").html.contains("class=\"count\""))
            #expect(!pages.get("/products", cookies: ["visit=\(Token.random().text)"]).html.contains("class=\"count\""))
        }
    }

    @Test func `a quantity above the stock is refused on the product's page`() throws {
        let refused = add(6)
        #expect(refused.status == .conflict)
        #expect(refused.html.contains("재고가 5개뿐입니다") && refused.html.contains("value=\"6\""))
        #expect(visit(refused) == nil)
    }

    @Test func `a form that nobody vouches for needs the token of the visitor's page`() throws {
        #expect(add(1, more: [:]).status == .forbidden)
        let token = try #require(visit(add(1)))
        let cookie = ["visit=\(token.text)"]
        #expect(add(1, cookie, more: [:]).status == .forbidden)
        let page = pages.get("/basket", cookies: cookie)
        let csrf = try #require(page.value(of: "csrf"))
        #expect(token.isFormToken(csrf))
        let changed = pages.post("/basket/lines", "csrf=\(csrf)&quantity-\(apple.value)=3", cookies: cookie)
        #expect(changed.status == .seeOther)
        #expect(add(1, cookie, more: [.origin: "http://evil.example"]).status == .forbidden)
    }

    @Test func `ordering leads through the log-in with what is on the screen, and back to everything`() throws {
        let (id, kims) = try pages.customer("kim")
        try Submission.outcome(of: id) { try pages.shop.baskets.add(Quantity(1), of: apple, to: id, $0) }
        let token = try #require(visit(add(1)))
        let cookie = ["visit=\(token.text)"]
        let sent = pages.post(
            "/orders", "source=basket&quantity-\(apple.value)=3&coupon=", cookies: cookie,
            more: own.merging([.referer: "http://shop.example/basket"]))
        #expect(sent.status == .seeOther)
        #expect(sent.fields[.location]?.hasPrefix("/login?next=%2Fbasket") == true)
        let page = pages.get("/login?next=/basket", cookies: cookie)
        let csrf = try #require(page.value(of: "csrf"))
        let entered = pages.post(
            "/login", "csrf=\(csrf)&login=kim&password=correct+horse&next=/basket", cookies: cookie, more: own)
        #expect(entered.status == .seeOther)
        #expect(visit(entered) == nil, "the cookie is taken away")
        #expect(try pages.shop.baskets.show(.customer(id), coupon: .best).lines.map(\.quantity.count) == [4])
        #expect(try pages.shop.baskets.count(of: token.hash) == 0)
        #expect(pages.get("/products", as: kims).says(basket: 1))
    }

    @Test func `a session that has ended loses nothing that was typed`() throws {
        let (_, kims) = try pages.customer("kim")
        #expect(pages.post("/logout", "csrf=\(kims.formToken())", as: kims).status == .seeOther)
        let added = pages.post(
            "/basket", "csrf=\(kims.formToken())&product=\(apple.value)&quantity=2", as: kims, more: own)
        #expect(try pages.shop.baskets.count(of: try #require(visit(added)).hash) == 1)
        let ordered = pages.post(
            "/orders", "csrf=\(kims.formToken())&product=\(apple.value)&quantity=2", as: kims,
            more: own.merging([.referer: "http://shop.example/products/\(apple.value)"]))
        #expect(ordered.fields[.location] == "/login?next=%2Fproducts%2F\(apple.value)%3Fquantity%3D2")
        #expect(
            pages.get("/products/\(apple.value)?quantity=2").html.contains("name=\"quantity\" required value=\"2\""))
    }
}

extension HTTPFields {
    fileprivate func merging(_ more: HTTPFields) -> HTTPFields {
        var all = self
        for field in more { all[field.name] = field.value }
        return all
    }
}
