import Glibc
import POSIX
import ShopTestSupport
import TestSupport
import Testing

@testable import Shop

/// Wrong log-ins are slowed down, per login and place; known devices, apart from everybody else.
struct LoginThrottleTests {
    let shop: TestShop

    init() throws {
        shop = try TestShop()
        _ = try shop.accounts.signUp(SignUp(login: "kim", password: "correct horse", name: "김"))
    }

    private func tryWrong(_ login: String = "kim", from address: String = "", device: String? = nil) -> (any Error)? {
        Result {
            try shop.accounts.logIn(login: login, password: "wrong", from: .browser(address, device: device))
        }.error
    }

    private func logsIn(_ login: String = "kim", from address: String = "", device: String? = nil) throws {
        _ = try shop.accounts.logIn(
            login: login, password: "correct horse", from: .browser(address, device: device))
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

    @Test func `a user who has to wait is refused even with the right password`() throws {
        #expect(fails(5))
        #expect(throws: ShopError.tooManyAttempts(retryAfterSeconds: 1)) {
            try shop.accounts.logIn(login: "KIM", password: "correct horse", from: .browser("", device: nil))
        }
        shop.clock.advance(.seconds(1))
        _ = try shop.accounts.logIn(login: "KIM", password: "correct horse", from: .browser("", device: nil))
    }

    @Test func `being refused while waiting does not make the wait longer`() {
        #expect(fails(5))
        for _ in 0..<20 { #expect(isHeldBack(seconds: 1)) }
        shop.clock.advance(.seconds(1))
        #expect(tryWrong() as? ShopError == .invalidCredentials)
    }

    @Test func `the right password clears the login's count`() throws {
        #expect(fails(4))
        _ = try shop.accounts.logIn(login: "kim", password: "correct horse", from: .browser("", device: nil))
        #expect(fails(5))
        #expect(isHeldBack(seconds: 1))
    }

    @Test func `another login is not slowed down`() throws {
        _ = try shop.accounts.signUp(SignUp(login: "lee", password: "correct horse", name: "이"))
        #expect(fails(5))
        _ = try shop.accounts.logIn(login: "lee", password: "correct horse", from: .browser("", device: nil))
    }

    @Test func `a login that does not exist is slowed down like one that does`() {
        #expect(fails(5, { _ in "nobody" }))
        #expect(isHeldBack(seconds: 1, "nobody"))
        #expect(isHeldBack(seconds: 1, "NOBODY"))
    }

    @Test func `parallel attempts are no more than sequential ones`() throws {
        let racers = Racers(30) { _ in
            try shop.accounts.logIn(login: "kim", password: "wrong", from: .browser("192.0.2.1", device: nil))
        }
        let outcomes = try #require(racers.outcomes())
        #expect(outcomes.count { $0.error as? ShopError == .invalidCredentials } == 5)
        #expect(outcomes.count { $0.error as? ShopError == .tooManyAttempts(retryAfterSeconds: 1) } == 25)
    }

    @Test func `guessing from one place keeps nobody out elsewhere`() throws {
        #expect(fails(5, from: "192.0.2.1"))
        #expect(isHeldBack(seconds: 1, from: "192.0.2.1"))
        try logsIn(from: "192.0.2.2")
        #expect(isHeldBack(seconds: 1, from: "192.0.2.1"))
    }

    @Test func `guessing from everywhere leaves the owner one free attempt anywhere`() throws {
        for place in 0..<50 { #expect(fails(1, from: "198.51.100.\(place)")) }
        #expect(fails(1, from: "192.0.2.1"))
        #expect(isHeldBack(seconds: 1, from: "192.0.2.1"))
        try logsIn(from: "192.0.2.2")
    }

    @Test func `only its own wrong attempts keep a known device out`() throws {
        let device = try shop.accounts.knownDevice(of: "Kim", before: nil)
        #expect(fails(5, from: "192.0.2.1"))
        #expect(fails(25, { "user\($0)" }, from: "192.0.2.1"))
        #expect(isHeldBack(seconds: 1, from: "192.0.2.1"))
        try logsIn("KIM", from: "192.0.2.1", device: device)
        for _ in 0..<5 {
            #expect(tryWrong(from: "192.0.2.1", device: device) as? ShopError == .invalidCredentials)
        }
        #expect(tryWrong(device: device) as? ShopError == .tooManyAttempts(retryAfterSeconds: 1))
        // Its attempts did not count as strangers', from anywhere.
        try logsIn(from: "192.0.2.9")
    }

    @Test func `a device is known by the login that it was made for, and by nothing forged`() throws {
        let device = try shop.accounts.knownDevice(of: "lee", before: nil)
        let own = try shop.accounts.knownDevice(of: "kim", before: nil)
        #expect(fails(5, from: "192.0.2.1"))
        let forged = String(own.dropLast(4)) + "AAAA"
        for text in [device, forged, "", "x", String(own.dropLast())] {
            #expect(
                tryWrong(from: "192.0.2.1", device: text) as? ShopError == .tooManyAttempts(retryAfterSeconds: 1))
        }
        try logsIn(from: "192.0.2.1", device: own)
    }

    @Test func `a device that logs in again keeps its count`() throws {
        let device = try shop.accounts.knownDevice(of: "kim", before: nil)
        #expect(try shop.accounts.knownDevice(of: "kim", before: device) == device)
        #expect(try shop.accounts.knownDevice(of: "lee", before: device) != device)
    }

    @Test func `a program is known by its login and network once it has logged in`() throws {
        func program(_ password: String, _ address: String = "2001:db8::1") throws {
            _ = try shop.accounts.logIn(login: "kim", password: password, from: .program(address))
        }
        try program("correct horse")
        #expect(fails(30, { "user\($0)" }, from: "2001:db8::2"))
        #expect(isHeldBack(seconds: 1, "someone", from: "2001:db8::2"))
        try program("correct horse", "2001:db8:0:0:1::9")
        #expect(throws: ShopError.tooManyAttempts(retryAfterSeconds: 1)) {
            try shop.accounts.logIn(login: "lee", password: "x", from: .program("2001:db8::1"))
        }
        shop.clock.advance(.days(91))
        #expect(try shop.housekeeping.run().forgottenPrograms == 1)
    }

