import HTTPTypes
import ShopTestSupport
import Testing
import Web

@testable import Shop
@testable import ShopWeb

/// The staff's pages about customers, corrections and the staff's own accounts.
struct CustomerPagesTests {
    /// What the page with a correction to be looked at sends on.
    private static let checked = ["csrf", "key", "direction", "amount", "explanation"]

    let pages: PageShop
    let kim: UserID

    init() throws {
        pages = try PageShop()
        kim = try pages.shop.customer("kim", balance: 100_000)
    }

    private func logIn(_ role: Role, _ login: String? = nil) throws -> Token {
        let login = login ?? role.rawValue
        _ = try pages.shop.administration.create(
            SignUp(login: login, password: "correct horse", name: "직원", role: role))
        return try pages.shop.accounts.logIn(
            login: login, password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    /// Sends a form of a page, with what the page has hidden in it.
    private func send(_ path: String, _ form: String, from page: String, as token: Token) -> Response {
        let html = pages.get(page, as: token)
        let hidden = ["csrf", "key"].compactMap { name in html.value(of: name).map { "\(name)=\($0)" } }
        return pages.post(path, (hidden + [form]).joined(separator: "&"), as: token)
    }

    private func hidden(_ names: [String], in response: Response) throws -> String {
        try names.map { "\($0)=\(PercentEncoding.encode(try #require(response.value(of: $0), "\($0)")))" }
            .joined(separator: "&")
    }

    // MARK: Finding and looking

    @Test func `customers are found, in the group that was chosen, page by page`() throws {
        let token = try logIn(.reader)
        for number in 0..<60 { _ = try pages.shop.customer("many\(100 + number)") }
        let first = pages.get("/admin/customers?q=MANY", as: token)
        #expect(first.html.contains(">many100</a>") && !first.html.contains(">many150</a>"))
        #expect(first.html.contains("value=\"MANY\""))
        let link = try #require(first.html.firstMatch(of: /rel="next" href="([^"]+)"/)).output.1
        let second = pages.get(String(link).replacing("&amp;", with: "&"), as: token).html
        #expect(second.contains(">many150</a>") && !second.contains(">many149</a>"))
        #expect(second.contains("href=\"/admin/customers?q=MANY\""))
        let staff = pages.get("/admin/customers?group=staff", as: token).html
        #expect(staff.contains(">reader</a>") && !staff.contains(">kim</a>") && staff.contains("열람"))
        #expect(staff.contains("name=\"group\" value=\"staff\"") && staff.contains("모두 보기"))
        #expect(pages.get("/admin/customers?q=nobody", as: token).html.contains("찾으시는 고객이 없습니다."))
        #expect(pages.get("/admin/customers?group=x", as: token).status == .unprocessableContent)
        let one = pages.get("/admin/customers?q=\(kim.value)", as: token, in: "en").html
        #expect(one.contains("href=\"/admin/customers/\(kim.value)\"") && one.contains("₩100,000"))
    }

    @Test func `one customer is shown with what there is, and each reader what they may do`() throws {
        let order = try pages.shop.order([(try pages.shop.product("<사과>"), 2)], kim)
        _ = try pages.shop.pay(order.id, kim)
        _ = try pages.shop.issue(try pages.shop.coupon(), kim)
        _ = try pages.shop.correct(-500, of: kim, by: .test, because: "두 번 <환불>")
        let path = "/admin/customers/\(kim.value)"
        let expected: [Role: [String]] = [
            .reader: [], .support: ["end-sessions"], .manager: ["correct", "close", "end-sessions"],
            .owner: ["correct", "close", "end-sessions"],
        ]
        _ = try pages.shop.administration.setPassword(of: "kim", to: "battery staple")
        _ = try pages.shop.accounts.logIn(login: "kim", password: "battery staple", from: .program("192.0.2.8"))
        for role in Role.allCases where role.isStaff {
            let html = pages.get(path, as: try logIn(role)).html
            for part in ["97,500원", "정정: 두 번 &lt;환불&gt;", "&lt;사과&gt;", "결제 완료", "사용 가능", "192.0.2.8"] {
                #expect(html.contains(part), "\(role): \(part)")
            }
            for action in ["correct", "close", "end-sessions"] {
                let isThere = html.contains("\"\(path)/\(action)\"")
                #expect(isThere == expected[role]?.contains(action), "\(role): \(action)")
            }
            #expect(html.contains("/admin/trace?subject=account") == role.permissions.contains(.readTrace))
        }
        #expect(pages.get("/admin/customers/999", as: try logIn(.owner, "boss2")).status == .notFound)
    }

    @Test func `all entries have pages`() throws {
        for _ in 0..<60 { _ = try pages.shop.charge(1_000, kim) }
        let token = try logIn(.reader)
        #expect(pages.get("/admin/customers/\(kim.value)", as: token).html.contains("/entries\""))
        let first = pages.get("/admin/customers/\(kim.value)/entries", as: token).html
        #expect(first.contains("id=\"entry-61\"") && !first.contains("id=\"entry-11\""))
        let link = try #require(first.firstMatch(of: /rel="next" href="([^"]+)"/)).output.1
        #expect(pages.get(String(link), as: token).html.contains("id=\"entry-1\""))
    }

    @Test func `all coupons have pages`() throws {
        for _ in 0..<60 { _ = try pages.shop.issue(try pages.shop.coupon(), kim) }
        let token = try logIn(.reader)
        #expect(pages.get("/admin/customers/\(kim.value)", as: token).html.contains("/coupons\""))
        let first = pages.get("/admin/customers/\(kim.value)/coupons", as: token).html
        #expect(first.contains("id=\"coupon-60\"") && !first.contains("id=\"coupon-10\""))
        let link = try #require(first.firstMatch(of: /rel="next" href="([^"]+)"/)).output.1
        #expect(pages.get(String(link), as: token).html.contains("id=\"coupon-1\""))
    }

    @Test func `a customer leads to their orders, and an order to its customer`() throws {
        let order = try pages.shop.order([(try pages.shop.product("사과"), 2)], kim)
        _ = try pages.shop.pay(order.id, kim)
        let (customer, page) = ("/admin/customers/\(kim.value)", "/admin/orders/\(order.id.value)")
        for role in Role.allCases where role.isStaff {
            let token = try logIn(role)
            let html = pages.get(customer, as: token).html
            // Among the orders, and beside the entry of the payment.
            #expect(html.matches(of: /href="\/admin\/orders\/(\d+)"/).count == 2, "\(role)")
            #expect(html.contains("href=\"\(page)\"") && html.contains("href=\"/admin/orders?q=kim\""))
            #expect(pages.get(page, as: token).html.contains("href=\"\(customer)\""), "\(role)")
        }
    }

    @Test func `a coupon leads to who has taken it and what it was used for, and a customer to their coupons`() throws {
        let coupon = try pages.shop.coupon()
        let held = try pages.shop.issue(coupon, kim)
        let order = try pages.shop.order([(try pages.shop.product("사과", price: 10_000), 2)], coupon: held.id, kim)
        _ = try pages.shop.pay(order.id, kim)
        let (customer, page) = ("/admin/customers/\(kim.value)", "/admin/coupons/\(coupon.value)")
        for role in Role.allCases where role.isStaff {
            let token = try logIn(role)
            let isReader = role.permissions.contains(.readCoupons)
            #expect(pages.get(customer, as: token).html.contains("href=\"\(page)\"") == isReader, "\(role)")
            let html = pages.get(page, as: token).html
            #expect(html.contains("href=\"\(customer)\"") == isReader, "\(role)")
            #expect(html.contains("href=\"/admin/orders/\(order.id.value)\"") == isReader, "\(role)")
        }
    }

    // MARK: Sessions and closing

    @Test func `a customer is logged out everywhere, and the page says so`() throws {
        let (id, theirs) = try pages.customer("lee")
        let token = try logIn(.support)
        let path = "/admin/customers/\(id.value)"
        let done = send(path + "/end-sessions", "", from: path, as: token)
        #expect(done.status == .seeOther && done.fields[.location] == path)
        #expect(pages.get(path, as: token, cookies: ["notice=customer-logged-out"]).html.contains("모든 곳에서 로그아웃했습니다."))
        #expect(pages.get("/account", as: theirs).status == .seeOther)
        #expect(pages.get(path + "/end-sessions", as: token).fields[.location] == path)
    }

    @Test func `closing says what it means before it is done`() throws {
        let token = try logIn(.manager)
        let path = "/admin/customers/\(kim.value)"
        let asked = pages.get(path + "/close", as: token).html
        #expect(asked.contains("되돌릴 수 없습니다.") && asked.contains("100,000원"))
        #expect(send(path + "/close", "", from: path + "/close", as: token).fields[.location] == path)
        #expect(pages.get(path, as: token).html.contains("닫힘"))
        // There is nothing left to close.
        #expect(pages.get(path + "/close", as: token).fields[.location] == path)
        #expect(!pages.get(path, as: token).html.contains("\(path)/close"))
    }

    // MARK: Correcting

    @Test func `a correction is looked at before it is made, once`() throws {
        let token = try logIn(.manager)
        let path = "/admin/customers/\(kim.value)/correct"
        let form = "direction=take&amount=3,000&explanation=%EC%9D%B4%EC%A4%91%20%EC%B6%A9%EC%A0%84"
        let check = send(path, form, from: path, as: token)
        #expect(check.status == .ok)
        for part in ["100,000원", "-3,000원", "97,000원", "이중 충전"] {
            #expect(check.html.contains(part), "\(part)")
        }
        #expect(!check.html.contains("다른 사람이 확인하면"))
        #expect(try pages.shop.balance(kim) == 100_000)
        let body = try hidden(Self.checked, in: check)
        let back = pages.post(path, body + "&step=edit", as: token).html
        #expect(back.contains("value=\"take\" checked") && back.contains("value=\"이중 충전\""))
        #expect(try pages.shop.balance(kim) == 100_000)
        for _ in 0..<2 {
            let made = pages.post(path, body + "&step=correct", as: token)
            #expect(made.fields[.location] == "/admin/customers/\(kim.value)")
        }
        #expect(try pages.shop.balance(kim) == 97_000)
        #expect(try pages.shop.audit() == [])
    }

    @Test(
        arguments: [
            ("direction=add&amount=&explanation=x", "field-amount", nil),
            ("direction=add&amount=x&explanation=x", "field-amount", nil),
            ("direction=add&amount=5&explanation=", "field-explanation", nil),
            ("amount=5&explanation=x", "field-direction", nil),
            ("direction=take&amount=100001&explanation=x", "field-amount", "지금 잔액은 100,000원입니다."),
            ("direction=add&amount=9900001&explanation=x", "field-amount", "10,000,000원까지"),
        ] as [(String, String, String?)])
    func `what is wrong with one is said at its field`(_ form: String, _ field: String, _ message: String?) throws {
        let token = try logIn(.manager)
        let path = "/admin/customers/\(kim.value)/correct"
        let refused = send(path, form, from: path, as: token)
        #expect([.unprocessableContent, .conflict].contains(refused.status))
        #expect(refused.html.contains("href=\"#\(field)\"") && refused.html.contains("id=\"\(field)\""))
        #expect(refused.html.contains("role=\"alert\""))
        if let message { #expect(refused.html.contains(message), "\(refused.html)") }
        if form.contains("take") { #expect(refused.html.contains("value=\"take\" checked")) }
        #expect(try pages.shop.balance(kim) == 100_000)
    }

    @Test func `a large one waits for somebody else, who confirms it`() throws {
        let (asker, other) = (try logIn(.manager, "asker"), try logIn(.manager, "other"))
        let path = "/admin/customers/\(kim.value)/correct"
        let check = send(path, "direction=add&amount=60000&explanation=x", from: path, as: asker)
        #expect(check.html.contains("다른 사람이 확인하면"))
        let asked = pages.post(path, try hidden(Self.checked, in: check) + "&step=correct", as: asker)
        #expect(asked.fields[.location] == "/admin/corrections")
        #expect(pages.get("/admin/corrections", as: other).html.contains("href=\"/admin/corrections/1\""))
        let mine = pages.get("/admin/corrections/1", as: asker).html
        #expect(mine.contains("내가 요청한 정정입니다.") && !mine.contains("/corrections/1/confirm"))
        let theirs = pages.get("/admin/corrections/1", as: other).html
        #expect(theirs.contains("160,000원") && theirs.contains("/corrections/1/confirm"))
        // Whoever asked is refused, whatever the page shows.
        let tried = send("/admin/corrections/1/confirm", "", from: "/admin/corrections/1", as: asker)
        #expect(tried.status == .conflict && tried.html.contains("다른 사람이 확인해야 합니다"))
        let done = send("/admin/corrections/1/confirm", "", from: "/admin/corrections/1", as: other)
        #expect(done.fields[.location] == "/admin/customers/\(kim.value)")
        #expect(try pages.shop.balance(kim) == 160_000)
        let late = pages.get("/admin/corrections/1", as: other).html
        #expect(late.contains("정정함") && !late.contains("<button class=\"button\""))
        #expect(pages.get("/admin/corrections", as: other).html.contains("확인을 기다리는 정정이 없습니다."))
    }

    @Test func `one is refused, and cannot be confirmed afterwards`() throws {
        let asked = try pages.shop.correct(60_000, of: kim, by: .test)
        let token = try logIn(.manager)
        let path = "/admin/corrections/\(asked.id.value)"
        #expect(send(path + "/refuse", "", from: path, as: token).fields[.location] == "/admin/corrections")
        let late = pages.post(path + "/confirm", "csrf=\(token.formToken())&key=\(Token.random().text)", as: token)
        #expect(late.status == .conflict && late.html.contains("거절함"))
        #expect(try pages.shop.balance(kim) == 100_000)
    }

    @Test func `the customer sees a correction with its reason`() throws {
        let (lee, token) = try pages.customer("lee")
        _ = try pages.shop.correct(700, of: lee, by: .test, because: "배송 지연 보상")
        let html = pages.get("/balance", as: token).html
        #expect(html.contains("정정: 배송 지연 보상") && html.contains("+700원"))
    }

    // MARK: The staff's own accounts

    @Test func `an owner makes an account, gives it another role and password, and closes it`() throws {
        let boss = try logIn(.owner)
        let form = "login=lee&name=%EC%9D%B4&role=support&password=correct%20horse"
        let made = send("/admin/staff", form, from: "/admin/staff", as: boss)
        let path = try #require(made.fields[.location])
        #expect(path.hasPrefix("/admin/staff/"))
        let lee = try pages.shop.accounts.logIn(
            login: "lee", password: "correct horse", from: .browser("192.0.2.44", device: nil)
        ).token
        #expect(pages.get("/admin/staff", as: boss).html.contains("192.0.2.44"))
        #expect(send(path + "/role", "role=manager", from: path, as: boss).fields[.location] == path)
        #expect(pages.get("/admin", as: lee).status == .notFound)
        #expect(send(path + "/password", "new=battery%20staple", from: path, as: boss).fields[.location] == path)
        _ = try pages.shop.accounts.logIn(login: "lee", password: "battery staple", from: .program("192.0.2.44"))
        #expect(send(path + "/end-sessions", "", from: path, as: boss).fields[.location] == path)
        #expect(pages.get(path + "/close", as: boss).html.contains("되돌릴 수 없습니다."))
        #expect(send(path + "/close", "", from: path + "/close", as: boss).fields[.location] == path)
        let closed = pages.get(path, as: boss).html
        #expect(closed.contains("닫힘") && !closed.contains("\(path)/role"))
        #expect(pages.get(path + "/close", as: boss).fields[.location] == path)
    }

    @Test func `an owner takes a lost second factor away, after a page that says what that means`() throws {
        let boss = try logIn(.owner)
        let lee = try logIn(.support, "lee")
        let id = try pages.shop.accounts.caller(lee).user
        let path = "/admin/staff/\(id.value)"
        let remove = path + "/second-factor/remove"
        let without = pages.get(path, as: boss).html
        #expect(without.contains("설정하지 않음") && !without.contains(remove))
        #expect(pages.get(remove, as: boss).fields[.location] == path)
        let inForce = "<td data-label=\"2단계 인증\">켜짐</td>"
        #expect(!pages.get("/admin/staff", as: boss).html.contains(inForce))
        let own = try pages.shop.accounts.secondFactor(lee, by: .browser, from: "192.0.2.1")
        _ = try own.confirm(own.begin().code(of: TOTP.step(at: pages.shop.clock.now)))
        #expect(pages.get(path, as: boss).html.contains("href=\"\(remove)\""))
        #expect(pages.get("/admin/staff", as: boss).html.contains(inForce))
        let asking = pages.get(remove, as: boss).html
        #expect(asking.contains("본인이 요청한 것인지") && asking.contains("<strong>1</strong>"))
        let asked = send(remove, "", from: remove, as: boss)
        #expect(asked.fields[.location] == path)
        #expect(pages.get(path, as: boss).html.contains("설정하지 않음"))
        #expect(throws: ShopError.unauthenticated) { try pages.shop.accounts.caller(lee) }
        _ = try pages.shop.accounts.logIn(login: "lee", password: "correct horse", from: .program("192.0.2.1"))
        // Pressed twice, or on a page that was open meanwhile: it is gone, as was wanted.
        let lines = try pages.shop.rows("SELECT count(*) FROM trace")
        let late = send(remove, "", from: path, as: boss)
        #expect(late.status == .seeOther && late.fields[.location] == path)
        #expect(try pages.shop.rows("SELECT count(*) FROM trace") == lines)
        let mine = pages.get("/admin/staff/\(try pages.shop.accounts.caller(boss).user.value)", as: boss).html
        #expect(mine.contains("href=\"/account/second-factor\"") && !mine.contains("second-factor/remove"))
    }

    @Test func `a role is changed with a password that was given a short while ago, and not before`() throws {
        let boss = try logIn(.owner)
        let lee = try pages.shop.administration.create(
            SignUp(login: "lee", password: "correct horse", name: "이", role: .support))
        let path = "/admin/staff/\(lee.id.value)"
        func role() throws -> Role { try pages.shop.served.customers(for: .test).find(lee.id).user.role }
        pages.shop.clock.advance(.minutes(15))
        let again = "/account/password-again?next=\(PercentEncoding.encode(path))"
        #expect(pages.get(path, as: boss).fields[.location] == again)
        let asked = pages.post(path + "/role", "csrf=\(boss.formToken())&role=manager", as: boss)
        #expect(asked.status == .forbidden && asked.html.contains("name=\"kept.role\" value=\"manager\""))
        #expect(try role() == .support)
        let form = "next=\(path)&kept-action=\(path)/role&kept.role=manager&password=correct+horse"
        let confirmed = pages.post("/account/password-again", "csrf=\(boss.formToken())&\(form)", as: boss)
        #expect(confirmed.html.contains("<form method=\"post\" action=\"\(path)/role\">"))
        let sent = pages.post(path + "/role", "csrf=\(boss.formToken())&role=manager", as: boss)
        #expect(sent.status == .seeOther)
        #expect(try role() == .manager)
    }

    @Test(arguments: [
        ("login=a&name=b&role=support&password=correct%20horse", "login"),
        ("login=owner&name=b&role=support&password=correct%20horse", "login"),
        ("login=lee&name=&role=support&password=correct%20horse", "name"),
        ("login=lee&name=b&role=customer&password=correct%20horse", "role"),
        ("login=lee&name=b&role=support&password=password", "password"),
    ])
    func `what is wrong with a new account is said at its field`(_ form: String, _ field: String) throws {
        let boss = try logIn(.owner)
        let refused = send("/admin/staff", form, from: "/admin/staff", as: boss)
        #expect([.unprocessableContent, .conflict].contains(refused.status))
        #expect(refused.html.contains("href=\"#field-\(field)\"") && refused.html.contains("id=\"error-\(field)\""))
        #expect(!refused.html.contains("correct horse"))
    }

    @Test func `the last owner is told why nothing happens, and another one is sent to log in again`() throws {
        let boss = try logIn(.owner)
        let id = try pages.shop.accounts.caller(boss).user
        let path = "/admin/staff/\(id.value)"
        let refused = send(path + "/role", "role=manager", from: path, as: boss)
        #expect(refused.status == .conflict && refused.html.contains("주인이 한 명도 남지 않게 됩니다"))
        let kept = send(path + "/close", "", from: path + "/close", as: boss)
        #expect(kept.status == .conflict && kept.html.contains("주인이 한 명도 남지 않게 됩니다"))
        _ = try logIn(.owner, "partner")
        let done = send(path + "/role", "role=customer", from: path, as: boss)
        #expect(done.fields[.location]?.hasPrefix("/login?next=") == true)
        #expect(pages.get("/admin/staff", as: boss).status == .notFound)
        // A customer's account is among the customers.
        let partner = try pages.shop.accounts.logIn(
            login: "partner", password: "correct horse", from: .program("192.0.2.1")
        ).token
        #expect(pages.get(path, as: partner).fields[.location] == "/admin/customers/\(id.value)")
        #expect(pages.get(path + "/close", as: partner).fields[.location] == "/admin/customers/\(id.value)")
        #expect(pages.get("/admin/staff/999", as: partner).status == .notFound)
    }
}
