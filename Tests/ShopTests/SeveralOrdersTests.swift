import Shop
import ShopTestSupport
import Testing

/// Refunds of several orders at once, and notes to several.
struct SeveralOrdersTests {
    let shop: TestShop
    let user: UserID
    let kim: Staff

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 1_000_000)
        _ = try shop.administration.create(
            SignUp(login: "kim", password: "correct horse", name: "김", role: .manager))
        let token = try shop.accounts.logIn(
            login: "kim", password: "correct horse", from: .program("192.0.2.7")
        ).token
        kim = try shop.accounts.staff(token, by: .program, from: "192.0.2.7").staff
    }

    private func paid(_ lines: [(ProductID, Int64)], coupon: Int64? = nil, of user: UserID? = nil) throws -> OrderID {
        let mine = try coupon.map { try shop.issue(try shop.coupon(.fixed(Won($0))), user ?? self.user) }
        let order = try shop.order(lines, coupon: mine?.id, user ?? self.user)
        _ = try shop.pay(order.id, user ?? self.user)
        return order.id
    }

    private func refund(
        _ orders: [(OrderID, Int?)], toStock: Bool = true
    ) throws -> [(order: OrderID, amount: Won)] {
        try Submission.outcome(of: try #require(kim.user)) { submission in
            try shop.served.refunds(by: kim).refund(
                orders.map { (id: $0.0, seen: $0.1) }, returnsToStock: toStock, submission)
        }.map { (order: $0.order, amount: $0.amount) }
    }

    private func refusal(_ orders: [(OrderID, Int?)]) throws -> [RefusedOrders.Reason] {
        try #require(throws: RefusedOrders.self) { _ = try refund(orders) }.reasons
    }

    private func find(_ id: OrderID) throws -> OrderFile { try shop.served.orderAdministration(for: kim).find(id) }

    private func traced(_ action: String) throws -> [String] {
        try shop.rows("SELECT subject_id FROM trace WHERE action = '\(action)' ORDER BY id")
    }

    /// The lines of the trace and of the order's ledger about one order, without what counts them.
    private func told(_ order: OrderID) throws -> [String] {
        let changes = try shop.rows(
            """
            SELECT at, login, role, way, address, action, field, before, after FROM trace
            JOIN trace_changes ON trace_id = id WHERE subject = 'order' AND subject_id = \(order.value)
            ORDER BY trace_id, position
            """)
        let events = try find(order).events.map { "\($0.kind) \($0.actor) \($0.at == shop.clock.now)" }
        return changes + events.suffix(1)
    }

    @Test func `what is left of each is given back, and each is told as one alone is`() throws {
        let (apple, rice) = (try shop.product(price: 1_000, stock: 20), try shop.product(price: 300, stock: 20))
        let alone = try paid([(apple, 3), (rice, 1)])
        let (first, second) = (try paid([(apple, 3), (rice, 1)]), try paid([(apple, 2)], coupon: 500))
        _ = try shop.refund(
            second, RefundRequest([OrderRequestLine(product: apple, quantity: Quantity(1))]), by: user)
        shop.clock.advance(.minutes(1))
        _ = try Submission.outcome(of: try #require(kim.user)) {
            try shop.served.refunds(by: kim).refund(alone, .rest, $0)
        }
        let refunded = try refund([(second, 1), (first, 0)])
        #expect(refunded.map(\.order) == [second, first])
        #expect(refunded.map(\.amount) == [Won(750), Won(3_300)])
        #expect(try [first, second].map { try find($0).order.storedStatus } == [.refunded, .refunded])
        #expect(try shop.balance(user) == 1_000_000)
        #expect(try [apple, rice].map { try shop.stored($0)?.stock } == [20, 20])
        #expect(try shop.coupons.issued(to: user, before: nil, limit: 1).items.first?.usedAt == nil)
        #expect(try traced("order-refunded").suffix(2) == ["\(second.value)", "\(first.value)"])
        #expect(try told(first) == told(alone))
        #expect(try told(first).count == 5)
        #expect(try shop.audit() == [])
    }

    @Test func `goods that do not come back are lost`() throws {
        let apple = try shop.product(price: 1_000, stock: 20)
        let orders = [try paid([(apple, 3)]), try paid([(apple, 2)])]
        _ = try refund(orders.map { ($0, nil) }, toStock: false)
        #expect(try shop.stored(apple)?.stock == 15)
        #expect(try find(orders[0]).refunds.map(\.returnedToStock) == [false])
        #expect(try shop.balance(user) == 1_000_000)
        #expect(try shop.audit() == [])
    }

    @Test func `one that cannot be refunded, or has been since, keeps all as they are, and each is said`() throws {
        let apple = try shop.product(price: 1_000, stock: 100)
        let (good, changed) = (try paid([(apple, 3)]), try paid([(apple, 2)]))
        let (unpaid, gone) = (try shop.order([(apple, 1)], user).id, try paid([(apple, 1)]))
        _ = try shop.refund(gone, by: user)
        _ = try shop.refund(
            changed, RefundRequest([OrderRequestLine(product: apple, quantity: Quantity(1))]), by: user)
        let (balance, told) = (try shop.balance(user), try traced("order-refunded"))
        let reasons = try refusal([(good, 0), (changed, 0), (unpaid, 0), (gone, 0), (OrderID(999), nil)])
        #expect(
            reasons == [
                RefusedOrders.Reason(order: changed, error: .refundOutdated),
                RefusedOrders.Reason(order: unpaid, error: .orderNotCompleted),
                RefusedOrders.Reason(order: gone, error: .orderNotCompleted),
                RefusedOrders.Reason(order: OrderID(999), error: .orderNotFound),
            ])
        #expect(try shop.balance(user) == balance)
        #expect(try traced("order-refunded") == told)
        #expect(try find(good).order.refunds == 0)
        _ = try refund([(good, 0), (changed, 1)])
        #expect(try shop.audit() == [])
    }

    @Test func `a page says before what will move: each customer's balance runs on`() throws {
        let apple = try shop.product(price: 1_000, stock: 100)
        let other = try shop.customer("lee", balance: 5_000)
        let orders = [
            try paid([(apple, 3)], coupon: 500), try shop.order([(apple, 1)], user).id, try paid([(apple, 2)]),
            try paid([(apple, 1)], of: other),
        ]
        let found = try shop.served.refunds(by: kim).preview(orders + [OrderID(999)], returnsToStock: false)
        #expect(found.map(\.order.order.id) == orders)
        #expect(found.map(\.order.login) == ["customer", "customer", "customer", "lee"])
        #expect(found.map(\.balance) == [Won(995_500), Won(998_000), Won(998_000), Won(4_000)])
        let plans = found.map { try? $0.plan.get() }
        #expect(plans.map { $0?.amount } == [Won(2_500), nil, Won(2_000), Won(1_000)])
        #expect(plans.map { $0?.coupon != nil } == [true, false, false, false])
        #expect(plans.compactMap { $0?.returnsToStock } == [false, false, false])
        #expect(found[1].plan == .failure(.orderNotCompleted))
        #expect(try shop.balance(user) == 995_500)
    }

    @Test func `sent twice it happens once, and answers the same`() throws {
        let apple = try shop.product(price: 1_000, stock: 100)
        let orders = [try paid([(apple, 3)]), try paid([(apple, 2)])]
        let (shop, kim, admin) = (shop, kim, try #require(kim.user))
        let clicks = Racers(8) { number in
            // Two people, each of whom clicks several times.
            let key = IdempotencyKey(text: "k\(number % 2)", of: [1])
            _ = try shop.served.refunds(by: kim).refund(
                orders.map { (id: $0, seen: 0) }, returnsToStock: true,
                Submission(caller: admin, key: key) { _ in Receipt(code: 200, bytes: []) })
        }
        let outcomes = try #require(clicks.outcomes())
        #expect(outcomes.successes == 4)
        #expect(outcomes.compactMap { $0.error as? RefusedOrders }.count == 4)
        #expect(try shop.balance(user) == 1_000_000)
        #expect(try traced("order-refunded").count == 2)
        #expect(try shop.audit() == [])
    }

    @Test func `several at once against each of them alone give back each won once`() throws {
        let apple = try shop.product(price: 1_000, stock: 1_000)
        let orders = try (0..<10).map { _ in try paid([(apple, 9)]) }
        let (shop, kim, admin) = (shop, kim, try #require(kim.user))
        let racers = Racers(20) { number in
            if number.isMultiple(of: 2) {
                let three = (0..<3).map { orders[(number + $0 * 3) % 10] }
                _ = try shop.served.refunds(by: kim).refund(
                    three.map { (id: $0, seen: nil) }, returnsToStock: true,
                    Submission(caller: admin, key: nil) { _ in Receipt(code: 200, bytes: []) })
            } else {
                let one = RefundRequest([OrderRequestLine(product: apple, quantity: Quantity(1))])
                _ = try shop.refund(orders[number / 2], one, by: admin)
            }
        }
        let outcomes = try #require(racers.outcomes())
        #expect(
            outcomes.allSatisfy {
                $0.isSuccess || $0.error is RefusedOrders || $0.error as? ShopError == .orderNotCompleted
            })
        let given = try orders.reduce(Int64(0)) { try $0 + find($1).order.refunded.amount }
        #expect(try shop.balance(user) == 1_000_000 - 90_000 + given)
        #expect(try shop.audit() == [])
    }

    @Test func `the same note goes to each, and where there is not each of them to none`() throws {
        let apple = try shop.product()
        let (paid, unpaid) = (try paid([(apple, 1)]), try shop.order([(apple, 1)], user).id)
        func note(_ text: String, _ ids: [OrderID]) throws -> [OrderID] {
            try Submission.outcome(of: try #require(kim.user)) {
                try shop.served.orderNotes(by: kim).add(text, to: ids, $0)
            }
        }
        #expect(try note("배송이 늦음", [unpaid, paid]) == [unpaid, paid])
        for order in [paid, unpaid] {
            let last = try #require(try find(order).events.last)
            #expect((last.kind, last.actor) == (.note("배송이 늦음"), .staff("kim")))
        }
        #expect(try traced("order-noted") == ["\(unpaid.value)", "\(paid.value)"])
        let refused = try #require(throws: RefusedOrders.self) { _ = try note("x", [paid, OrderID(999)]) }
        #expect(refused.reasons == [RefusedOrders.Reason(order: OrderID(999), error: .orderNotFound)])
        #expect(try traced("order-noted").count == 2)
        #expect(try shop.audit() == [])
    }

    @Test func `the chosen come newest first, and those that there are not are left out`() throws {
        let apple = try shop.product()
        let orders = try (0..<3).map { _ in try shop.order([(apple, 1)], user).id }
        let found = try shop.served.orderAdministration(for: kim).chosen([orders[0], OrderID(999), orders[2]])
        #expect(found.map(\.order.id) == [orders[2], orders[0]])
        #expect(found.map(\.login) == ["customer", "customer"])
    }
}
