import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// The staff's pages: who sees them, and what they say.
struct OfficePagesTests {
    let pages: PageShop

    init() throws { pages = try PageShop() }

    private func logIn(_ role: Role, _ login: String? = nil) throws -> Token {
        let login = login ?? role.rawValue
        _ = try pages.shop.administration.create(
            SignUp(login: login, password: "correct horse", name: "직원", role: role))
        return try pages.shop.accounts.logIn(
            login: login, password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    private func addProduct(by token: Token) throws -> ProductID {
        let (staff, user) = try pages.shop.accounts.staff(token, by: .browser, from: "192.0.2.1")
        let draft = ProductDraft(name: "사과 <b>", description: "달다", price: Won(29_500), stock: 12_000)
        let products = try pages.shop.served.productAdministration(by: staff)
        return try Submission.outcome(of: user) { try products.add(draft, $0) }.id
    }

    @Test func `staff find their pages from their account, customers do not`() throws {
        #expect(pages.get("/account", as: try logIn(.reader)).html.contains("href=\"/admin\""))
        #expect(!pages.get("/account", as: try pages.customer("kim").token).html.contains("/admin"))
    }

    @Test(arguments: [
        (Language.korean, "등록: <a href=\"/admin/trace?subject=product&amp;subjectId=1\">상품 1번</a>", "29,500원", "주인"),
        (.english, "Added <a href=\"/admin/trace?subject=product&amp;subjectId=1\">product 1</a>", "₩29,500", "Owner"),
    ])
    func `a change is told in the reader's language`(
        _ language: Language, _ action: String, _ price: String, _ role: String
    ) throws {
        let token = try logIn(.owner)
        _ = try addProduct(by: token)
        let html = pages.get("/admin/trace", as: token, in: language.rawValue).html
        #expect(html.contains(action))
        for part in [price, role, "12,000", "192.0.2.1", "사과 &lt;b&gt;", ">owner</a>"] {
            #expect(html.contains(part), "\(part)")
        }
        #expect(!html.contains("<b>"))
    }

    @Test func `it is narrowed to a subject and a person, and back`() throws {
        let (boss, other) = (try logIn(.owner), try logIn(.manager, "lee"))
        let apple = try addProduct(by: boss)
        _ = try addProduct(by: other)
        let user = try pages.shop.accounts.caller(other).user.value
        let ofApple = pages.get("/admin/trace?subject=product&subjectId=\(apple.value)", as: boss).html
        #expect(ofApple.contains("상품 1번") && !ofApple.contains("상품 2번"))
        #expect(ofApple.contains("다음만 보고 있습니다:") && ofApple.contains("href=\"/admin/trace\""))
        let ofLee = pages.get("/admin/trace?user=\(user)", as: boss).html
        #expect(!ofLee.contains("상품 1번") && ofLee.contains("상품 2번"))
        let none = pages.get("/admin/trace?subject=product&subjectId=9&user=\(user)", as: boss).html
        #expect(none.contains("찾는 기록이 없습니다.") && none.contains("href=\"/admin/trace\""))
        #expect(pages.get("/admin/trace?subject=nothing&subjectId=1", as: boss).status == .unprocessableContent)
    }

    @Test func `it is narrowed to what was done and to days, on top of a person and a subject`() throws {
        let boss = try logIn(.owner)
        let apple = try addProduct(by: boss)
        let all = pages.get("/admin/trace", as: boss).html
        #expect(all.contains("<option value=\"product-added\">등록: 상품</option>"))
        let english = pages.get("/admin/trace", as: boss, in: "en").html
        #expect(english.contains("<option value=\"role-changed\">Changed the role of account</option>"))
        let added = pages.get("/admin/trace?action=product-added&from=&to=", as: boss).html
        #expect(added.contains("상품 1번") && added.contains("<option value=\"product-added\" selected>"))
        #expect(!added.contains("개설: <a") && all.contains("개설: <a"))
        #expect(added.contains("href=\"/admin/trace.csv?action=product-added\""))
        // Filled in the wrong way round.
        let day = pages.get("/admin/trace?from=2026-03-02&to=2026-03-01", as: boss).html
        #expect(day.contains("상품 1번") && day.contains("name=\"from\" value=\"2026-03-01\""))
        let before = pages.get("/admin/trace?to=2026-03-01", as: boss).html
        #expect(before.contains("찾는 기록이 없습니다."))
        let about = "subject=product&amp;subjectId=\(apple.value)"
        let today = pages.get(
            "/admin/trace?\(about.replacing("&amp;", with: "&"))&action=product-changed&from=2026-03-02&to=2026-03-02",
            as: boss
        ).html
        #expect(today.contains("<input type=\"hidden\" name=\"subjectId\" value=\"\(apple.value)\">"))
        let path = "/admin/trace?\(about)&amp;action=product-changed"
        #expect(today.contains("<a href=\"\(path)&amp;from=2026-03-02&amp;to=2026-03-02\" aria-current=\"true\">오늘"))
        #expect(today.contains("<a href=\"\(path)\">전체 기간</a>"))
        for query in ["action=nothing", "from=x"] {
            #expect(pages.get("/admin/trace?\(query)", as: boss).status == .unprocessableContent, "\(query)")
        }
    }

    @Test func `what the trace is narrowed to stays when it is narrowed further`() throws {
        let (boss, other) = (try logIn(.owner), try logIn(.manager, "lee"))
        let apple = try addProduct(by: other)
        let user = try pages.shop.accounts.caller(other).user.value
        let days = "action=product-added&amp;from=2026-03-02&amp;to=2026-03-02"
        let html = pages.get("/admin/trace?\(days.replacing("&amp;", with: "&"))", as: boss).html
        #expect(html.contains("<a href=\"/admin/trace?user=\(user)&amp;\(days)\">lee</a>"))
        #expect(html.contains("<a href=\"/admin/trace?subject=product&amp;subjectId=\(apple.value)&amp;\(days)\">"))
    }

    @Test func `it is narrowed to a person by what they log in with`() throws {
        let (boss, other) = (try logIn(.owner), try logIn(.manager, "lee"))
        _ = try addProduct(by: boss)
        _ = try addProduct(by: other)
        let html = pages.get("/admin/trace?login=+LEE+&action=&from=&to=", as: boss).html
        #expect(!html.contains("상품 1번") && html.contains("상품 2번"))
        #expect(html.contains("name=\"login\" value=\"lee\"") && html.contains("<strong>lee</strong>"))
        let user = try pages.shop.accounts.caller(other).user.value
        let linked = pages.get("/admin/trace?user=\(user)", as: boss).html
        #expect(linked.contains("name=\"login\" value=\"lee\"") && !linked.contains("name=\"user\""))
        let nobody = pages.get("/admin/trace?login=nobody", as: boss).html
        #expect(nobody.contains("찾는 기록이 없습니다.") && nobody.contains("name=\"login\" value=\"nobody\""))
    }

    @Test func `its file asks for the password again, as there are people in it`() throws {
        let boss = try logIn(.owner)
        #expect(pages.get("/admin/trace.csv", as: boss).status == .ok)
        pages.shop.clock.advance(.minutes(15))
        let asked = pages.get("/admin/trace.csv?action=product-added", as: boss)
        #expect(asked.status == .seeOther)
        let place = PercentEncoding.encode("/admin/trace?action=product-added")
        #expect(asked.fields[.location] == "/account/password-again?next=\(place)")
        #expect(pages.get("/admin/trace", as: boss).status == .ok)
    }

    @Test func `a long trace has pages`() throws {
        let boss = try logIn(.owner)
        for _ in 0..<50 { _ = try addProduct(by: boss) }
        let first = pages.get("/admin/trace", as: boss).html
        #expect(!first.contains("id=\"entry-1\"") && first.contains("id=\"entry-2\""))
        let link = try #require(first.firstMatch(of: /rel="next" href="([^"]+)"/)).output.1
        let second = pages.get(String(link).replacing("&amp;", with: "&"), as: boss).html
        #expect(second.contains("id=\"entry-1\"") && !second.contains("id=\"entry-2\""))
        #expect(second.contains("href=\"/admin/trace\""))
    }

    @Test func `a long text is cut, and what was taken away is told`() throws {
        let boss = try logIn(.owner)
        let apple = try addProduct(by: boss)
        let (staff, _) = try pages.shop.accounts.staff(boss, by: .browser, from: "")
        let long = String(repeating: "가", count: 10_000)
        _ = try pages.shop.served.productAdministration(by: staff).update(
            apple, ProductChange(name: nil, description: long, price: nil, stockChange: nil, isListed: false))
        let html = pages.get("/admin/trace", as: boss).html
        #expect(html.contains(String(repeating: "가", count: 200) + "…<") && html.utf8.count < 20_000)
        #expect(html.contains("이전: </span><span>예</span></del>") && html.contains("이후: </span><span>아니요</span></ins>"))
    }

    @Test(arguments: Language.allCases)
    func `everything that is traced, and each role, has its words`(_ language: Language) throws {
        let words = try Words(StorefrontTests.original + "/words", language)
        #expect(
            OfficeWords.all.filter { words.child(named: $0) == nil } == [])
    }
}

/// The words that are put together from what the domain lists.
enum OfficeWords {
    static let all: [String] =
        OfficeSection.allCases.map { "office_" + $0.rawValue }
        + SeveralAction.allCases.map { "several_" + $0.rawValue }
        + ProductField.allCases.map { "field_" + $0.rawValue }
        + ManagedCouponFilter.allCases.map { "couponfilter_" + $0.rawValue }
        + TraceAction.allCases.map { "action_" + $0.rawValue } + TraceField.allCases.map { "traced_" + $0.rawValue }
        + TraceSubject.Kind.allCases.map { "subject_" + $0.rawValue } + Staff.Way.allCases.map { "way_" + $0.rawValue }
        + StockReason.allCases.map { "reason_" + $0.rawValue } + Role.allCases.map { "role_" + $0.rawValue }
        + Permission.allCases.map { "permission_" + $0.rawValue } + events.map { "event_" + $0.word }
        + CustomerQuery.Group.allCases.map { "customers_" + $0.rawValue }
        + BalanceCorrection.Status.allCases.map { "correction_" + $0.rawValue }
        + ["issued", "used", "expired"].map { "held_" + $0 }
        + CheckedRowFilter.allCases.map { "rows_" + $0.rawValue }
        + CheckedRow.Kind.allCases.map { "row_kind_" + $0.rawValue } + ["done", "refused"].map { "row_state_" + $0 }
        + ProductColumn.allCases.filter(\.isRead).map { "column_" + $0.rawValue }

    private static let events: [OrderEvent.Kind] = [
        .made, .paid(.zero), .cancelled, .expired, .refunded(.zero), .note(""),
    ]
}