    @Test func `strangers in one network wait a few seconds after thirty wrong ones, for any login`() throws {
        #expect(fails(30, { "user\($0)" }, from: "192.0.2.1"))
        for seconds in [1, 2, 4, 4] {
            #expect(isHeldBack(seconds: seconds, "someone\(seconds)", from: "192.0.2.1"))
            shop.clock.advance(.seconds(Int64(seconds)))
            #expect(fails(1, { _ in "other\(shop.clock.now.milliseconds)" }, from: "192.0.2.1"))
        }
        #expect(throws: ShopError.tooManyAttempts(retryAfterSeconds: 4)) { try logsIn(from: "192.0.2.1") }
        try logsIn(from: "192.0.2.2")
    }

    @Test func `the right password does not clear the network's count`() throws {
        #expect(fails(29, { "user\($0)" }, from: "192.0.2.1"))
        try logsIn(from: "192.0.2.1")
        #expect(fails(1, { _ in "other" }, from: "192.0.2.1"))
        #expect(isHeldBack(seconds: 1, "someone", from: "192.0.2.1"))
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1", "fe80:0:0:0::/64"), ("", ""), ("unix:", "unix:"),
    ])
    func `IPv6 addresses with the same first half are one`(address: String, network: String) {
        #expect(LogInOrigin.program(address).network == network)
    }

    @Test func `a login is unlocked by hand, wherever it was guessed at from`() throws {
        #expect(fails(5, from: "192.0.2.1"))
        #expect(fails(5, { _ in "kimchi" }, from: "192.0.2.1"))
        let forgotten = try shop.administration.unlock("KIM")
        #expect(forgotten == 2)
        try logsIn(from: "192.0.2.1")
        #expect(isHeldBack(seconds: 1, "kimchi", from: "192.0.2.1"))
    }

    @Test func `after an hour without a wrong one the count starts over, and the batch forgets it`() throws {
        #expect(fails(5))
        shop.clock.advance(.hours(1))
        #expect(try shop.housekeeping.run().forgottenLogins == 0)
        #expect(fails(5))
        #expect(isHeldBack(seconds: 1))
        shop.clock.advance(Timestamp.Span(milliseconds: 3_600_001))
        #expect(try shop.housekeeping.run().forgottenLogins == 2)
    }
}

