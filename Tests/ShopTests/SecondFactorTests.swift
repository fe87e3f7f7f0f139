import POSIX
import ShopTestSupport
import Testing

@testable import Shop

/// Staff log in with a code of their phone: how it is set up, asked for, lost, and who cannot go without.
struct SecondFactorTests {
    private let heard = Locked<[String]>([])
    private let shop: TestShop

    init() throws {
        let heard = heard
        shop = try TestShop(
            policy: Policy(), security: SecurityLog { event in heard.write { $0.append(event.line) } })
        for role in Role.allCases {
            _ = try shop.administration.create(
                SignUp(login: role.rawValue, password: "correct horse", name: "직원", role: role))
        }
        heard.write { $0 = [] }
    }

    private func logIn(_ login: String = "owner", code: String? = nil, from address: String = "192.0.2.1") throws
        -> Token
    {
        try shop.accounts.logIn(
            login: login, password: "correct horse", code: code, from: .program(address)
        ).token
    }

    private func own(_ token: Token) throws -> OwnSecondFactor {
        try shop.accounts.secondFactor(token, by: .browser, from: "192.0.2.1")
    }

    /// Sets one up; the app, the recovery codes, and the session that did it.
    private func setUp(_ login: String = "owner") throws -> (app: TOTP, codes: [String], token: Token) {
        let token = try logIn(login)
        let app = try own(token).begin()
        let codes = try own(token).confirm(app.code(of: TOTP.step(at: shop.clock.now)))
        shop.clock.advance(.seconds(TOTP.stepSeconds))
        return (app, codes.map(\.text), token)
    }

    private func shown(_ app: TOTP, ahead: Int64 = 0) -> String { app.code(of: TOTP.step(at: shop.clock.now) + ahead) }

    private func traced() throws -> [String] {
        try shop.served.trace(for: .test).list(TraceQuery(), before: nil, limit: 100).items
            .map { "\($0.staff.login): \($0.line.action.rawValue) \($0.line.subject.id)" }
            .filter { $0.contains("factor") || $0.contains("recovery") }
    }

    // MARK: Who needs one

    @Test(arguments: Role.allCases.filter(\.isStaff))
    func `owners and managers reach nothing before they have one`(_ role: Role) throws {
        let token = try logIn(role.rawValue)
        let needsOne = role == .owner || role == .manager
        if needsOne {
            #expect(throws: ShopError.secondFactorRequired) { try shop.accounts.staff(token, by: .program, from: "") }
        } else {
            _ = try shop.accounts.staff(token, by: .program, from: "")
        }
        #expect(try own(token).state().isRequired == needsOne)
        // As a customer they are like everybody.
        _ = try shop.accounts.caller(token)
    }

    @Test func `where it is optional nobody needs one, and all staff may have one`() throws {
        var policy = shop.policy
        policy.secondFactor = .optional
        let easy = shop.served.with(policy: policy)
        for role in Role.allCases where role.isStaff {
            let token = try logIn(role.rawValue)
            _ = try easy.accounts.staff(token, by: .program, from: "")
            let own = try easy.accounts.secondFactor(token, by: .browser, from: "")
            #expect(try !own.state().isRequired)
            _ = try own.confirm(shown(try own.begin()))
            #expect(throws: ShopError.codeRequired) { try logIn(role.rawValue) }
            try own.remove()
            _ = try logIn(role.rawValue)
        }
    }

    @Test func `a customer has none`() throws {
        #expect(throws: ShopError.forbidden) { try own(logIn("customer")) }
    }

    @Test func `the first step says who needs one`() throws {
        for role in Role.allCases {
            let step = try shop.accounts.begin(
                login: role.rawValue, password: "correct horse", from: .browser("", device: nil))
            guard case .loggedIn(_, _, let needsOne) = step else {
                Issue.record("\(step)")
                continue
            }
            #expect(needsOne == (role == .owner || role == .manager), "\(role)")
        }
    }

    // MARK: Setting it up

