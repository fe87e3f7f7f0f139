import Shop
import ShopTestSupport
import Testing

/// What moves money or changes other people's accounts asks for a password that was given lately.
struct PasswordAgainTests {
    let shop: TestShop
    private let token: Token

    init() throws {
        shop = try TestShop()
        _ = try shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "사장", role: .owner))
        token = try shop.accounts.logIn(
            login: "boss", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    private func staff() throws -> Staff { try shop.accounts.staff(token, by: .browser, from: "192.0.2.1").staff }

    private func confirm(_ password: String = "correct horse") throws {
        let user = try shop.accounts.user(shop.accounts.caller(token))
        try shop.accounts.confirmPassword(of: user, password, in: token, at: "192.0.2.1")
    }

    private static let all: Set<Permission> = [.refundOrders, .manageAccounts, .correctBalances, .closeCustomers]

    /// What asks for the password now.
    private func asking() throws -> Set<Permission> {
        let staff = try staff()
        var asking: Set<Permission> = []
        func ask(_ permission: Permission, _ capability: () throws -> Any) {
            do {
                _ = try capability()
            } catch {
                #expect(error as? ShopError == .passwordRequired, "\(permission)")
                asking.insert(permission)
            }
        }
        ask(.refundOrders) { try shop.served.refunds(by: staff) }
        ask(.manageAccounts) { try shop.served.accountAdministration(by: staff) }
        ask(.correctBalances) { try shop.served.balanceCorrections(by: staff) }
        ask(.closeCustomers) { try shop.served.accountClosing(by: staff) }
        ask(.changeProducts) { try shop.served.productAdministration(by: staff) }
        ask(.addCoupons) { try shop.served.couponAdministration(by: staff) }
        ask(.endSessions) { try shop.served.sessionEnding(by: staff) }
        ask(.readTrace) { try shop.served.trace(for: staff) }
        return asking
    }

    @Test func `fifteen minutes after the log-in it is asked for, and then again`() throws {
        #expect(try asking() == [])
        shop.clock.advance(Timestamp.Span(milliseconds: 15 * 60_000 - 1))
        #expect(try asking() == [])
        shop.clock.advance(Timestamp.Span(milliseconds: 1))
        #expect(try asking() == Self.all)
        try confirm()
        #expect(try asking() == [])
        shop.clock.advance(.minutes(15))
        #expect(try asking() == Self.all)
    }

    @Test func `so do changes of the own second factor`() throws {
        func own() throws -> OwnSecondFactor { try shop.accounts.secondFactor(token, by: .browser, from: "") }
        shop.clock.advance(.minutes(15))
        #expect(throws: ShopError.passwordRequired) { try own().begin() }
        #expect(throws: ShopError.passwordRequired) { try own().renewRecoveryCodes() }
        #expect(throws: ShopError.passwordRequired) { try own().remove() }
        try confirm()
        _ = try own().begin()
    }

    @Test func `it is that session's alone`() throws {
        let other = try shop.accounts.logIn(login: "boss", password: "correct horse", from: .program("")).token
        shop.clock.advance(.minutes(15))
        try confirm()
        let elsewhere = try shop.accounts.staff(other, by: .program, from: "").staff
        #expect(throws: ShopError.passwordRequired) { try shop.served.refunds(by: elsewhere) }
        #expect(try asking() == [])
    }

    @Test func `the shell is asked for nothing`() throws {
        shop.clock.advance(.days(30))
        _ = try shop.served.refunds(by: .shell("root"))
        _ = try shop.served.accountAdministration(by: .shell("root"))
    }

    @Test func `a session from before the password was noted counts from its beginning`() throws {
        try shop.execute("UPDATE sessions SET password_at = NULL, created_at = created_at - 900000")
        #expect(try asking() == Self.all)
    }

    @Test func `wrong passwords change nothing, and wait like those of a password change`() throws {
        shop.clock.advance(.minutes(15))
        for _ in 0..<5 { #expect(throws: ShopError.invalidCredentials) { try confirm("wrong") } }
        #expect(throws: ShopError.tooManyAttempts(retryAfterSeconds: 1)) { try confirm() }
        #expect(try asking() == Self.all)
        shop.clock.advance(.seconds(1))
        try confirm()
        #expect(try asking() == [])
    }

    @Test func `a session that has ended gains nothing by it`() throws {
        let user = try shop.accounts.user(shop.accounts.caller(token))
        try shop.accounts.logOut(token)
        #expect(throws: ShopError.unauthenticated) {
            try shop.accounts.confirmPassword(of: user, "correct horse", in: token, at: "")
        }
    }
}
