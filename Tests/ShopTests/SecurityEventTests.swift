import POSIX
import ShopTestSupport
import Testing

@testable import Shop

/// What is reported about accounts: each event once, by whom and from where, and nothing that a client could forge.
struct SecurityEventTests {
    private let heard = Heard()
    private let shop: TestShop
    private let user: User

    init() throws {
        let heard = heard
        shop = try TestShop(security: SecurityLog { event in heard.lines.write { $0.append(event.line) } })
        user = try shop.accounts.signUp(SignUp(login: "Kim", password: "correct horse", name: "김"))
    }

    private func logIn(_ login: String, _ password: String = "wrong", from address: String = "192.0.2.1") throws
        -> Token
    {
        try shop.accounts.logIn(login: login, password: password, from: .browser(address, device: nil)).token
    }

    private func fail(_ login: String, from address: String = "192.0.2.1") {
        #expect(throws: ShopError.self) { try logIn(login, from: address) }
    }

    @Test func `a customer's log-in is not an event`() throws {
        _ = try logIn("kim", "correct horse")
        #expect(heard.taken() == [])
    }

    @Test func `a wrong password is reported, and a throttled attempt as another event`() {
        for _ in 0..<6 { fail("kim") }
        let failed = "event=login-failed address=192.0.2.1 login=Kim"
        #expect(
            heard.taken() == Array(repeating: failed, count: 5) + [
                "event=login-throttled address=192.0.2.1 login=Kim"
            ])
    }

    @Test func `a program's events are reported like a browser's`() {
        #expect(throws: ShopError.invalidCredentials) {
            try shop.accounts.logIn(login: "kim", password: "wrong", from: .program("2001:DB8:0::1"))
        }
        #expect(heard.taken() == ["event=login-failed address=2001:db8::1 login=Kim"])
    }

    @Test(arguments: [
        "x\" address=1.2.3.4", "x address=1.2.3.4 login=y", "x\nevent=login-failed address=1.2.3.4 login=y",
        "x\r\u{2028}",
        "correct horse", "hunter2-hunter2",
    ])
    func `an unknown login is not written: it may be a password, or made to look like a line`(login: String) {
        fail(login)
        #expect(heard.taken() == ["event=login-failed address=192.0.2.1 login=-"])
    }

    @Test func `a login cannot end its field`() {
        let event = SecurityEvent(.loginFailed, "x\" address=1.2.3.4\n가%\u{0}", from: "192.0.2.1")
        #expect(
            event.line
                == "event=login-failed address=192.0.2.1 login=x%22%20address%3d1.2.3.4%0a%ea%b0%80%25%00")
    }

    @Test(arguments: [
        ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:0:0:0:0:0:7", "2001:db8::7"), ("", "-"), ("unix:", "-"),
        ("1.2.3.4 login=x", "-"), ("fe80::1%eth0", "-"), ("1.2.3", "-"),
    ])
    func `an address is a valid one or none`(given: String, written: String) {
        fail("kim", from: given)
        #expect(heard.taken() == ["event=login-failed address=\(written) login=Kim"])
    }

    @Test func `a password change is reported, and guessing at the old one`() throws {
        let own = try logIn("kim", "correct horse")
        _ = try logIn("kim", "correct horse")
        func change(_ old: String) throws {
            try shop.accounts.changePassword(
                of: user, from: old, to: "battery staple", keeping: own, at: "192.0.2.1")
        }
        #expect(throws: ShopError.invalidCredentials) { try change("wrong") }
        try change("correct horse")
        #expect(
            heard.taken() == [
                "event=password-refused address=192.0.2.1 login=Kim",
                "event=password-changed address=192.0.2.1 login=Kim sessions=1",
            ])
        for _ in 0..<6 { #expect(throws: ShopError.self) { try change("wrong") } }
        #expect(heard.taken().last == "event=password-throttled address=192.0.2.1 login=Kim")
    }

    @Test func `sessions ended from another one are reported, if there were any`() throws {
        let own = try logIn("kim", "correct horse")
        #expect(try shop.accounts.endOtherSessions(of: user, but: own, from: "192.0.2.1") == 0)
        #expect(heard.taken() == [])
        _ = try logIn("kim", "correct horse")
        #expect(try shop.accounts.endOtherSessions(of: user, but: own, from: "192.0.2.1") == 1)
        #expect(heard.taken() == ["event=sessions-ended address=192.0.2.1 login=Kim sessions=1"])
    }

    @Test func `a new owner and an owner's log-in are reported`() throws {
        _ = try shop.administration.create(SignUp(login: "boss", password: "open sesame", name: "b", role: .owner))
        #expect(heard.taken() == ["event=role-changed address=- login=boss role=owner"])
        _ = try logIn("BOSS", "open sesame")
        #expect(heard.taken() == ["event=staff-login address=192.0.2.1 login=boss"])
        fail("boss")
        #expect(heard.taken() == ["event=login-failed address=192.0.2.1 login=boss"])
    }

    @Test func `the operator's actions are reported once done`() throws {
        _ = try shop.employee("boss", .owner)
        _ = try logIn("kim", "correct horse")
        #expect(try shop.administration.setRole(of: "kim", to: .owner) == 1)
        #expect(try shop.administration.setRole(of: "kim", to: .owner) == 0)
        #expect(try shop.administration.setPassword(of: "kim", to: "battery staple") == 0)
        #expect(try shop.administration.endSessions(of: "kim") == 0)
        _ = try shop.administration.unlock("kim")
        #expect(try shop.administration.close("kim") == 0)
        #expect(throws: ShopError.accountClosed) { try shop.administration.close("kim") }
        #expect(throws: ShopError.accountNotFound) { try shop.administration.endSessions(of: "lee") }
        #expect(
            heard.taken() == [
                "event=role-changed address=- login=Kim role=owner sessions=1",
                "event=password-changed address=- login=Kim sessions=0",
                "event=account-closed address=- login=Kim sessions=0",
            ])
    }
}

private final class Heard: Sendable {
    let lines = Locked<[String]>([])

    /// What was reported since the last call.
    func taken() -> [String] {
        lines.write { lines in
            defer { lines = [] }
            return lines
        }
    }
}
