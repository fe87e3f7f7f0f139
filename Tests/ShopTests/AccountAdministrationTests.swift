import Shop
import ShopTestSupport
import Testing

/// What the shop's operator does with others' accounts.
struct AccountAdministrationTests {
    let shop: TestShop

    init() throws {
        shop = try TestShop()
        _ = try shop.accounts.signUp(SignUp(login: "Kim", password: "correct horse", name: "김"))
    }

    private func logIn(_ password: String = "correct horse") throws -> Token {
        try shop.accounts.logIn(login: "kim", password: password, from: .browser("192.0.2.1", device: nil)).token
    }

    @Test func `a new password takes the old one's place and ends all sessions`() throws {
        let tokens = try (0..<2).map { _ in try logIn() }
        #expect(try shop.administration.setPassword(of: "KIM", to: "battery staple") == 2)
        for token in tokens {
            #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(token) }
        }
        #expect(throws: ShopError.invalidCredentials) { try logIn() }
        _ = try logIn("battery staple")
    }

    @Test func `a new password lets an owner in who would have had to wait`() throws {
        for _ in 0..<5 { #expect(throws: ShopError.invalidCredentials) { try logIn("forgotten") } }
        #expect(throws: ShopError.tooManyAttempts(retryAfterSeconds: 1)) { try logIn("forgotten") }
        _ = try shop.administration.setPassword(of: "kim", to: "battery staple")
        _ = try logIn("battery staple")
    }

    @Test func `a session does not live on with a role that was taken away`() throws {
        _ = try shop.employee("boss", .owner)
        #expect(try shop.administration.setRole(of: "kim", to: .owner) == 0)
        let token = try logIn()
        #expect(try shop.accounts.caller(token).role == .owner)
        #expect(try shop.administration.setRole(of: "kim", to: .owner) == 0)
        #expect(try shop.accounts.caller(token).role == .owner)
        #expect(try shop.administration.setRole(of: "kim", to: .customer) == 1)
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(token) }
        #expect(try shop.accounts.caller(logIn()).role == .customer)
    }

    @Test func `nobody logs in to a closed account, and its login stays taken`() throws {
        let token = try logIn()
        #expect(try shop.administration.close("kim") == 1)
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(token) }
        #expect(throws: ShopError.invalidCredentials) { try logIn() }
        #expect(throws: ShopError.loginTaken) {
            try shop.accounts.signUp(SignUp(login: "kim", password: "correct horse", name: "김"))
        }
        #expect(throws: ShopError.accountClosed) {
            try shop.administration.setPassword(of: "kim", to: "battery staple")
        }
        #expect(throws: ShopError.accountClosed) { try shop.administration.setRole(of: "kim", to: .owner) }
        #expect(throws: ShopError.accountClosed) { try shop.administration.close("kim") }
        #expect(throws: ShopError.invalidCredentials) { try logIn() }
    }

    @Test func `closing an account leaves its orders and the books`() throws {
        let user = try shop.customer("lee", balance: 100_000)
        let order = try shop.order([(try shop.product(price: 1_000, stock: 5), 2)], user)
        _ = try shop.pay(order.id, user)
        _ = try shop.administration.close("lee")
        let kept = try shop.store.read { tx in try tx.orders.list(of: user, before: nil, limit: 10) }
        #expect(kept.items.map(\.id) == [order.id])
        #expect(try shop.audit() == [])
    }

    @Test func `sessions are shown and ended`() throws {
        let token = try logIn()
        #expect(try shop.administration.sessions(of: "kim", limit: 10).count == 1)
        #expect(try shop.administration.endSessions(of: "kim") == 1)
        #expect(try shop.administration.sessions(of: "kim", limit: 10) == [])
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(token) }
    }

    @Test func `accounts are listed page by page, each once`() throws {
        for login in ["lee", "park"] { _ = try shop.customer(login) }
        _ = try logIn()
        _ = try shop.administration.close("lee")
        var found: [Account] = []
        while true {
            let page = try shop.administration.accounts(after: found.last?.user.id ?? UserID(0), limit: 2)
            found += page
            if page.count < 2 { break }
        }
        #expect(found.map(\.user.login) == ["Kim", "lee", "park"])
        #expect(found.map { $0.closedAt == nil } == [true, false, true])
        #expect(found.map { $0.lastUsedAt == nil } == [false, true, true])
    }

    @Test func `an unknown login is refused`() throws {
        #expect(throws: ShopError.accountNotFound) {
            try shop.administration.setPassword(of: "nobody", to: "battery staple")
        }
        #expect(throws: ShopError.accountNotFound) { try shop.administration.setRole(of: "nobody", to: .owner) }
        #expect(throws: ShopError.accountNotFound) { try shop.administration.close("nobody") }
        #expect(throws: ShopError.accountNotFound) { try shop.administration.sessions(of: "nobody", limit: 1) }
        #expect(throws: ShopError.accountNotFound) { try shop.administration.endSessions(of: "nobody") }
        #expect(throws: ShopError.accountNotFound) { try shop.administration.unlock("nobody") }
    }
}
