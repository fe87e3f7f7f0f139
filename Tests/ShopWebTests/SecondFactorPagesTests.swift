import HTTPTypes
import ShopTestSupport
import Testing
import Web

@testable import Shop
@testable import ShopWeb

/// The second factor in a browser: the set-up that owners are led to, and the second step of a log-in.
struct SecondFactorPagesTests {
    private let pages: PageShop

    init() throws {
        pages = try PageShop(policy: Policy())
        for role in Role.allCases {
            _ = try pages.shop.administration.create(
                SignUp(login: role.rawValue, password: "correct horse", name: "직원", role: role))
        }
    }

    /// A visitor's form on the page, sent.
    private func send(_ path: String, _ page: Response, _ fields: String, cookies: [String] = []) throws -> Response {
        let csrf = try #require(page.value(of: "csrf"))
        let visit = page.cookie("visit").map { [$0] } ?? []
        return pages.post(path, "csrf=\(csrf)&\(fields)", cookies: cookies + visit)
    }

    private func logIn(_ login: String = "owner", next: String = "") throws -> (answer: Response, visit: String) {
        let page = pages.get("/login")
        let visit = try #require(page.cookie("visit"))
        let answer = try send("/login", page, "login=\(login)&password=correct+horse\(next)")
        return (answer, visit)
    }

    private func token(_ response: Response) throws -> Token {
        let cookie = try #require(response.cookie("session"))
        return try #require(Token(cookie.dropFirst("session=".count)))
    }

    private func post(
        _ path: String, as token: Token, _ fields: String = "", at page: String = "/account/second-factor"
    )
        throws -> Response
    {
        let csrf = try #require(pages.get(page, as: token).value(of: "csrf"))
        return pages.post(path, "csrf=\(csrf)&\(fields)", as: token)
    }

    private var now: Timestamp { pages.shop.clock.now }

    private func shown(_ app: TOTP) -> String { app.code(of: TOTP.step(at: now)) }

    private func app(of token: Token) throws -> TOTP {
        try #require(try pages.shop.accounts.secondFactor(token, by: .browser, from: "").state().begun)
    }

    private func setUp(_ login: String = "owner") throws -> (app: TOTP, codes: [String], token: Token) {
        let token = try token(logIn(login).answer)
        #expect(try post("/account/second-factor/begin", as: token).status == .seeOther)
        let app = try app(of: token)
        let answer = try post("/account/second-factor/confirm", as: token, "code=\(shown(app))")
        #expect(answer.status == .ok)
        let codes = answer.html.matches(of: /<code>([A-Z2-7-]{19})<\/code>/).map { String($0.output.1) }
        #expect(codes.count == 10)
        pages.shop.clock.advance(.seconds(30))
        return (app, codes, token)
    }

    // MARK: The set-up

    @Test func `an owner's first log-in leads to the set-up, and from there to what was wanted`() throws {
        let (answer, _) = try logIn(next: "&next=/admin/trace")
        #expect(answer.fields[.location] == "/account/second-factor?next=%2Fadmin%2Ftrace")
        let token = try token(answer)
        for path in ["/admin", "/admin/trace?user=1", "/admin/roles"] {
            let refused = pages.get(path, as: token)
            #expect(refused.status == .seeOther)
            #expect(refused.fields[.location]?.hasPrefix("/account/second-factor?next=%2Fadmin") == true)
        }
        let page = pages.get("/account/second-factor?next=/admin/trace", as: token).html
        #expect(page.contains("직원 화면을 쓰시려면") && page.contains("name=\"next\" value=\"/admin/trace\""))
        let begun = try post("/account/second-factor/begin", as: token, "next=/admin/trace")
        #expect(begun.fields[.location] == "/account/second-factor?next=%2Fadmin%2Ftrace")
        let codes = try post(
            "/account/second-factor/confirm", as: token, "next=/admin/trace&code=\(shown(app(of: token)))")
        #expect(codes.html.contains("<a class=\"button\" href=\"/admin/trace\">잘 보관했습니다</a>"))
        #expect(pages.get("/admin/trace", as: token).status == .ok)
    }

    @Test func `support logs in without one`() throws {
        let (answer, _) = try logIn("support")
        #expect(answer.fields[.location] == "/")
        #expect(pages.get("/admin", as: try token(answer)).status == .ok)
    }

