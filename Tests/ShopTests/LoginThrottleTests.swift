import Shop
import TestSupport
import Testing

/// Wrong log-ins are slowed down, per login and per address.
struct LoginThrottleTests {
    let shop: TestShop

    init() throws {
        shop = try TestShop()
        _ = try shop.accounts.signUp(SignUp(login: "kim", password: "correct horse", name: "김"))
    }

    private func tryWrong(_ login: String = "kim", from address: String = "") -> (any Error)? {
        Result { try shop.accounts.logIn(login: login, password: "wrong", address: address) }.error
    }

    private func isHeldBack(seconds: Int, _ login: String = "kim", from address: String = "") -> Bool {
        tryWrong(login, from: address) as? ShopError == .tooManyAttempts(retryAfterSeconds: seconds)
    }

    private func fails(_ times: Int, _ login: (Int) -> String = { _ in "kim" }, from address: String = "") -> Bool {
        (0..<times).allSatisfy { tryWrong(login($0), from: address) as? ShopError == .invalidCredentials }
    }

    @Test func `five wrong ones cost no wait, then the wait doubles up to five minutes`() {
        #expect(fails(5))
        var waits: [Int] = []
        for _ in 0..<11 {
            guard case ShopError.tooManyAttempts(let seconds)? = tryWrong() else { break }
            waits.append(seconds)
            shop.clock.advance(Timestamp.Span(milliseconds: Int64(seconds) * 1_000 - 1))
            #expect(isHeldBack(seconds: 1))
            shop.clock.advance(Timestamp.Span(milliseconds: 1))
            #expect(tryWrong() as? ShopError == .invalidCredentials)
        }
        #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    }

    @Test func `who has to wait is refused with the right password too`() throws {
        #expect(fails(5))
        #expect(throws: ShopError.tooManyAttempts(retryAfterSeconds: 1)) {
            try shop.accounts.logIn(login: "KIM", password: "correct horse", address: "")
        }
        shop.clock.advance(.seconds(1))
        _ = try shop.accounts.logIn(login: "KIM", password: "correct horse", address: "")
    }

    @Test func `being refused while waiting does not make the wait longer`() {
        #expect(fails(5))
        for _ in 0..<20 { #expect(isHeldBack(seconds: 1)) }
        shop.clock.advance(.seconds(1))
        #expect(tryWrong() as? ShopError == .invalidCredentials)
    }

    @Test func `the right password clears the login's count`() throws {
        #expect(fails(4))
        _ = try shop.accounts.logIn(login: "kim", password: "correct horse", address: "")
        #expect(fails(5))
        #expect(isHeldBack(seconds: 1))
    }

    @Test func `another login is not slowed down`() throws {
        _ = try shop.accounts.signUp(SignUp(login: "lee", password: "correct horse", name: "이"))
        #expect(fails(5))
        _ = try shop.accounts.logIn(login: "lee", password: "correct horse", address: "")
    }

    @Test func `a login that does not exist is slowed down like one that does`() {
        #expect(fails(5, { _ in "nobody" }))
        #expect(isHeldBack(seconds: 1, "nobody"))
        #expect(isHeldBack(seconds: 1, "NOBODY"))
    }

    @Test func `an address may be wrong thirty times, whoever it tries`() throws {
        #expect(fails(30, { "user\($0)" }, from: "192.0.2.1"))
        #expect(isHeldBack(seconds: 1, "someone", from: "192.0.2.1"))
        #expect(throws: ShopError.tooManyAttempts(retryAfterSeconds: 1)) {
            try shop.accounts.logIn(login: "kim", password: "correct horse", address: "192.0.2.1")
        }
        _ = try shop.accounts.logIn(login: "kim", password: "correct horse", address: "192.0.2.2")
    }

    @Test func `the right password does not clear the address's count`() throws {
        #expect(fails(29, { "user\($0)" }, from: "192.0.2.1"))
        _ = try shop.accounts.logIn(login: "kim", password: "correct horse", address: "192.0.2.1")
        #expect(fails(1, { _ in "other" }, from: "192.0.2.1"))
        #expect(isHeldBack(seconds: 1, "someone", from: "192.0.2.1"))
    }

    @Test func `after an hour without a wrong one the count starts anew, and the batch forgets it`() throws {
        #expect(fails(5))
        shop.clock.advance(.hours(1))
        #expect(try shop.housekeeping.run().forgottenLogins == 0)
        #expect(fails(5))
        #expect(isHeldBack(seconds: 1))
        shop.clock.advance(Timestamp.Span(milliseconds: 3_600_001))
        #expect(try shop.housekeeping.run().forgottenLogins == 1)
    }
}

/// At most so many passwords are hashed at once, and so many wait.
struct HashingGateTests {
    @Test func `more than may run and wait are refused at once`() throws {
        let gate = HashingGate(atOnce: 1, waiting: 2)
        let hold = Hold()
        let first = Racers(1) { _ in try gate.run { hold.wait() } }
        #expect(eventually { hold.waiting == 1 })
        let waiting = Racers(2) { _ in try gate.run {} }
        #expect(eventually { waiting.allWait })
        let refused = #expect(throws: Unavailable.self) { try gate.run {} }
        #expect(refused?.retryAfterSeconds == 2)
        hold.release()
        #expect(first.outcomes()?.successes == 1)
        #expect(waiting.outcomes()?.successes == 2)
        try gate.run {}
    }

    @Test func `as many run at once as may, and no more`() throws {
        let gate = HashingGate(atOnce: 2, waiting: 10)
        let hold = Hold()
        let racers = Racers(6) { _ in try gate.run { hold.wait() } }
        #expect(eventually { hold.waiting == 2 && racers.allWait })
        #expect(hold.waiting == 2)
        hold.release()
        #expect(racers.outcomes()?.successes == 6)
    }

    @Test func `work that throws makes room again`() throws {
        let gate = HashingGate(atOnce: 1, waiting: 0)
        for _ in 0..<3 {
            #expect(throws: ShopError.forbidden) { try gate.run { throw ShopError.forbidden } }
        }
        try gate.run {}
    }

    @Test func `a sign-up and a log-in past the gate are unavailable and change nothing`() throws {
        let shop = try TestShop()
        let gate = HashingGate(atOnce: 0, waiting: 0)
        let accounts = Accounts(
            store: shop.store, clock: shop.clock.shopClock, policy: Policy(), hasher: shop.hasher, gate: gate,
            use: SessionUse())
        #expect(throws: Unavailable.self) {
            try accounts.signUp(SignUp(login: "kim", password: "correct horse", name: "김"))
        }
        #expect(throws: Unavailable.self) { try accounts.logIn(login: "kim", password: "x", address: "") }
        #expect(try shop.rows("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM failed_logins)") == ["0|0"])
    }
}
