import Foundation
import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// What all pages share: who is let in, which forms are accepted, how refusals are shown.
struct PageRoutesTests {
    let pages: PageShop
    let kim: (id: UserID, token: Token)

    init() throws {
        pages = try PageShop()
        kim = try pages.customer("kim")
    }

    private func charge(_ amount: String, csrf: String? = nil, more: HTTPFields = [:]) throws -> Response {
        let key = try #require(pages.get("/balance", as: kim.token).value(of: "key"))
        return pages.post(
            "/balance/charges", "csrf=\(csrf ?? kim.token.formToken())&key=\(key)&amount=\(amount)", as: kim.token,
            more: more)
    }

    @Test(arguments: ["/orders", "/balance", "/account", "/coupons/mine", "/orders/1/pay"])
    func `whoever is not logged in is sent to the log-in first, and back again`(_ path: String) {
        let response = pages.get(path)
        #expect(response.status == .seeOther)
        #expect(response.fields[.location] == "/login?next=\(PercentEncoding.encode(path))")
    }

    @Test func `the shop's own form is accepted, whether or not the browser says where it is from`() throws {
        #expect(try charge("1000").status == .seeOther)
        #expect(try charge("1000", more: [.origin: "http://shop.example"]).status == .seeOther)
        #expect(try charge("1000", more: [.secFetchSite: "same-origin"]).status == .seeOther)
        #expect(try pages.shop.balance(kim.id) == 3_000)
    }

    @Test func `no other is`() throws {
        let lee = try pages.customer("lee")
        for refused in [
            try charge("1000", csrf: ""), try charge("1000", csrf: lee.token.formToken()),
            try charge("1000", csrf: kim.token.text), try charge("1000", more: [.origin: "http://evil.example"]),
            try charge("1000", more: [.origin: "null"]), try charge("1000", more: [.secFetchSite: "cross-site"]),
            try charge("1000", more: [.secFetchSite: "same-site"]),
        ] {
            #expect(refused.status == .forbidden)
            #expect(refused.html.contains("이 양식은 처리할 수 없습니다"))
        }
        #expect(try pages.shop.balance(kim.id) == 0)
    }

    /// The page's only form, as it would be sent.
    private func form(of page: Response) -> String {
        page.html.split(separator: "<input type=\"hidden\" name=\"").dropFirst().map { field in
            let parts = field.split(separator: "\"", maxSplits: 3, omittingEmptySubsequences: false)
            return "\(parts[0])=\(PercentEncoding.encode(String(parts[2])))"
        }.joined(separator: "&")
    }

    @Test(arguments: [FaultyDisk.Call.sync, .write])
    func `a form that failed comes back, and sent again takes effect once`(_ call: FaultyDisk.Call) throws {
        let disk = FaultyDisk(pages.shop.folder)
        let key = try #require(pages.get("/balance", as: kim.token).value(of: "key"))
        let csrf = kim.token.formToken()
        disk.fail(call, with: call == .sync ? EIO : ENOSPC)
        let sent = "csrf=\(csrf)&key=\(key)&amount=2000&next=%2Forders"
        let refused = pages.post("/balance/charges", sent, as: kim.token)
        disk.repair()
        #expect(refused.status == .serviceUnavailable)
        #expect(refused.html.contains("처리되었는지 알 수 없습니다") == (call == .sync))
        #expect(refused.html.contains("바뀐 것은 없습니다") == (call == .write))
        #expect(refused.html.contains("<form method=\"post\" action=\"/balance/charges\">"))
        let again = form(of: refused)
        #expect(again.hasSuffix("key=\(key)&amount=2000&next=%2Forders"), "\(again)")
        for _ in 0..<2 {
            #expect(pages.post("/balance/charges", again, as: kim.token).status == .seeOther)
        }
        #expect(try pages.shop.balance(kim.id) == 2_000)
    }

    @Test func `a form with a password does not come back`() throws {
        let disk = FaultyDisk(pages.shop.folder)
        disk.fail(with: ENOSPC)
        let form = "csrf=\(kim.token.formToken())&current=correct%20horse&new=another%20horse"
        let refused = pages.post("/account/password", form, as: kim.token)
        disk.repair()
        #expect(refused.status == .serviceUnavailable)
        #expect(!refused.html.contains("horse"))
        #expect(refused.html.contains(">다시 시도</a>"))
    }