    @Test func `the page shows the secret as a picture, as letters and as an address`() throws {
        let token = try token(logIn().answer)
        _ = try post("/account/second-factor/begin", as: token)
        let app = try app(of: token)
        let html = pages.get("/account/second-factor", as: token).html
        let address = app.address(issuer: "장터", account: "owner")
        #expect(
            address.wholeMatch(
                of: /otpauth:\/\/totp\/%EC%9E%A5%ED%84%B0:owner\?secret=[A-Z2-7]{32}&issuer=%EC%9E%A5%ED%84%B0/) != nil)
        #expect(html.contains("href=\"\(StrictHTML().escapeText(address))\""))
        #expect(html.contains("<code class=\"secret\">\(app.typedSecret)</code>"))
        #expect(app.typedSecret.filter { $0 != " " } == Base32.encode(app.secret))
        let picture = try #require(QRPicture(address))
        #expect(
            html.contains("viewBox=\"0 0 \(picture.size) \(picture.size)\"") && html.contains("d=\"\(picture.path)\""))
    }

    @Test func `a wrong code is told beside its field, and changes nothing`() throws {
        let token = try token(logIn().answer)
        _ = try post("/account/second-factor/begin", as: token)
        let secret = try app(of: token)
        let answer = try post("/account/second-factor/confirm", as: token, "code=12345")
        #expect(answer.status == .unprocessableContent)
        #expect(answer.html.contains("id=\"error-code\">코드가 맞지 않습니다"))
        #expect(!answer.html.contains("value=\"12345\""))
        #expect(try app(of: token) == secret)
        #expect(try post("/account/second-factor/confirm", as: token).status == .unprocessableContent)
    }

    @Test func `the recovery codes are shown once, and no cache keeps them`() throws {
        let (_, codes, token) = try setUp()
        #expect(pages.get("/account/second-factor", as: token).fields[.cacheControl] == "no-store")
        let renewed = try post("/account/second-factor/recovery-codes", as: token)
        #expect(renewed.status == .ok && renewed.fields[.cacheControl] == "no-store")
        let state = pages.get("/account/second-factor", as: token).html
        for code in codes { #expect(!renewed.html.contains(code) && !state.contains(code)) }
        #expect(state.contains("10개 남음"))
    }

    @Test func `only who needs none may remove it, after a question`() throws {
        let (_, _, owner) = try setUp()
        #expect(!pages.get("/account/second-factor", as: owner).html.contains("/account/second-factor/remove"))
        #expect(pages.get("/account/second-factor/remove", as: owner).status == .seeOther)
        #expect(
            try post("/account/second-factor/remove", as: owner).fields[.location]?.hasPrefix("/account/second-factor")
                == true)
        #expect(pages.get("/account", as: owner).html.contains("2단계 인증: 켜짐"))
        let (_, _, support) = try setUp("support")
        #expect(
            pages.get("/account/second-factor", as: support).html.contains("href=\"/account/second-factor/remove\""))
        #expect(pages.get("/account/second-factor/remove", as: support).html.contains("2단계 인증을 끌까요?"))
        #expect(try post("/account/second-factor/remove", as: support).status == .seeOther)
        #expect(pages.get("/account", as: support).html.contains("2단계 인증: 꺼짐"))
    }

    @Test func `customers are told that there is no such page, visitors to log in`() throws {
        let token = try token(logIn("customer").answer)
        let paths = ["", "/begin", "/confirm", "/recovery-codes", "/remove"].map { "/account/second-factor\($0)" }
        for path in ["/account/second-factor", "/account/second-factor/remove"] {
            #expect(pages.get(path, as: token).status == .notFound, "\(path)")
            #expect(pages.get(path).fields[.location]?.hasPrefix("/login") == true, "\(path)")
        }
        for path in paths.dropFirst() {
            #expect(try post(path, as: token, "code=123456", at: "/account").status == .notFound, "\(path)")
        }
        #expect(!pages.get("/account", as: token).html.contains("second-factor"))
    }

    // MARK: The second step of a log-in

    @Test func `a session begins only with the code`() throws {
        let (app, _, _) = try setUp()
        let (first, visit) = try logIn(next: "&next=/admin/trace")
        #expect(first.fields[.location] == "/login/code?next=%2Fadmin%2Ftrace")
        #expect(first.cookie("session") == nil && first.cookie("device") == nil)
        let half = try #require(first.cookie("login"))
        #expect(first.fields.contains { $0.value.hasPrefix(half) && $0.value.contains("HttpOnly; SameSite=Lax") })
        // What is kept in between opens nothing.
        let forged = half.replacing("login=", with: "session=")
        #expect(pages.get("/admin", cookies: [half, forged]).status == .notFound)
        let page = pages.get("/login/code?next=/admin/trace", cookies: [half, visit])
        #expect(page.html.contains("autocomplete=\"one-time-code\""))
        let wrong = try send("/login/code", page, "next=/admin/trace&code=12345", cookies: [half, visit])
        #expect(wrong.status == .unprocessableContent && wrong.cookie("session") == nil)
        #expect(wrong.html.contains("id=\"error-code\">코드가 맞지 않습니다"))
        let right = try send("/login/code", page, "next=/admin/trace&code=\(shown(app))", cookies: [half, visit])
        #expect(right.fields[.location] == "/admin/trace")
        #expect(pages.get("/admin/trace", as: try token(right)).status == .ok)
        #expect(right.cookie("login") == "login=" && right.cookie("device") != nil)
        let again = try send("/login/code", page, "code=\(shown(app))", cookies: [half, visit])
        #expect(again.status == .unprocessableContent)
    }

    @Test func `a recovery code works in place of it, and the page says so`() throws {
        let (_, codes, _) = try setUp()
        let (first, visit) = try logIn()
        let half = try #require(first.cookie("login"))
        let page = pages.get("/login/code?with=recovery", cookies: [half, visit])
        #expect(page.html.contains("<label for=\"field-code\">복구 코드</label>"))
        let wrong = try send("/login/code", page, "with=recovery&code=ABCD", cookies: [half, visit])
        #expect(wrong.html.contains("<label for=\"field-code\">복구 코드</label>"))
        let right = try send("/login/code", page, "with=recovery&code=\(codes[4])", cookies: [half, visit])
        #expect(right.cookie("notice") == "notice=recovery-code-used")
        #expect(pages.get("/admin", as: try token(right)).status == .ok)
    }

    @Test func `without the first step, or too late, it begins anew`() throws {
        let (app, _, _) = try setUp()
        #expect(pages.get("/login/code?next=/orders").fields[.location] == "/login?next=%2Forders")
        let (first, visit) = try logIn()
        let half = try #require(first.cookie("login"))
        let page = pages.get("/login/code", cookies: [half, visit])
        let none = try send("/login/code", page, "code=\(shown(app))&next=/orders", cookies: [visit])
        #expect(none.fields[.location] == "/login?next=%2Forders" && none.cookie("notice") == "notice=code-too-late")
        pages.shop.clock.advance(.minutes(5))
        let late = try send("/login/code", page, "code=\(shown(app))", cookies: [half, visit])
        #expect(late.fields[.location] == "/login?next=%2F" && late.cookie("session") == nil)
    }

    @Test func `too many wrong codes have to wait`() throws {
        _ = try setUp()
        let (first, visit) = try logIn()
        let half = try #require(first.cookie("login"))
        let page = pages.get("/login/code", cookies: [half, visit])
        for _ in 0..<5 { _ = try send("/login/code", page, "code=12345", cookies: [half, visit]) }
        let answer = try send("/login/code", page, "code=12345", cookies: [half, visit])
        #expect(answer.status == .tooManyRequests && answer.fields[.retryAfter] == "1")
    }

    // MARK: The API

    private func call(_ method: HTTPRequest.Method, _ path: String, _ body: String = "{}", as token: Token? = nil)
        -> Response
    {
        var fields: HTTPFields = [.host: "shop.example", .contentType: "application/json"]
        if let token { fields[.authorization] = "Bearer \(token.text)" }
        return pages.respond(
            Request(method: method, target: "/api/v1\(path)", fields: fields, body: .bytes(Array(body.utf8))))
    }

    @Test func `a program is told which code it lacks`() throws {
        let bare = try token(logIn().answer)
        let refused = call(.get, "/admin/trace", as: bare)
        #expect(refused.status == .forbidden && refused.html.contains("\"code\":\"second_factor_required\""))
        let (app, codes, _) = try setUp()
        func answer(_ code: String) -> Response {
            call(.post, "/tokens", "{\"login\":\"owner\",\"password\":\"correct horse\"\(code)}")
        }
        #expect(answer("").status == .unauthorized && answer("").html.contains("\"code\":\"code_required\""))
        #expect(answer(",\"code\":\"12345\"").html.contains("\"code\":\"invalid_code\""))
        #expect(answer(",\"code\":\"\(shown(app))\"").status == .created)
        #expect(answer(",\"code\":\"\(codes[0])\"").status == .created)
        #expect(answer(",\"code\":5").status == .unprocessableContent)
    }
}