    @Test func `it is not in force before a first code`() throws {
        let token = try logIn()
        #expect(throws: ShopError.secondFactorNotBegun) { try own(token).confirm("123456") }
        let app = try own(token).begin()
        #expect(try own(token).state().begun == app)
        _ = try logIn()
        #expect(throws: ShopError.invalidCode) { try own(token).confirm("12345") }
        #expect(throws: ShopError.secondFactorRequired) { try shop.accounts.staff(token, by: .program, from: "") }
        let codes = try own(token).confirm(shown(app))
        #expect(Set(codes.map(\.text)).count == 10)
        _ = try shop.accounts.staff(token, by: .program, from: "")
        let state = try own(token).state()
        #expect((state.since, state.begun, state.recoveryCodesLeft) == (shop.clock.now, nil, 10))
        #expect(throws: ShopError.codeRequired) { try logIn() }
        #expect(try traced() == ["owner: second-factor-set 5"])
    }

    @Test func `the code that confirmed it logs nobody in`() throws {
        let token = try logIn()
        let app = try own(token).begin()
        let code = shown(app)
        _ = try own(token).confirm(code)
        #expect(throws: ShopError.invalidCode) { try logIn(code: code) }
        shop.clock.advance(.seconds(30))
        _ = try logIn(code: shown(app))
    }

    @Test func `what was begun is forgotten after an hour, or when it is begun anew`() throws {
        let token = try logIn()
        let first = try own(token).begin()
        let second = try own(token).begin()
        #expect(throws: ShopError.invalidCode) { try own(token).confirm(shown(first)) }
        shop.clock.advance(.hours(1))
        #expect(try own(token).state().begun == nil)
        #expect(throws: ShopError.secondFactorNotBegun) { try own(token).confirm(shown(second)) }
    }

