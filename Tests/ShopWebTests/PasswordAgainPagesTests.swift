import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Where the password is asked for again, the page comes back to what was wanted, and nothing happens by itself.
struct PasswordAgainPagesTests {
    private let pages: PageShop
    private let token: Token

    init() throws {
        pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "사장", role: .owner))
        token = try pages.shop.accounts.logIn(
            login: "boss", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    private func csrf(_ page: String = "/account/password-again") throws -> String {
        try #require(pages.get(page, as: token).value(of: "csrf"))
    }

    private func hidden(_ response: Response) -> [String] {
        response.html.matches(of: /type="hidden" name="([^"]+)" value="([^"]*)"/)
            .map { "\($0.output.1)=\($0.output.2)" }.filter { !$0.hasPrefix("csrf=") }
    }

    @Test func `a page of its own leads on where one wanted to go`() throws {
        let page = pages.get("/account/password-again?next=/admin/roles", as: token)
        #expect(page.status == .ok && page.html.contains("비밀번호를 다시 입력해 주세요"))
        let csrf = try csrf()
        let wrong = pages.post("/account/password-again", "csrf=\(csrf)&next=/admin/roles&password=wrong", as: token)
        #expect(wrong.status == .unprocessableContent)
        #expect(wrong.html.contains("id=\"error-password\"") && hidden(wrong) == ["next=/admin/roles"])
        let right = pages.post(
            "/account/password-again", "csrf=\(csrf)&next=/admin/roles&password=correct+horse", as: token)
        #expect(right.fields[.location] == "/admin/roles")
        let elsewhere = pages.post(
            "/account/password-again", "csrf=\(csrf)&next=//evil.example&password=correct+horse", as: token)
        #expect(elsewhere.fields[.location] == "/account")
        #expect(pages.get("/account/password-again").fields[.location]?.hasPrefix("/login") == true)
    }

    @Test func `a form that waits is kept, and sent by nobody but the person`() throws {
        let form = try csrf("/account/second-factor")
        pages.shop.clock.advance(.minutes(15))
        let asked = pages.post("/account/second-factor/begin", "csrf=\(form)&next=/admin&key=k&id=1&id=2", as: token)
        #expect(asked.status == .forbidden)
        let kept = [
            "next=/", "kept-action=/account/second-factor/begin", "kept.next=/admin", "kept.key=k", "kept.id=1",
            "kept.id=2",
        ]
        #expect(hidden(asked) == kept)
        func answer(_ password: String) throws -> Response {
            let fields = kept.joined(separator: "&")
            return pages.post("/account/password-again", "csrf=\(try csrf())&\(fields)&password=\(password)", as: token)
        }
        #expect(hidden(try answer("wrong")) == kept)
        let confirmed = try answer("correct+horse")
        #expect(confirmed.status == .ok)
        #expect(confirmed.html.contains("<form method=\"post\" action=\"/account/second-factor/begin\">"))
        #expect(hidden(confirmed) == ["next=/admin", "key=k", "id=1", "id=2"])
        let own = try pages.shop.accounts.secondFactor(token, by: .browser, from: "")
        #expect(try own.state().begun == nil)
        let sent = pages.post(
            "/account/second-factor/begin",
            "csrf=\(try #require(confirmed.value(of: "csrf")))&next=/admin&key=k&id=1&id=2", as: token)
        #expect(sent.status == .seeOther)
        #expect(try own.state().begun != nil)
    }

    @Test func `of a form with a password all the rest is kept, and its page asks for that alone`() throws {
        let page = pages.get("/admin/staff", as: token)
        let (form, key) = (try #require(page.value(of: "csrf")), try #require(page.value(of: "key")))
        pages.shop.clock.advance(.minutes(15))
        let typed = "login=nina&name=%EB%8B%88%EB%82%98&role=support"
        let asked = pages.post("/admin/staff", "csrf=\(form)&key=\(key)&\(typed)&password=battery+staple", as: token)
        #expect(asked.status == .forbidden && !asked.html.contains("battery"))
        let kept = hidden(asked)
        #expect(kept.contains("kept.login=nina") && kept.contains("kept-in-part=true"))
        let fields = kept.map { $0.replacing("니나", with: "%EB%8B%88%EB%82%98") }.joined(separator: "&")
        let confirmed = pages.post(
            "/account/password-again", "csrf=\(try csrf())&\(fields)&password=correct+horse", as: token)
        #expect(confirmed.html.contains("비밀번호만 한 번 더") && confirmed.html.contains("이어서 작성"))
        #expect(hidden(confirmed) == ["key=\(key)", "login=nina", "name=니나", "role=support"])
        let csrf = try #require(confirmed.value(of: "csrf"))
        let shown = pages.post("/admin/staff", "csrf=\(csrf)&key=\(key)&\(typed)", as: token)
        #expect(shown.status == .unprocessableContent && shown.html.contains("id=\"error-password\""))
        for part in ["value=\"nina\"", "value=\"니나\"", "<option value=\"support\" selected>"] {
            #expect(shown.html.contains(part), "\(part)")
        }
        let made = pages.post("/admin/staff", "csrf=\(csrf)&key=\(key)&\(typed)&password=battery+staple", as: token)
        #expect(made.status == .seeOther)
    }

    @Test(arguments: ["//evil.example/", "https://evil.example/", "\\\\evil", "javascript:alert(1)"])
    func `no form is sent to another shop`(_ action: String) throws {
        let fields = "csrf=\(try csrf())&next=/&kept-action=\(PercentEncoding.encode(action))&kept.a=b"
        let answer = pages.post("/account/password-again", "\(fields)&password=correct+horse", as: token)
        #expect(answer.status == .seeOther && answer.fields[.location] == "/")
    }

    @Test func `a program renews it at an address of its own`() throws {
        func call(_ password: String) -> HTTPResponse.Status {
            var fields: HTTPFields = [.host: "shop.example", .contentType: "application/json"]
            fields[.authorization] = "Bearer \(token.text)"
            let body = Array("{\"password\":\"\(password)\"}".utf8)
            return pages.respond(
                Request(method: .post, target: "/api/v1/tokens/current/password", fields: fields, body: .bytes(body))
            ).status
        }
        pages.shop.clock.advance(.minutes(15))
        func refunds() throws {
            _ = try pages.shop.served.refunds(by: pages.shop.accounts.staff(token, by: .program, from: "").staff)
        }
        #expect(throws: ShopError.passwordRequired) { try refunds() }
        #expect(call("wrong") == .unauthorized)
        #expect(call("correct horse") == .noContent)
        try refunds()
    }
}