/// A limited number of passwords is hashed at once, and a limited number waits.
struct HashingGateTests {
    @Test func `more than may run and wait are refused at once`() throws {
        let gate = HashingGate(atOnce: 1, waiting: 2)
        let hold = Hold()
        let first = Racers(1) { _ in try gate.run(.strangers) { hold.wait() } }
        try eventually("one is held back") { hold.waiting == 1 }
        let waiting = Racers(2) { _ in try gate.run(.strangers) {} }
        try eventually("both wait") { waiting.allWait }
        let refused = #expect(throws: UnavailableError.self) { try gate.run(.strangers) {} }
        #expect(refused?.retryAfterSeconds == 2)
        hold.release()
        #expect(first.outcomes()?.successes == 1)
        #expect(waiting.outcomes()?.successes == 2)
        try gate.run(.strangers) {}
    }

    @Test func `known callers go first, and strangers, however many, take none of their places`() throws {
        let gate = HashingGate(atOnce: 1, waiting: 2)
        let hold = Hold()
        let order = Locked<[String]>([])
        let first = Racers(1) { _ in try gate.run(.strangers) { hold.wait() } }
        try eventually("one is held back") { hold.waiting == 1 }
        let strangers = Racers(2) { _ in try gate.run(.strangers) { order.write { $0.append("stranger") } } }
        try eventually("two wait at the gate") { gate.waiting == 2 }
        #expect(throws: UnavailableError.self) { try gate.run(.strangers) {} }
        let known = Racers(2) { _ in try gate.run(.known) { order.write { $0.append("known") } } }
        try eventually("four wait at the gate") { gate.waiting == 4 }
        hold.release()
        for racers in [first, strangers, known] { #expect(racers.outcomes()?.successes != 0) }
        #expect(order.read { $0 } == ["known", "known", "stranger", "stranger"])
    }

    @Test func `hashing leaves a core to others, and yields to them`() throws {
        #expect([1, 2, 4].map(HashingGate.atOnce) == [1, 1, 3])
        let gate = HashingGate(atOnce: 1, waiting: 1)
        let own = getpriority(Int32(PRIO_PROCESS.rawValue), 0)
        let hashing = try gate.run(.strangers) { getpriority(Int32(PRIO_PROCESS.rawValue), 0) }
        #expect(hashing > own)
        #expect(getpriority(Int32(PRIO_PROCESS.rawValue), 0) == own)
    }

    @Test func `as many run at once as allowed, and no more`() throws {
        let gate = HashingGate(atOnce: 2, waiting: 10)
        let hold = Hold()
        let racers = Racers(6) { _ in try gate.run(.strangers) { hold.wait() } }
        try eventually("two are held back and the others wait") { hold.waiting == 2 && racers.allWait }
        #expect(hold.waiting == 2)
        hold.release()
        #expect(racers.outcomes()?.successes == 6)
    }

    @Test func `work that throws makes room again`() throws {
        let gate = HashingGate(atOnce: 1, waiting: 0)
        for _ in 0..<3 {
            #expect(throws: ShopError.forbidden) { try gate.run(.strangers) { throw ShopError.forbidden } }
        }
        try gate.run(.strangers) {}
    }

    @Test func `a sign-up and a log-in past the gate are unavailable and change nothing`() throws {
        let shop = try TestShop()
        let accounts = shop.other(over: shop.store, gate: HashingGate(atOnce: 0, waiting: 0)).accounts
        #expect(throws: UnavailableError.self) {
            try accounts.signUp(SignUp(login: "kim", password: "correct horse", name: "김"))
        }
        #expect(throws: UnavailableError.self) {
            try accounts.logIn(login: "kim", password: "x", from: .browser("", device: nil))
        }
        #expect(try shop.rows("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM failed_logins)") == ["0|0"])
    }
}
