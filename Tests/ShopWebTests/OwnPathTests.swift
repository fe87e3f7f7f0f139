import HTTPTypes
import Shop
import Testing
import Web

@testable import ShopWeb

struct OwnPathTests {
    @Test(arguments: ["/", "/orders/12/pay", "/products?q=%EA%B9%80&sort=price", "/a//b"])
    func `a path on this shop is followed`(_ path: String) {
        #expect(OwnPath.path(path) == path)
    }

    @Test(arguments: [
        "", "//evil.example", "https://evil.example", "/\\evil.example", "\\/evil.example", "evil",
        "javascript:alert(1)",
        "/\t/evil.example", "/a\r\nSet-Cookie: x=y", "/ evil", "/가", "/\u{0}",
    ])
    func `what a browser could take for another site is not`(_ path: String) {
        #expect(OwnPath.path(path) == nil)
    }

    @Test func `nor is an empty or overlong one`() {
        #expect(OwnPath.path(nil) == nil)
        #expect(OwnPath.path("/" + String(repeating: "a", count: 2_000)) == nil)
    }
}

struct CookieTests {
    private func request(_ cookies: [String], isSecure: Bool = false) -> Request {
        var fields = HTTPFields()
        for cookie in cookies { fields.append(HTTPField(name: .cookie, value: cookie)) }
        return Request(method: .get, target: "/", fields: fields, isSecure: isSecure)
    }

    @Test func `a cookie is found among others, in one field or many`() {
        #expect(Cookie.session.value(in: request(["a=b; session=x; language=en"])) == "x")
        #expect(Cookie.language.value(in: request(["a=b", "language=en"])) == "en")
        #expect(Cookie.session.value(in: request(["xsession=x; session"])) == nil)
    }

    @Test func `behind TLS only one that came through TLS counts`() {
        #expect(Cookie.session.value(in: request(["session=x"], isSecure: true)) == nil)
        #expect(Cookie.session.value(in: request(["__Host-session=x"], isSecure: true)) == "x")
    }

    @Test func `it is for the shop's server alone`() {
        #expect(
            Cookie.session.field("x", for: request([]), seconds: 60).value
                == "session=x; Path=/; HttpOnly; SameSite=Lax; Max-Age=60")
        #expect(
            Cookie.visitor.field("x", for: request([], isSecure: true), seconds: nil).value
                == "__Host-visit=x; Path=/; HttpOnly; SameSite=Lax; Secure")
    }
}

struct FormTests {
    private func form(_ text: String, type: String = "application/x-www-form-urlencoded") throws -> Form {
        try Form(
            Request(method: .post, target: "/", fields: [.contentType: type], body: .bytes(Array(text.utf8))))
    }

    @Test func `what people type is read as they mean it`() throws {
        var form = try form("amount=+30%2C000+&name=+%EA%B9%80+&password=+a+")
        #expect(form.integer("amount", in: 1...100_000) == 30_000)
        #expect(form.text("name", length: 1...64) == "김")
        #expect(form.password("password", length: 1...128) == " a ")
        try form.finish()
    }

    @Test func `all errors are reported at once`() throws {
        var form = try form("amount=many&login=a&name=&quantity=1001&note=%FF")
        _ = form.integer("amount", in: 1...10)
        _ = form.text("login", length: 3...64)
        _ = form.text("name", length: 1...64)
        _ = form.integer("quantity", in: 1...1_000)
        _ = form.text("note", length: 1...64)
        _ = form.integer("missing", in: 1...10)
        let wrong = ValidationError([
            FieldError("amount", .type("integer")), FieldError("login", .shorter(3)), FieldError("name", .missing),
            FieldError("quantity", .above(1_000)), FieldError("note", .missing), FieldError("missing", .missing),
        ])
        #expect(throws: wrong) { try form.finish() }
    }

    @Test func `passwords are never shown again`() throws {
        let values = try form("login=kim&password=secret&current=a&new=b&csrf=c&key=d").values
        #expect(values == ["login": "kim"])
    }

    @Test func `neither another type nor invalid UTF-8 is read`() throws {
        #expect(throws: RequestError.unsupportedMediaType) { try form("{}", type: "application/json") }
        _ = try form("a=b", type: "application/x-www-form-urlencoded; charset=utf-8")
        let broken = Request(
            method: .post, target: "/", fields: [.contentType: "application/x-www-form-urlencoded"],
            body: .bytes([0x61, 0x3d, 0xff]))
        #expect(throws: RequestError.malformed("form is not UTF-8")) { try Form(broken) }
    }

    @Test func `a form larger than any of the shop's is refused`() throws {
        #expect(throws: RequestError.payloadTooLarge) { try form("a=" + String(repeating: "b", count: Form.mostBytes)) }
        #expect(throws: RequestError.payloadTooLarge) { try form(String(repeating: "&a", count: 300)) }
        #expect(try form(String(repeating: "a&", count: 299)).all.count == 299)
    }
}
