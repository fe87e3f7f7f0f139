import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// What the pages say about an unacceptable password, at its field.
struct NewPasswordPageTests {
    static let refused = [
        ("PassWord", "다른 비밀번호를 입력해 주세요."), ("kim.haneul", "아이디와 같은 비밀번호는 쓸 수 없습니다."),
        ("long%07enough", "쓸 수 없는 글자가 있습니다."), ("1234567", "8자 이상"),
    ]

    let pages: PageShop

    init() throws { pages = try PageShop() }

    private func said(of field: String, _ response: Response) -> String {
        response.html.split(separator: "id=\"error-\(field)\">").dropFirst().first.map {
            String($0.prefix { $0 != "<" })
        }
            ?? ""
    }

    @Test(arguments: refused)
    func `signing up`(password: String, words: String) throws {
        let form = pages.get("/signup")
        let visit = try #require(
            form.fields.filter { $0.name == .setCookie }.map { String($0.value.prefix { $0 != ";" }) }
                .first { $0.hasPrefix("visit=") })
        let csrf = try #require(form.value(of: "csrf"))
        let answer = pages.post(
            "/signup", "csrf=\(csrf)&login=kim.haneul&name=x&password=\(password)", cookies: [visit])
        #expect(answer.status == .unprocessableContent)
        #expect(said(of: "password", answer).contains(words), "\(said(of: "password", answer))")
        #expect(try pages.shop.store.read { tx in try tx.accounts.find(login: "kim.haneul") == nil })
    }

    @Test(arguments: refused)
    func `changing it`(password: String, words: String) throws {
        let customer = try pages.customer("kim.haneul")
        let csrf = try #require(pages.get("/account", as: customer.token).value(of: "csrf"))
        let answer = pages.post(
            "/account/password", "csrf=\(csrf)&current=correct+horse&new=\(password)", as: customer.token)
        #expect(answer.status == .unprocessableContent)
        #expect(said(of: "new", answer).contains(words), "\(said(of: "new", answer))")
        _ = try pages.shop.accounts.logIn(
            login: "kim.haneul", password: "correct horse", from: .browser("192.0.2.1", device: nil))
    }

    @Test func `an older password that is common still logs in`() throws {
        _ = try pages.shop.accounts.signUp(SignUp(login: "lee", password: "password", name: "이"))
        let form = pages.get("/login")
        let visit = try #require(
            form.fields.filter { $0.name == .setCookie }.map { String($0.value.prefix { $0 != ";" }) }
                .first { $0.hasPrefix("visit=") })
        let csrf = try #require(form.value(of: "csrf"))
        #expect(pages.post("/login", "csrf=\(csrf)&login=lee&password=password", cookies: [visit]).status == .seeOther)
    }

    @Test func `signing up says beside the field which characters a login may contain`() {
        let page = pages.get("/signup").html
        #expect(page.contains("id=\"hint-login\">영문자, 숫자, . _ @ + - 로 3~64자."))
        #expect(page.contains("aria-describedby=\"hint-login\""))
    }
}
