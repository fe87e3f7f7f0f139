import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// What a program of the staff's sends again, as it has not heard whether it arrived.
struct StaffCallsAgainAPITests {
    private let pages: PageShop
    private let token: Token
    private static let nina = #"{"login":"nina","password":"battery staple","name":"니나","role":"reader"}"#

    init() throws {
        pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "사장", role: .owner))
        token = try pages.shop.accounts.logIn(login: "boss", password: "correct horse", from: .program("")).token
    }

    private func post(_ path: String, _ body: String = "", key: String?, as token: Token? = nil) throws -> Response {
        var fields: HTTPFields = [.host: "shop.example", .contentType: "application/json"]
        fields[.authorization] = "Bearer \((token ?? self.token).text)"
        fields[.idempotencyKey] = key
        return pages.respond(
            Request(method: .post, target: "/api/v1\(path)", fields: fields, body: .bytes(Array(body.utf8))))
    }

    private func actions(_ action: TraceAction) throws -> [String] {
        try pages.shop.rows("SELECT count(*) FROM trace WHERE action = '\(action.rawValue)'")
    }

    @Test func `an account of the staff's is made once, and answered alike`() throws {
        let first = try post("/admin/staff", Self.nina, key: "k")
        let second = try post("/admin/staff", Self.nina, key: "k")
        #expect((first.status, second.status) == (.created, .created) && first.html == second.html)
        #expect((first.fields[.idempotentReplayed], second.fields[.idempotentReplayed]) == (nil, "true"))
        // The owner's and this one.
        #expect(try actions(.accountCreated) == ["2"])
        #expect(try pages.shop.rows("SELECT count(*) FROM users WHERE login = 'nina'") == ["1"])
        let other = Self.nina.replacing("battery staple", with: "battery stable")
        #expect(try post("/admin/staff", other, key: "k").status == .unprocessableContent)
        #expect(try post("/admin/staff", Self.nina, key: nil).status == .conflict)
        #expect(try pages.shop.audit() == [])
    }

    @Test func `from what is kept for the key nobody can find the password out`() throws {
        let boss = try #require(try pages.shop.accounts.customer(token)).user.id
        #expect(try post("/admin/staff", Self.nina, key: "k").status == .created)
        let kept = try #require(try pages.shop.store.read { tx in try tx.idempotency.find("k", of: boss) })
        #expect(!String(decoding: kept.receipt.bytes, as: UTF8.self).contains("battery"))
        let guessed = IdempotencyKey(
            text: "k", of: Array("POST".utf8), Array("/api/v1/admin/staff".utf8), Array(Self.nina.utf8))
        #expect(kept.fingerprint != guessed.fingerprint)
        // In another session the same key is not the same request.
        let again = try pages.shop.accounts.logIn(login: "boss", password: "correct horse", from: .program("")).token
        #expect(try post("/admin/staff", Self.nina, key: "k", as: again).status == .unprocessableContent)
    }

    @Test func `a coupon is closed once, and answered alike`() throws {
        let (coupon, other) = (try pages.shop.coupon(), try pages.shop.coupon())
        let path = "/admin/coupons/\(coupon.value)/close"
        let (first, second) = (try post(path, key: "k"), try post(path, key: "k"))
        #expect((first.status, second.status) == (.ok, .ok) && first.html == second.html)
        #expect((first.fields[.idempotentReplayed], second.fields[.idempotentReplayed]) == (nil, "true"))
        #expect(try actions(.couponClosed) == ["1"])
        #expect(try post(path, key: nil).status == .conflict)
        #expect(try post("/admin/coupons/\(other.value)/close", key: "k").status == .unprocessableContent)
        #expect(try actions(.couponClosed) == ["1"])
    }
}
