import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Where the staff's lists about customers end: after many names in vain, and where there is little.
struct CustomerListPagesTests {
    private let pages: PageShop
    private let kim: UserID
    private let token: Token

    init() throws {
        pages = try PageShop()
        kim = try pages.shop.customer("kim", balance: 100_000)
        _ = try pages.shop.administration.create(
            SignUp(login: "reader", password: "correct horse", name: "직원", role: .reader))
        token = try pages.shop.accounts.logIn(
            login: "reader", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    @Test func `a page that has looked at enough names says so, and the next one goes on`() throws {
        // Their names are their logins, so that they are not listed once more.
        try pages.shop.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1001 UNION ALL SELECT i + 1 FROM n WHERE i < 2100)
            INSERT INTO users (id, login, login_key, role, name, created_at)
            SELECT i, 'many' || i, 'many' || i, 'customer', 'many' || i, 1 FROM n;
            INSERT INTO balances (user_id, amount, entries) SELECT id, 0, 0 FROM users WHERE id > 1000
            """)
        let cursor = Cursor(list: "customers all many").text(CustomerQuery.Way.login.rawValue, 2_100)
        let page = pages.get("/admin/customers?q=many&cursor=\(cursor)", as: token).html
        #expect(!page.contains("id=\"customer-"))
        #expect(page.contains("여기까지 살펴본 이름 중에는") && page.contains("다음 페이지에서 이어서 찾습니다."))
        #expect(!page.contains("찾으시는 고객이 없습니다.</p>") && !page.contains("더 찾은 고객이 없습니다."))
        let link = try #require(page.firstMatch(of: /rel="next" href="([^"]+)"/)).output.1
        let last = pages.get(String(link).replacing("&amp;", with: "&"), as: token).html
        #expect(last.contains("더 찾은 고객이 없습니다.") && !last.contains("이어서 찾습니다.") && !last.contains("rel=\"next\""))
        // The others are found in a page that has looked at enough, too.
        try pages.shop.execute("UPDATE users SET name = 'many' WHERE id = \(kim.value)")
        let found = pages.get("/admin/customers?q=many&cursor=\(cursor)", as: token).html
        #expect(found.contains(">kim</a>") && found.contains("이어서 찾습니다.") && !found.contains("살펴본 이름 중에는"))
    }

    @Test func `few entries and coupons have their files too`() throws {
        let path = "/admin/customers/\(kim.value)"
        func links() -> Set<String> {
            let html = pages.get(path, as: token).html
            let links = html.matches(of: /href="\/admin\/customers\/\d+(\/(entries|coupons)[^"]*)"/)
            return Set(links.map { String($0.1) })
        }
        #expect(links() == ["/entries.csv"])
        _ = try pages.shop.issue(try pages.shop.coupon(), kim)
        #expect(links() == ["/entries.csv", "/coupons.csv"])
        for _ in 0..<5 {
            _ = try pages.shop.charge(1_000, kim)
            _ = try pages.shop.issue(try pages.shop.coupon(), kim)
        }
        // All of them have a page, and that has the file.
        #expect(links() == ["/entries", "/coupons"])
        let poor = try pages.shop.customer("poor")
        #expect(!pages.get("/admin/customers/\(poor.value)", as: token).html.contains(".csv"))
    }
}
