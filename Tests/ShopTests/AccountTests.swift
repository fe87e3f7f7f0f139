import Shop
import ShopTestSupport
import TestSupport
import Testing

struct AccountTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private func signUp(_ login: String = "Kim", password: String = "correct horse") throws -> User {
        try shop.accounts.signUp(SignUp(login: login, password: password, name: "김"))
    }

    private func logIn(_ login: String = "kim", password: String = "correct horse", from address: String = "") throws
        -> (token: Token, expiresAt: Timestamp)
    {
        try shop.accounts.logIn(login: login, password: password, from: .browser(address, device: nil))
    }

    private func token() throws -> Token { try logIn().token }

    // MARK: Signing up and logging in

    @Test func `a login is one whatever its case, and is shown as it was typed`() throws {
        let user = try signUp("Kim.Chulsoo")
        #expect(user.login == "Kim.Chulsoo")
        #expect(user.role == .customer)
        #expect(user.createdAt == shop.clock.now)
        for login in ["Kim.Chulsoo", "kim.chulsoo", "KIM.CHULSOO"] {
            #expect(throws: ShopError.loginTaken) { try signUp(login) }
            let caller = try shop.accounts.caller(try logIn(login).token)
            #expect(caller == Caller(user: user.id, role: .customer))
            #expect(try shop.accounts.user(caller) == user)
        }
    }

    @Test func `an admin's token has the admin's role`() throws {
        _ = try shop.administration.create(SignUp(login: "boss", password: "correct horse", name: "", role: .owner))
        #expect(try shop.accounts.caller(try logIn("boss").token).role == .owner)
    }

    @Test func `a wrong password and an unknown login are refused alike`() throws {
        _ = try signUp()
        #expect(throws: ShopError.invalidCredentials) { try logIn(password: "wrong horse") }
        #expect(throws: ShopError.invalidCredentials) { try logIn(password: "") }
        #expect(throws: ShopError.invalidCredentials) { try logIn("nobody") }
    }

    @Test func `one without a password cannot log in`() throws {
        _ = try shop.customer("tokenonly")
        #expect(throws: ShopError.invalidCredentials) { try logIn("tokenonly", password: "") }
    }

    @Test func `passwords are told apart to the last byte and in each script`() throws {
        _ = try signUp(password: "비밀번호 🔑 é")
        _ = try logIn(password: "비밀번호 🔑 é")
        #expect(throws: ShopError.invalidCredentials) { try logIn(password: "비밀번호 🔑 e") }
    }

    @Test func `an unknown login costs the time of a hash too`() throws {
        let hasher = PasswordHasher(cost: .init(logN: 12, blockSize: 8, parallelism: 1))
        let hash = try hasher.hash("correct horse")
        var known: [Double] = []
        var unknown: [Double] = []
        for _ in 0..<5 {
            known.append(try processorMilliseconds { _ = try hasher.verify("wrong", hash) })
            unknown.append(try processorMilliseconds { _ = try hasher.verify("wrong", nil) })
        }
        // The minimum of several: the machine may be busy with other tests.
        let (least, leastUnknown) = (try #require(known.min()), try #require(unknown.min()))
        #expect(leastUnknown > least * 0.5, "known \(least) ms, unknown \(leastUnknown) ms")
        #expect(leastUnknown < least * 2, "known \(least) ms, unknown \(leastUnknown) ms")
    }

    // MARK: Passwords

    @Test func `a password is kept as a PHC string with a salt of its own`() throws {
        let form = /\$scrypt\$ln=4,r=8,p=1\$[A-Za-z0-9+\/]{22}\$[A-Za-z0-9+\/]{43}/
        let (one, other) = (try shop.hasher.hash("correct horse"), try shop.hasher.hash("correct horse"))
        #expect(try form.wholeMatch(in: one) != nil)
        #expect(one != other)
        _ = try signUp()
        let stored = try shop.rows("SELECT password_hash FROM users")
        #expect(try form.wholeMatch(in: stored[0]) != nil)
    }

    @Test func `the standard cost is the one that was chosen`() {
        #expect(PasswordHasher.Cost() == PasswordHasher.Cost(logN: 14, blockSize: 8, parallelism: 5))
    }

    @Test func `a hash is checked at the cost that it was made at`() throws {
        let old = try PasswordHasher(cost: .init(logN: 5, blockSize: 4, parallelism: 2)).hash("correct horse")
        #expect(try shop.hasher.verify("correct horse", old))
        #expect(try !shop.hasher.verify("wrong horse", old))
    }

    @Test func `a hash is the one that RFC 7914 has`() throws {
        // The third of its test vectors (section 12); a hash here keeps the first 32 bytes.
        let phc = "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI"
        #expect(try shop.hasher.verify("pleaseletmein", phc))
        #expect(try !shop.hasher.verify("pleaseletmeout", phc))
    }

    @Test(arguments: [
        "", "x", "$scrypt$", "$scrypt$ln=4,r=8,p=1$!!$!!", "$argon2$ln=4,r=8,p=1$AAAA$AAAA", "$scrypt$ln=x$AAAA$AAAA",
    ])
    func `what is not a hash of ours matches no password`(_ phc: String) throws {
        #expect(try !shop.hasher.verify("", phc))
    }

    // MARK: Sessions

    @Test func `a token is 256 random bits of which only the hash is kept`() throws {
        _ = try signUp()
        let (one, other) = (try token(), try token())
        #expect(one.text.count == 43)
        #expect(one.text != other.text)
        #expect(one.hash.bytes.count == 32)
        #expect(try shop.rows("SELECT count(*) FROM sessions WHERE length(token_hash) = 32") == ["2"])
        #expect(try shop.rows("SELECT * FROM sessions").allSatisfy { !$0.contains(one.text) })
        #expect("\(one)" == "Token(secret)")
    }

    @Test(arguments: [
        "", "abc", String(repeating: "a", count: 42), String(repeating: "a", count: 44),
        String(repeating: "=", count: 43), String(repeating: "가", count: 43),
    ])
    func `text that cannot be a token is not one`(_ text: String) {
        #expect(Token(text[...]) == nil)
    }

    @Test func `an unknown token is unauthenticated`() throws {
        let made = try #require(Token(String(repeating: "a", count: 43)[...]))
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(made) }
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.logOut(made) }
    }

    @Test func `a session ends 30 days after it was made, used or not`() throws {
        _ = try signUp()
        let (token, expiresAt) = try logIn()
        #expect(expiresAt == shop.clock.now + .days(30))
        for _ in 0..<3 {
            shop.clock.advance(.days(9))
            _ = try shop.accounts.caller(token)
            try shop.sessionUse.flush(to: shop.store, at: shop.clock.now)
        }
        shop.clock.set(expiresAt - Timestamp.Span(milliseconds: 1))
        _ = try shop.accounts.caller(token)
        shop.clock.set(expiresAt)
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(token) }
    }

    @Test func `a session ends when it was not used for 14 days`() throws {
        _ = try signUp()
        let token = try token()
        shop.clock.advance(.days(14))
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(token) }
        shop.clock.set(shop.clock.now - Timestamp.Span(milliseconds: 1))
        _ = try shop.accounts.caller(token)
        try shop.sessionUse.flush(to: shop.store, at: shop.clock.now)
        shop.clock.advance(Timestamp.Span(milliseconds: 14 * 86_400_000 - 1))
        _ = try shop.accounts.caller(token)
        shop.clock.advance(Timestamp.Span(milliseconds: 1))
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(token) }
    }

    @Test func `a new password needs the old one, and ends every other session`() throws {
        let user = try signUp()
        let own = try token()
        let other = try token()
        #expect(throws: ShopError.invalidCredentials) {
            try shop.accounts.changePassword(of: user, from: "wrong", to: "battery staple", keeping: own)
        }
        #expect(try shop.accounts.sessions(of: user.id).count == 2)
        try shop.accounts.changePassword(
            of: user, from: "correct horse", to: "battery staple", keeping: own)
        #expect(throws: ShopError.invalidCredentials) { try logIn() }
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(other) }
        #expect(try shop.accounts.caller(own).user == user.id)
        #expect(try shop.accounts.sessions(of: user.id).map(\.tokenHash) == [own.hash.bytes])
        _ = try logIn(password: "battery staple")
    }

    @Test func `signing up logs in, or does neither`() throws {
        let signUp = SignUp(login: "kim", password: "correct horse", name: "김")
        for _ in 0..<6 { #expect(throws: ShopError.self) { try logIn(password: "wrong") } }
        let token = try shop.accounts.signUpAndLogIn(signUp).token
        #expect(try shop.accounts.customer(token)?.user.login == "kim")
        #expect(throws: ShopError.loginTaken) { try shop.accounts.signUpAndLogIn(signUp) }
        #expect(try shop.rows("SELECT count(*) FROM sessions") == ["1"])
    }

    @Test func `a password change that was overtaken changes nothing`() throws {
        let user = try signUp()
        let (own, thief) = (try token(), try token())
        try shop.accounts.changePassword(
            of: user, from: "correct horse", to: "battery staple", keeping: own)
        // The first one ended its session, as if both had been under way.
        #expect(throws: ShopError.self) {
            try shop.accounts.changePassword(
                of: user, from: "battery staple", to: "thief's own", keeping: thief)
        }
        _ = try logIn(password: "battery staple")
    }

    @Test func `of many sessions the newest are shown, and none that has ended`() throws {
        let user = try signUp()
        let first = try token()
        for _ in 0..<101 {
            shop.clock.advance(.seconds(1))
            _ = try token()
        }
        let last = try token()
        let shown = try shop.accounts.sessions(of: user.id)
        #expect(shown.count == 100)
        #expect(shown.contains { $0.tokenHash == last.hash.bytes })
        #expect(!shown.contains { $0.tokenHash == first.hash.bytes })
        shop.clock.advance(.days(14))
        #expect(try shop.accounts.sessions(of: user.id).isEmpty)
    }

    @Test func `guessing the old password is slowed down like guessing a log-in`() throws {
        let user = try signUp()
        let own = try token()
        for _ in 0..<5 {
            #expect(throws: ShopError.invalidCredentials) {
                try shop.accounts.changePassword(of: user, from: "x", to: "battery staple", keeping: own)
            }
        }
        #expect(throws: ShopError.tooManyAttempts(retryAfterSeconds: 1)) {
            try shop.accounts.changePassword(
                of: user, from: "correct horse", to: "battery staple", keeping: own)
        }
    }

    @Test func `a page knows its customer by the token, and nobody by one that ended`() throws {
        let user = try signUp()
        _ = try shop.charge(5_000, user.id)
        let token = try token()
        let customer = try #require(try shop.accounts.customer(token))
        #expect(customer.user == user)
        #expect(customer.balance == Won(5_000))
        #expect(customer.basketCount == 0)
        try shop.accounts.logOut(token)
        #expect(try shop.accounts.customer(token) == nil)
    }

    @Test func `a caller that is not cached is found with what was asked for, unless the session ended`() throws {
        let user = try signUp()
        let (token, expiresAt) = try logIn()
        _ = try shop.charge(30_000, user.id)
        func amount(_ token: Token) throws -> Int64 {
            let (caller, amount) = try shop.balances.amount(ofCallerWith: token)
            #expect(caller == Caller(user: user.id, role: .customer))
            return amount.amount
        }
        // Looked up, then cached.
        #expect(try amount(token) == 30_000)
        _ = try shop.charge(1_000, user.id)
        #expect(try amount(token) == 31_000)
        let other = try self.token()
        try shop.accounts.logOut(other)
        #expect(throws: ShopError.unauthenticated) { try amount(other) }
        #expect(try amount(token) == 31_000)
        // Expired by the clock, cached and not.
        shop.clock.set(expiresAt)
        #expect(throws: ShopError.unauthenticated) { try amount(token) }
        try shop.accounts.logOut(token)
        #expect(throws: ShopError.unauthenticated) { try amount(token) }
    }

    @Test func `a session's use is written once an hour`() throws {
        _ = try signUp()
        let token = try token()
        func lastUse() throws -> [String] { try shop.rows("SELECT last_used_at FROM sessions") }
        let first = try lastUse()
        shop.clock.advance(Timestamp.Span(milliseconds: 3_599_999))
        _ = try shop.accounts.caller(token)
        try shop.sessionUse.flush(to: shop.store, at: shop.clock.now)
        #expect(try lastUse() == first)
        shop.clock.advance(Timestamp.Span(milliseconds: 1))
        _ = try shop.accounts.caller(token)
        try shop.sessionUse.flush(to: shop.store, at: shop.clock.now)
        #expect(try lastUse() == ["\(shop.clock.now.milliseconds)"])
    }

    @Test func `a use that could not be written is written the next time`() throws {
        _ = try signUp()
        let token = try token()
        shop.clock.advance(.hours(2))
        _ = try shop.accounts.caller(token)
        let closed = try TestShop()
        closed.store.close()
        #expect(throws: UnavailableError.self) { try shop.sessionUse.flush(to: closed.store, at: shop.clock.now) }
        try shop.sessionUse.flush(to: shop.store, at: shop.clock.now)
        #expect(try shop.rows("SELECT last_used_at FROM sessions") == ["\(shop.clock.now.milliseconds)"])
    }

    @Test func `logging out ends one session, once`() throws {
        _ = try signUp()
        let (one, other) = (try token(), try token())
        try shop.accounts.logOut(one)
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(one) }
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.logOut(one) }
        _ = try shop.accounts.caller(other)
    }

    @Test func `a session that was just used ends at once, whoever ends it`() throws {
        _ = try signUp()
        let (one, other, third) = (try token(), try token(), try token())
        for token in [one, other, third, one, other, third] { _ = try shop.accounts.caller(token) }
        try shop.accounts.logOut(one)
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(one) }
        _ = try shop.accounts.caller(other)
        let hash = other.hash.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try shop.execute("DELETE FROM sessions WHERE token_hash = x'\(hash)'")
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(other) }
        _ = try shop.accounts.caller(third)
    }

    @Test func `the batch ends expired sessions, and no others`() throws {
        _ = try signUp()
        _ = try token()
        shop.clock.advance(Timestamp.Span(milliseconds: 14 * 86_400_000 - 1))
        let used = try token()
        #expect(try shop.housekeeping.run().endedSessions == 0)
        shop.clock.advance(Timestamp.Span(milliseconds: 1))
        #expect(try shop.housekeeping.run().endedSessions == 1)
        _ = try shop.accounts.caller(used)
        shop.clock.advance(.days(30))
        #expect(try shop.housekeeping.run().endedSessions == 1)
    }
}
