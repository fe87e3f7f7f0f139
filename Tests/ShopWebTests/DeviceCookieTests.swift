import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// A browser in which somebody has logged in is told from strangers.
struct DeviceCookieTests {
    let pages: PageShop

    init() throws {
        pages = try PageShop()
        _ = try pages.customer("kim")
    }

    private func logIn(_ password: String, cookies: [String] = []) throws -> Response {
        let form = pages.get("/login")
        let visit = try #require(cookie("visit", of: form))
        let csrf = try #require(form.value(of: "csrf"))
        return pages.post("/login", "csrf=\(csrf)&login=kim&password=\(password)", cookies: cookies + [visit])
    }

    /// `name=value`, as the browser sends it back.
    private func cookie(_ name: String, of response: Response) -> String? {
        response.fields.filter { $0.name == .setCookie }.map { String($0.value.prefix { $0 != ";" }) }
            .first { $0.hasPrefix(name + "=") }
    }

    @Test func `it is set by logging in, for a year, and for the shop's server alone`() throws {
        let response = try logIn("correct+horse")
        #expect(response.status == .seeOther)
        let field = response.fields.first { $0.name == .setCookie && $0.value.hasPrefix("device=") }
        #expect(try #require(field).value.hasSuffix("; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"))
        #expect(cookie("device", of: try logIn("wrong")) == nil)
    }

    @Test func `with it the owner gets in while others guess`() throws {
        let device = try #require(cookie("device", of: try logIn("correct+horse")))
        for _ in 0..<5 { #expect(try logIn("wrong").status == .unprocessableContent) }
        #expect(try logIn("correct+horse").status == .tooManyRequests)
        let response = try logIn("correct+horse", cookies: [device])
        #expect(response.status == .seeOther)
        #expect(cookie("device", of: response) == device)
    }
}