    @Test func `a form sent twice takes effect once`() throws {
        let key = try #require(pages.get("/balance", as: kim.token).value(of: "key"))
        let form = "csrf=\(kim.token.formToken())&key=\(key)&amount=2000"
        let answers = (0..<2).map { _ in pages.post("/balance/charges", form, as: kim.token) }
        #expect(answers.map(\.status) == [.seeOther, .seeOther])
        #expect(answers[0].fields[.location] == answers[1].fields[.location])
        #expect(try pages.shop.balance(kim.id) == 2_000)
        let changed = pages.post("/balance/charges", form.replacing("2000", with: "3000"), as: kim.token)
        #expect(changed.status == .unprocessableContent)
        #expect(changed.html.contains("이미 보내신 양식입니다"))
    }

    @Test func `a form without a page's key has no effect`() throws {
        let response = pages.post("/balance/charges", "csrf=\(kim.token.formToken())&amount=2000", as: kim.token)
        #expect(response.status == .forbidden)
        #expect(try pages.shop.balance(kim.id) == 0)
    }

    @Test func `errors are shown above the form and at the field, with what was typed`() throws {
        let response = try charge("10<b>")
        #expect(response.status == .unprocessableContent)
        let html = response.html
        #expect(html.contains("<title>오류: "))
        #expect(html.contains("href=\"#field-amount\""))
        #expect(html.contains("id=\"error-amount\">숫자로 입력해 주세요."))
        #expect(html.contains("value=\"10&lt;b&gt;\""))
    }

    @Test func `a refusal of the shop comes back the same way, in the reader's language`() throws {
        let key = try #require(pages.get("/balance", as: kim.token).value(of: "key"))
        let response = pages.post(
            "/balance/charges", "csrf=\(kim.token.formToken())&key=\(key)&amount=1", as: kim.token,
            cookies: ["language=en"])
        #expect(response.status == .unprocessableContent)
        #expect(response.fields[.contentLanguage] == "en")
        #expect(response.html.contains("The amount is too small. The minimum is ₩1,000."))
    }

    @Test func `a session that has ended meanwhile leads to the log-in, and from there back to the form's page`() throws
    {
        let form = "csrf=\(kim.token.formToken())"
        #expect(pages.post("/logout", form, as: kim.token).status == .seeOther)
        let response = pages.post(
            "/balance/charges", form + "&amount=1000", as: kim.token,
            more: [.referer: "http://shop.example/balance?amount=1"])
        #expect(response.status == .seeOther)
        #expect(response.fields[.location] == "/login?next=%2Fbalance%3Famount%3D1000")
    }

    @Test func `an old page's form has no effect, and is shown again with what was typed, for another press`() throws {
        let lee = try pages.customer("lee")
        for csrf in ["", lee.token.formToken()] {
            let own: HTTPFields = [.origin: "http://shop.example", .secFetchSite: "same-origin"]
            let response = try charge("12345", csrf: csrf, more: own)
            #expect(response.status == .forbidden)
            #expect(response.html.contains("입력하신 내용은 그대로 있으니"))
            #expect(response.html.contains("name=\"amount\" value=\"12345\""))
            #expect(try pages.shop.balance(kim.id) == 0)
            let again = try #require(response.value(of: "csrf"))
            #expect(kim.token.isFormToken(again))
        }
        // What no browser vouches for may have been typed by somebody else.
        #expect(try !charge("12345", csrf: "").html.contains("12345"))
    }

    @Test func `errors and missing pages look like the shop`() throws {
        for (response, status) in [
            (pages.get("/nothing"), HTTPResponse.Status.notFound), (pages.get("/products/999"), .notFound),
            (pages.get("/orders/1", as: kim.token), .notFound),
        ] {
            #expect(response.status == status)
            #expect(response.html.contains("<title>오류: "))
            #expect(response.fields[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
        }
    }
}
