import SQLite
import Shop
import ShopTestSupport
import Synchronization
import Testing

@testable import ShopStore

/// The versions under which product lists and sessions are cached: equal exactly as long as nothing has changed.
struct VersionTests {
    let shop: TestShop
    let user: UserID
    let apple: ProductID

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 100_000)
        apple = try shop.product(price: 1_000, stock: 100)
    }

    private func changes(_ work: () throws -> Void) throws -> Bool {
        let before = shop.store.version(of: .catalogue)
        try work()
        let after = shop.store.version(of: .catalogue)
        #expect(shop.store.version(of: .catalogue) == after)
        return after != before
    }

    @Test func `whatever changes a product changes it`() throws {
        #expect(try changes { _ = try shop.product() })
        #expect(try changes { _ = try shop.change(apple, name: "배") })
        #expect(try changes { _ = try shop.change(apple, stockChange: 1) })
        #expect(try changes { _ = try shop.change(apple, isListed: false) })
        _ = try shop.change(apple, isListed: true)
        let order = try shop.order([(apple, 1)], user)
        #expect(try changes { _ = try shop.pay(order.id, user) })
        #expect(try changes { _ = try shop.refund(order.id, by: user) })
        shop.views.count([apple])
        #expect(try changes { try shop.views.flush(to: shop.store) })
        #expect(try changes { try shop.popular.recompute() })
    }

    @Test func `what changes no product leaves it equal`() throws {
        #expect(try !changes { for _ in 0..<20 { _ = try shop.charge(1_000, user) } })
        #expect(try !changes { _ = try shop.issue(try shop.coupon(), user) })
        #expect(try !changes { _ = try shop.customer("other") })
        #expect(try !changes { _ = try shop.cancel(try shop.order([(apple, 1)], user).id, user) })
        #expect(try !changes { _ = try shop.housekeeping.run() })
        #expect(try !changes { _ = try shop.products.list(ProductQuery()) })
        #expect(try !changes { #expect(throws: ShopError.self) { try shop.charge(1, user) } })
    }

    @Test func `the end of a session changes the sessions, its beginning and its use do not`() throws {
        func changes(_ work: () throws -> Void) throws -> Bool {
            let before = shop.store.version(of: .sessions)
            try work()
            return shop.store.version(of: .sessions) != before
        }
        let login = "kim"
        _ = try shop.accounts.signUp(SignUp(login: login, password: "correct horse", name: ""))
        var token: Token?
        #expect(
            try !changes {
                token = try shop.accounts.logIn(
                    login: login, password: "correct horse", from: .browser("", device: nil)
                ).token
            }
        )
        let begun = try #require(token)
        shop.clock.advance(.hours(2))
        #expect(
            try !changes {
                _ = try shop.accounts.caller(begun)
                try shop.sessionUse.flush(to: shop.store, at: shop.clock.now)
            })
        #expect(try !changes { _ = try shop.product() })
        #expect(try changes { try shop.accounts.logOut(begun) })
        #expect(try !changes { _ = try shop.housekeeping.run() }, "there is none left to end")
        #expect(try changes { try shop.connection().execute("UPDATE users SET name = name || 1") })
    }

    @Test func `another connection's commit is seen`() throws {
        let other = try shop.connection()
        #expect(try changes { try other.execute("UPDATE products SET price = 7") })
        #expect(try !changes { _ = try shop.charge(1_000, user) })
        #expect(try changes { try other.execute("UPDATE products SET price = 8") })
        #expect(try changes { try other.execute("UPDATE products SET price = 9") })
        #expect(try changes { _ = try shop.product() })
    }

    @Test func `another connection's commit is seen after a write that changed nothing`() throws {
        let other = try shop.connection()
        let poor = try shop.customer("poor")
        let order = try shop.order([(apple, 1)], poor)
        for price in 7...9 {
            #expect(throws: ShopError.orderNotFound) { try shop.pay(OrderID(99), user) }
            #expect(try changes { try other.execute("UPDATE products SET price = \(price)") })
            #expect(throws: ShopError.insufficientBalance(missing: Won(1_000))) { try shop.pay(order.id, poor) }
            #expect(try changes { try other.execute("UPDATE products SET price = 1\(price)") })
        }
    }

    @Test func `another connection's commit is seen between our own commits`() throws {
        let other = try shop.connection()
        #expect(
            try changes {
                _ = try shop.charge(1_000, user)
                try other.execute("UPDATE products SET price = 7")
                _ = try shop.charge(1_000, user)
            })
    }

    @Test func `as long as it stays equal nothing has changed, whoever writes`() throws {
        let (shop, user, apple) = (shop, user, apple)
        let isOver = Atomic<Bool>(false)
        let writers = Racers(3) { number in
            let own = try shop.connection()
            for round in 0..<100 {
                switch number {
                case 0: _ = try shop.charge(1_000, user)
                case 1: _ = try shop.change(apple, price: Int64(round + 1))
                default: if round.isMultiple(of: 4) { try own.execute("UPDATE products SET views = views + 1") }
                }
            }
        }
        let readers = Racers(2) { _ in
            var equal = 0
            while !isOver.load(ordering: .acquiring) {
                let version = shop.store.version(of: .catalogue)
                let first = try shop.stored(apple)
                let second = try shop.stored(apple)
                if shop.store.version(of: .catalogue) == version {
                    equal += 1
                    if first != second { throw ShopError.forbidden }
                }
            }
            return equal
        }
        #expect(writers.outcomes()?.successes == 3)
        isOver.store(true, ordering: .releasing)
        for outcome in try #require(readers.outcomes()) { #expect(try outcome.get() > 0) }
    }
}
