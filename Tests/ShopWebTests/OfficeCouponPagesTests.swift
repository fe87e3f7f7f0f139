import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// The staff's pages about coupons.
struct OfficeCouponPagesTests {
    let pages: PageShop
    let boss: Token

    init() throws {
        pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "주인", role: .owner))
        boss = try pages.shop.accounts.logIn(
            login: "boss", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    private var fields: [(String, String)] {
        [
            ("name", "설 쿠폰 <b>"), ("kind", "fixed"), ("discount", "3,000원"), ("rate", ""), ("maximum", ""),
            ("minimum", "20000"), ("quantity", "100"), ("opensAt", "2026-02-10T10:00"),
            ("closesAt", "2026-02-17T10:00"), ("validDays", "14"),
        ]
    }

    private func form(_ changes: KeyValuePairs<String, String> = [:], key: String? = nil) throws -> String {
        let key = try key ?? #require(pages.get("/admin/coupons/new", as: boss).value(of: "key"))
        let changed = fields.map { field in (field.0, changes.first { $0.key == field.0 }?.value ?? field.1) }
        return "csrf=\(boss.formToken())&key=\(key)&"
            + changed.map { "\($0.0)=\(PercentEncoding.encode($0.1))" }.joined(separator: "&")
    }

    @Test func `a coupon is previewed before it is made, and made once however often one presses`() throws {
        let preview = pages.post("/admin/coupons/preview", try form(), as: boss)
        #expect(preview.status == .ok)
        for part in ["3,000원 할인", "설 쿠폰 &lt;b&gt;", "20,000원", "2026년 2월 10일 10:00", "id=\"preview\""] {
            #expect(preview.html.contains(part), "\(part)")
        }
        #expect(try pages.shop.served.managedCoupons(for: .test).list(.all, before: nil, limit: 1).items.isEmpty)
        let key = try #require(preview.value(of: "key"))
        let answers = try (0..<2).map { _ in pages.post("/admin/coupons", try form(key: key), as: boss) }
        #expect(answers.map(\.status) == [.seeOther, .seeOther])
        #expect(answers.map { $0.fields[.location] } == ["/admin/coupons/1", "/admin/coupons/1"])
        let made = try pages.shop.served.managedCoupons(for: .test).list(.all, before: nil, limit: 10).items
        #expect(made.count == 1)
        let coupon = try #require(made.first)
        #expect(coupon.discount == .fixed(Won(3_000)) && coupon.minimumOrderAmount == Won(20_000))
        #expect(coupon.quantity == 100 && coupon.validDays == 14)
        #expect(DateTime.text(coupon.opensAt) == "2026-02-10T01:00:00.000Z")
        #expect(DateTime.text(coupon.closesAt) == "2026-02-17T01:00:00.000Z")
    }

    @Test func `a percentage has a ceiling or none`() throws {
        let capped = pages.post(
            "/admin/coupons/preview", try form(["kind": "percent", "rate": "10", "maximum": "5000"]), as: boss)
        #expect(capped.html.contains("10% 할인") && capped.html.contains("5,000원"))
        let free = pages.post("/admin/coupons/preview", try form(["kind": "percent", "rate": "10"]), as: boss)
        #expect(free.status == .ok && free.html.contains("10% 할인"))
    }

    @Test(arguments: [
        ("name", "", "꼭 입력"), ("discount", "0", "1 이상"), ("quantity", "x", "숫자"), ("opensAt", "", "꼭 입력"),
        ("opensAt", "tomorrow", "날짜와 시각"), ("closesAt", "2026-02-10T10:00", "발급 시작"), ("validDays", "4000", "3,650"),
        ("kind", "free", "fixed"),
    ])
    func `what is wrong is said at its field, and what was typed is kept`(
        _ field: String, _ value: String, _ words: String
    ) throws {
        for path in ["/admin/coupons/preview", "/admin/coupons"] {
            let response = pages.post(path, try form([field: value]), as: boss)
            #expect(response.status == .unprocessableContent)
            let error = response.html.firstMatch(of: /id="error-(\w+)">([^<]*)</)
            #expect(error?.output.1 == field[...] && error?.output.2.contains(words) == true, "\(field) \(words)")
            #expect(response.html.contains("value=\"20000\""))
        }
    }

    @Test func `the form begins with what an address says, and with nothing else of it`() {
        let html = pages.get("/admin/coupons/new?name=%EA%B0%80%22b&kind=percent&rate=5&csrf=evil", as: boss).html
        #expect(html.contains("value=\"가&quot;b\"") && html.contains("value=\"5\"") && !html.contains("value=\"evil"))
        #expect(html.contains("value=\"percent\" checked"))
    }

    @Test func `the list has each coupon, and can be narrowed`() throws {
        let open = try pages.shop.coupon()
        _ = try pages.shop.issue(open, pages.shop.customer("kim"))
        _ = try pages.shop.coupon(opensAt: pages.shop.clock.now + .days(1), closesAt: pages.shop.clock.now + .days(2))
        let all = pages.get("/admin/coupons", as: boss).html
        #expect(all.contains("href=\"/admin/coupons/1\"") && all.contains("href=\"/admin/coupons/2\""))
        #expect(all.contains("1 / 10") && all.contains("발급 중") && all.contains("오픈 예정"))
        #expect(all.contains("href=\"/admin/coupons.csv\""))
        let coming = pages.get("/admin/coupons?filter=coming", as: boss).html
        #expect(!coming.contains("href=\"/admin/coupons/1\"") && coming.contains("href=\"/admin/coupons/2\""))
        #expect(pages.get("/admin/coupons?filter=closed", as: boss).html.contains("해당하는 쿠폰이 없습니다."))
        #expect(pages.get("/admin/coupons?filter=x", as: boss).status == .unprocessableContent)
    }

    @Test func `a long list has pages`() throws {
        for _ in 0..<51 { _ = try pages.shop.coupon() }
        let first = pages.get("/admin/coupons", as: boss).html
        #expect(first.contains("/admin/coupons/2\"") && !first.contains("/admin/coupons/1\""))
        let next = try #require(first.firstMatch(of: /rel="next" href="([^"]+)"/)).output.1
        #expect(pages.get(String(next), as: boss).html.contains("/admin/coupons/1\""))
    }

    @Test func `one coupon is shown with how it went and who has it`() throws {
        let coupon = try pages.shop.coupon()
        #expect(pages.get("/admin/coupons/1", as: boss).html.contains("첫 한 시간에 발급된 쿠폰이 없습니다."))
        let kim = try pages.shop.customer("kim", balance: 10_000)
        let mine = try pages.shop.issue(coupon, kim)
        _ = try pages.shop.issue(coupon, pages.shop.customer("lee"))
        let order = try pages.shop.order([(try pages.shop.product(), 1)], coupon: mine.id, kim)
        _ = try pages.shop.pay(order.id, kim)
        let html = pages.get("/admin/coupons/1", as: boss).html
        #expect(html.contains("<title>1분째: 2장</title>"))
        #expect(html.contains(">kim<") && html.contains(">lee<") && html.contains("사용 안 함"))
        let used = pages.get("/admin/coupons/1?used=true", as: boss).html
        #expect(used.contains(">kim<") && !used.contains(">lee<"))
        #expect(pages.get("/admin/coupons/1?used=false", as: boss).html.contains(">lee<"))
        #expect(pages.get("/admin/coupons/1?used=yes", as: boss).status == .unprocessableContent)
        #expect(pages.get("/admin/coupons/99", as: boss).status == .notFound)
    }

    @Test func `it is closed after a question, and the shop shows it closed`() throws {
        _ = try pages.shop.coupon()
        let question = pages.get("/admin/coupons/1/close", as: boss)
        #expect(question.html.contains("다시 열 수 없습니다"))
        let form = "csrf=\(boss.formToken())&key=\(try #require(question.value(of: "key")))"
        let closed = pages.post("/admin/coupons/1/close", form, as: boss)
        #expect(closed.status == .seeOther && closed.fields[.location] == "/admin/coupons/1")
        let html = pages.get("/admin/coupons/1", as: boss).html
        #expect(html.contains("조기 마감") && !html.contains("/admin/coupons/1/close"))
        #expect(pages.get("/coupons/1").html.contains("발급 종료"))
        // Pressed twice it is the same; who has the page open since before is told.
        #expect(pages.post("/admin/coupons/1/close", form, as: boss).status == .seeOther)
        let late = "csrf=\(boss.formToken())&key=\(Token.random().text)"
        let again = pages.post("/admin/coupons/1/close", late, as: boss)
        #expect(again.status == .conflict && again.html.contains("발급이 끝난 쿠폰입니다"))
    }

    @Test func `who may only look sees no way to change anything`() throws {
        _ = try pages.shop.coupon()
        _ = try pages.shop.administration.create(
            SignUp(login: "reader", password: "correct horse", name: "직원", role: .reader))
        let reader = try pages.shop.accounts.logIn(
            login: "reader", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
        for path in ["/admin/coupons", "/admin/coupons/1"] {
            let html = pages.get(path, as: reader).html
            #expect(html.contains("<h1") && !html.contains("/admin/coupons/new") && !html.contains("/close"))
            #expect(!html.contains("/admin/trace"))
        }
    }
}
