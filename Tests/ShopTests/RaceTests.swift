import Shop
import ShopTestSupport
import Testing

/// Money, stock and coupons under threads that all want the same thing at once. The books are right after each race.
struct RaceTests {
    let shop: TestShop
    static let threads = 24

    init() throws {
        var policy = Policy()
        policy.pendingOrders = Self.threads
        shop = try TestShop(policy: policy)
    }

    private func customers(balance: Int64 = 0) throws -> [UserID] {
        try (0..<Self.threads).map { try shop.customer("racer\($0)", balance: balance) }
    }

    /// The outcomes: the successes, and the others' refusals.
    private func race<Outcome: Sendable>(_ work: @escaping @Sendable (TestShop, Int) throws -> Outcome) throws
        -> (won: [Outcome], refused: [ShopError])
    {
        let shop = shop
        let outcomes = try #require(Racers(Self.threads) { try work(shop, $0) }.outcomes())
        let won = outcomes.compactMap { try? $0.get() }
        let refused = outcomes.compactMap { $0.error as? ShopError }
        #expect(won.count + refused.count == Self.threads, "\(outcomes.compactMap(\.error))")
        return (won, refused)
    }

    @Test func `a coupon is issued to exactly as many users as there are copies`() throws {
        let users = try customers()
        let coupon = try shop.coupon(quantity: 7)
        let (won, refused) = try race { shop, number in try shop.issue(coupon, users[number]) }
        #expect(won.count == 7)
        #expect(refused.allSatisfy { $0 == .couponSoldOut })
        #expect(try shop.rows("SELECT remaining FROM coupons") == ["0"])
        #expect(try shop.audit() == [])
    }

    @Test func `a coupon wanted many times by one user is issued once`() throws {
        let user = try shop.customer()
        let coupon = try shop.coupon(quantity: 7)
        let (won, refused) = try race { shop, _ in try shop.issue(coupon, user) }
        #expect(won.count == 1)
        #expect(refused.allSatisfy { $0 == .couponAlreadyIssued })
        #expect(try shop.rows("SELECT remaining FROM coupons") == ["6"])
        #expect(try shop.audit() == [])
    }

    @Test func `stock is sold to exactly as many customers as it lasts for`() throws {
        let users = try customers(balance: 1_000)
        let apple = try shop.product(price: 1_000, stock: 10)
        let orders = try users.map { try shop.order([(apple, 1)], $0).id }
        let (won, refused) = try race { shop, number in try shop.pay(orders[number], users[number]) }
        #expect(won.count == 10)
        #expect(refused.allSatisfy { $0 == .outOfStock(apple) })
        #expect(try shop.stored(apple)?.stock == 0)
        #expect(try shop.audit() == [])
    }

    @Test func `one order paid by many hands is paid once`() throws {
        let user = try shop.customer(balance: 100_000)
        let order = try shop.order([(try shop.product(), 1)], user)
        let (won, refused) = try race { shop, _ in try shop.pay(order.id, user) }
        #expect(won.count == 1)
        #expect(refused.allSatisfy { $0 == .orderNotPending })
        #expect(try shop.balance(user) == 99_000)
        #expect(try shop.audit() == [])
    }

    @Test func `one order paid and cancelled at once is one of both`() throws {
        let user = try shop.customer(balance: 100_000)
        let order = try shop.order([(try shop.product(), 1)], user)
        let (won, refused) = try race { shop, number in
            number.isMultiple(of: 2) ? try shop.pay(order.id, user).order : try shop.cancel(order.id, user).id
        }
        #expect(won.count == 1)
        #expect(refused.allSatisfy { $0 == .orderNotPending })
        #expect(try shop.audit() == [])
    }

    @Test func `one order refunded by many hands is refunded once`() throws {
        let user = try shop.customer(balance: 100_000)
        let order = try shop.order([(try shop.product(), 1)], user)
        _ = try shop.pay(order.id, user)
        let (won, refused) = try race { shop, _ in try shop.refund(order.id, by: user) }
        #expect(won.count == 1)
        #expect(refused.allSatisfy { $0 == .orderNotCompleted })
        #expect(try shop.balance(user) == 100_000)
        #expect(try shop.audit() == [])
    }

    @Test func `one balance pays for as many orders as it covers`() throws {
        let user = try shop.customer(balance: 5_500)
        let apple = try shop.product(price: 1_000, stock: 100)
        let orders = try (0..<Self.threads).map { _ in try shop.order([(apple, 1)], user).id }
        let (won, refused) = try race { shop, number in try shop.pay(orders[number], user) }
        #expect(won.count == 5)
        #expect(Set(won.map(\.balance)) == [Won(4_500), Won(3_500), Won(2_500), Won(1_500), Won(500)])
        #expect(refused.allSatisfy { $0 == .insufficientBalance(missing: Won(500)) })
        #expect(try shop.audit() == [])
    }

    @Test func `charges of one user never overtake each other`() throws {
        let user = try shop.customer()
        let (won, _) = try race { shop, number in
            try (1...5).map { try shop.charge(1_000 + Int64(number) + $0, user) }
        }
        let entries = won.flatMap { $0 }.sorted { $0.id < $1.id }
        #expect(entries.count == Self.threads * 5)
        var balance = Won.zero
        for entry in entries {
            balance = balance + entry.amount
            #expect(entry.balance == balance)
        }
        #expect(try shop.balance(user) == balance.amount)
        #expect(try shop.audit() == [])
    }

    @Test func `one coupon is used for one of many orders`() throws {
        let user = try shop.customer(balance: 100_000)
        let mine = try shop.issue(try shop.coupon(), user)
        let apple = try shop.product(stock: 100)
        let orders = try (0..<Self.threads).map { _ in try shop.order([(apple, 1)], coupon: mine.id, user).id }
        let (won, refused) = try race { shop, number in try shop.pay(orders[number], user) }
        #expect(won.count == 1)
        #expect(refused.allSatisfy { $0 == .couponNotUsable })
        #expect(try shop.audit() == [])
    }

    @Test func `one idempotency key has one effect and one answer`() throws {
        let user = try shop.customer()
        let (won, _) = try race { shop, _ in
            try shop.balances.charge(
                Won(1_000),
                Submission(caller: user, key: .init(text: "k", of: [1])) { entry in
                    Receipt(code: 201, bytes: Array("\(entry.id.value)".utf8))
                })
        }
        #expect(won.count == Self.threads)
        #expect(won.count { !$0.isReplayed } == 1)
        #expect(Set(won.map(\.bytes)).count == 1)
        #expect(try shop.balance(user) == 1_000)
        #expect(try shop.audit() == [])
    }

    @Test func `one login signed up by many is one user`() throws {
        let (won, refused) = try race { shop, number in
            try shop.accounts.signUp(
                SignUp(login: number.isMultiple(of: 2) ? "kim" : "KIM", password: "correct horse", name: "김"))
        }
        #expect(won.count == 1)
        #expect(refused.allSatisfy { $0 == .loginTaken })
        #expect(try shop.audit() == [])
    }
}
