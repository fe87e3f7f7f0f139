import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Whoever could not be served soon is told so at once.
struct CrowdTests {
    let pages: PageShop

    init() throws { pages = try PageShop() }

    private func ask(
        _ method: HTTPRequest.Method, _ target: String, waited milliseconds: Int, _ fields: HTTPFields = [:],
        body: String = ""
    ) -> Response {
        pages.respond(
            Request(
                method: method, target: target, fields: fields, body: .bytes(Array(body.utf8)),
                waited: .milliseconds(milliseconds)))
    }

    private func retryAfter(_ response: Response) -> Int? { response.fields[.retryAfter].flatMap { Int($0) } }

    @Test(arguments: [("ko", "지금 손님이 한꺼번에 몰려 있습니다"), ("en", "The shop is very busy right now")])
    func `a page says so in both languages, and reloads by itself`(language: String, title: String) {
        let response = ask(.get, "/products?q=x", waited: 300, [.acceptLanguage: language])
        #expect(response.status == .serviceUnavailable)
        #expect(response.html.contains("<h1>\(title)</h1>"))
        #expect(response.html.contains("<a class=\"button\" href=\"\">"))
        #expect(response.fields[.requiredName("Refresh")] == response.fields[.retryAfter])
        #expect(response.fields[.cacheControl] == "no-store")
        // A page cached for others has no blanks left.
        #expect(ask(.get, "/", waited: 300, [.acceptLanguage: language]).html.contains(title))
        #expect(!response.html.contains(Blank.now.text))
    }

    @Test func `a page of a shop that cannot be read has no blank left either`() throws {
        let token = try pages.customer("kim").token
        try pages.shop.execute("DROP TABLE sessions")
        let response = pages.get("/balance", as: token)
        #expect(response.status == .serviceUnavailable)
        #expect(!response.html.contains(Blank.now.text))
    }

    @Test func `a program gets a problem`() {
        let response = ask(.get, "/api/v1/products", waited: 300, [.acceptLanguage: "en"])
        #expect(response.status == .serviceUnavailable)
        #expect(response.html.contains("\"code\":\"unavailable\""))
        #expect((1...8).contains(retryAfter(response) ?? 0))
    }

    @Test func `not all come back together`() {
        let seconds = Set((0..<200).compactMap { _ in retryAfter(ask(.get, "/", waited: 300)) })
        #expect(seconds == Set(1...8))
    }

    @Test func `a form comes back with what was typed`() {
        let response = ask(
            .post, "/basket", waited: 300, [.contentType: "application/x-www-form-urlencoded"],
            body: "csrf=c&key=k&product=7&quantity=3")
        #expect(response.status == .serviceUnavailable)
        #expect(response.html.contains("<form method=\"post\" action=\"/basket\">"))
        #expect(response.html.contains("<input type=\"hidden\" name=\"quantity\" value=\"3\">"))
        #expect(response.fields[.requiredName("Refresh")] == nil)
    }

    @Test func `money goes first, and the operators always see the shop`() {
        for (method, target) in [
            (HTTPRequest.Method.post, "/api/v1/orders/1/payment"), (.post, "/api/v1/balance/charges"),
            (.post, "/orders"), (.get, "/orders/1/pay"), (.get, "/healthz"), (.get, "/readyz"),
        ] {
            #expect(ask(method, target, waited: 1_500).status != .serviceUnavailable, "\(target)")
        }
        #expect(ask(.post, "/api/v1/orders/1/payment", waited: 2_500).status == .serviceUnavailable)
        #expect(ask(.get, "/", waited: 150).status == .ok)
    }
}