    @Test func `sessions that nobody gave a code for end`() throws {
        let other = try logIn()
        let (_, _, token) = try setUp()
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(other) }
        _ = try shop.accounts.caller(token)
    }

    @Test func `another phone takes the first one's place once it is confirmed`() throws {
        let (old, codes, token) = try setUp()
        let new = try own(token).begin()
        _ = try logIn(code: shown(old))
        shop.clock.advance(.seconds(30))
        _ = try own(token).confirm(shown(new))
        shop.clock.advance(.seconds(30))
        #expect(throws: ShopError.invalidCode) { try logIn(code: shown(old)) }
        #expect(throws: ShopError.invalidCode) { try logIn(code: codes[0]) }
        _ = try logIn(code: shown(new))
    }

    // MARK: Logging in

    @Test func `a code is needed, and each is taken once`() throws {
        let (app, _, _) = try setUp()
        #expect(throws: ShopError.codeRequired) { try logIn() }
        let code = shown(app)
        _ = try logIn(code: code)
        #expect(throws: ShopError.invalidCode) { try logIn(code: code) }
        _ = try logIn(code: shown(app, ahead: 1))
        #expect(throws: ShopError.invalidCode) { try logIn(code: shown(app, ahead: -1)) }
    }

    @Test func `a wrong password says nothing about the code`() throws {
        let (app, _, _) = try setUp()
        #expect(throws: ShopError.invalidCredentials) {
            try shop.accounts.logIn(login: "owner", password: "wrong", code: shown(app), from: .program(""))
        }
        _ = try logIn(code: shown(app))
    }

    @Test func `of two log-ins with one code at once, one gets in`() throws {
        let (app, codes, _) = try setUp()
        for code in [shown(app), codes[3]] {
            let outcomes = Racers(8) { number in _ = try logIn(code: code, from: "192.0.2.\(number)") }.outcomes()
            #expect(outcomes?.successes == 1)
            #expect(outcomes?.count { $0.error as? ShopError == .invalidCode } == 7)
        }
    }

    @Test func `recovery codes work once each, until there are new ones`() throws {
        let (app, codes, token) = try setUp()
        for (used, code) in codes.enumerated() {
            _ = try logIn(code: code)
            #expect(try own(token).state().recoveryCodesLeft == 9 - used)
        }
        #expect(throws: ShopError.invalidCode) { try logIn(code: codes[0]) }
        let new = try own(token).renewRecoveryCodes().map(\.text)
        #expect(Set(new).isDisjoint(with: codes) && new.count == 10)
        _ = try logIn(code: new[9])
        _ = try logIn(code: shown(app))
        #expect(try traced() == ["owner: recovery-codes-made 5", "owner: second-factor-set 5"])
    }

    @Test func `the step in between ends after five minutes, and with the password`() throws {
        let (app, _, _) = try setUp()
        func begin() throws -> String {
            let step = try shop.accounts.begin(
                login: "owner", password: "correct horse", from: .browser("", device: nil))
            guard case .needsCode(let half) = step else { throw ShopError.forbidden }
            return half
        }
        func finish(_ half: String) throws {
            _ = try shop.accounts.finish(half, code: shown(app), from: .browser("", device: nil))
        }
        let half = try begin()
        #expect(Token(half[...]) == nil)
        for text in ["", "x", String(half.dropLast(2)) + "AA", "A" + half.dropFirst()] where text != half {
            #expect(throws: ShopError.unauthenticated) { try finish(text) }
        }
        shop.clock.advance(.minutes(5))
        #expect(throws: ShopError.unauthenticated) { try finish(half) }
        let other = try begin()
        _ = try shop.administration.setPassword(of: "owner", to: "battery staple")
        #expect(throws: ShopError.unauthenticated) { try finish(other) }
    }

    @Test func `what the owner can read in the database lets nobody in by a recovery code`() throws {
        let (_, codes, _) = try setUp()
        let hashes = try shop.rows("SELECT hex(hash) FROM recovery_codes")
        #expect(hashes.count == 10)
        for hash in hashes { #expect(!codes.contains(hash)) }
    }

    // MARK: Guessing

    private func guess(from address: String = "192.0.2.9") -> ShopError? {
        Result { try logIn(code: "12345", from: address) }.error as? ShopError
    }

    @Test func `wrong codes are slowed down like wrong passwords, and told`() throws {
        let (app, _, _) = try setUp()
        heard.write { $0 = [] }
        for _ in 0..<5 { #expect(guess() == .invalidCode) }
        for seconds in [1, 2, 4] {
            #expect(guess() == .tooManyAttempts(retryAfterSeconds: seconds))
            shop.clock.advance(.seconds(Int64(seconds)))
            #expect(guess() == .invalidCode)
        }
        // The right password in between forgives no wrong code.
        #expect(throws: ShopError.codeRequired) { try logIn(from: "192.0.2.9") }
        #expect(guess() == .tooManyAttempts(retryAfterSeconds: 8))
        let lines = heard.read { $0 }
        #expect(lines.count { $0 == "event=code-refused address=192.0.2.9 login=owner" } == 8)
        #expect(lines.count { $0 == "event=code-throttled address=192.0.2.9 login=owner" } == 4)
        // Nobody else waits for that.
        _ = try logIn(code: shown(app))
    }

    @Test func `strangers who try codes from everywhere wait together, the owner's places do not`() throws {
        let (app, _, _) = try setUp()
        let device = try shop.accounts.knownDevice(of: "owner", before: nil)
        for place in 0..<50 { #expect(guess(from: "198.51.100.\(place)") == .invalidCode) }
        #expect(guess(from: "203.0.113.1") == .tooManyAttempts(retryAfterSeconds: 1))
        let step = try shop.accounts.begin(
            login: "owner", password: "correct horse", from: .browser("203.0.113.2", device: device))
        guard case .needsCode(let half) = step else { throw ShopError.forbidden }
        _ = try shop.accounts.finish(half, code: shown(app), from: .browser("203.0.113.2", device: device))
        #expect(try shop.administration.unlock("owner") > 0)
        #expect(guess(from: "203.0.113.1") == .invalidCode)
    }

    @Test func `a right code ends the wait of its place`() throws {
        let (app, _, _) = try setUp()
        for _ in 0..<5 { #expect(guess(from: "192.0.2.1") == .invalidCode) }
        shop.clock.advance(.seconds(1))
        _ = try logIn(code: shown(app))
        for _ in 0..<5 { #expect(guess(from: "192.0.2.1") == .invalidCode) }
    }

    // MARK: Losing it

    @Test func `a role that needs one cannot remove it, but have it replaced`() throws {
        let (_, _, token) = try setUp()
        #expect(throws: ShopError.secondFactorRequired) { try own(token).remove() }
        let (_, _, reader) = try setUp("reader")
        try own(reader).remove()
        #expect(throws: ShopError.secondFactorNotFound) { try own(reader).remove() }
        #expect(throws: ShopError.secondFactorNotFound) { try own(reader).renewRecoveryCodes() }
        _ = try logIn("reader")
    }

    @Test func `an owner or the shell removes a lost one, which ends the sessions and is traced`() throws {
        let (_, codes, token) = try setUp("manager")
        #expect(try shop.administration.removeSecondFactor(of: "MANAGER") == 1)
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(token) }
        #expect(throws: ShopError.secondFactorNotFound) { try shop.administration.removeSecondFactor(of: "manager") }
        #expect(throws: ShopError.accountNotFound) { try shop.administration.removeSecondFactor(of: "nobody") }
        #expect(try shop.rows("SELECT count(*) FROM recovery_codes") == ["0"])
        let again = try logIn("manager", code: codes[0])
        #expect(throws: ShopError.secondFactorRequired) { try shop.accounts.staff(again, by: .program, from: "") }
        #expect(try traced() == ["test: second-factor-removed 4", "manager: second-factor-set 4"])
        #expect(
            heard.read { $0 }.contains("event=second-factor-removed address=- login=manager sessions=1"))
    }

    @Test func `an owner removes others' in the browser, but not the own one`() throws {
        let (app, _, token) = try setUp()
        _ = try setUp("support")
        func accounts() throws -> AccountAdministration {
            let owner = try shop.accounts.staff(token, by: .browser, from: "192.0.2.1").staff
            return try shop.served.accountAdministration(by: owner)
        }
        func id(_ login: String) throws -> UserID { try shop.administration.account(login).user.id }
        #expect(try accounts().staff(id("support")).secondFactorSince == shop.clock.now - .seconds(TOTP.stepSeconds))
        #expect(try accounts().removeSecondFactor(of: id("support")) == 1)
        #expect(try accounts().staff(id("support")).secondFactorSince == nil)
        for login in ["customer", "owner"] {
            let expected: ShopError = login == "owner" ? .secondFactorRequired : .accountNotFound
            #expect(throws: expected) { try accounts().removeSecondFactor(of: id(login)) }
        }
        #expect(throws: ShopError.secondFactorNotFound) { try accounts().removeSecondFactor(of: id("reader")) }
        #expect(throws: ShopError.codeRequired) { try logIn() }
        _ = try logIn(code: shown(app))
        #expect(try traced().first == "owner: second-factor-removed \(id("support").value)")
        shop.clock.advance(.minutes(15))
        #expect(throws: ShopError.passwordRequired) { try accounts() }
    }

    @Test func `of two who remove one at once, one does`() throws {
        _ = try setUp("manager")
        let outcomes = Racers(8) { _ in _ = try shop.administration.removeSecondFactor(of: "manager") }.outcomes()
        #expect(outcomes?.successes == 1)
        #expect(outcomes?.count { $0.error as? ShopError == .secondFactorNotFound } == 7)
        #expect(try traced().count { $0.contains("removed") } == 1)
    }

    @Test func `who is no longer staff, or whose account is closed, keeps none`() throws {
        for login in ["manager", "support"] { _ = try setUp(login) }
        _ = try shop.administration.setRole(of: "manager", to: .customer)
        _ = try shop.administration.close("support")
        #expect(try shop.rows("SELECT count(*) FROM second_factors") == ["0"])
        _ = try logIn("manager")
    }

    @Test func `setting it up, a recovery code and a log-in are told`() throws {
        let (app, codes, _) = try setUp()
        _ = try logIn(code: shown(app))
        _ = try logIn(code: codes[0])
        #expect(
            heard.read { $0 } == [
                "event=staff-login address=192.0.2.1 login=owner",
                "event=second-factor-set address=192.0.2.1 login=owner sessions=0",
                "event=staff-login address=192.0.2.1 login=owner",
                "event=recovery-code-used address=192.0.2.1 login=owner",
                "event=staff-login address=192.0.2.1 login=owner",
            ])
    }
}
