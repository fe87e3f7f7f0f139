import Shop
import ShopTestSupport
import Testing

/// What happens to an order is told in its ledger, in the transaction in which it happens.
struct OrderLedgerTests {
    let shop: TestShop
    let user: UserID
    let kim: Staff

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 100_000)
        _ = try shop.administration.create(
            SignUp(login: "kim", password: "correct horse", name: "김", role: .manager))
        let token = try shop.accounts.logIn(
            login: "kim", password: "correct horse", from: .program("192.0.2.7")
        ).token
        kim = try shop.accounts.staff(token, by: .program, from: "192.0.2.7").staff
    }

    private func file(_ order: OrderID) throws -> OrderFile {
        try shop.served.orderAdministration(for: kim).find(order)
    }

    private func note(_ text: String, _ order: OrderID, key: IdempotencyKey? = nil) throws {
        let staff = try #require(kim.user)
        _ = try shop.served.orderNotes(by: kim).add(
            text, to: order, Submission(caller: staff, key: key) { _ in Receipt(code: 201, bytes: []) })
    }

    @Test func `an order is made, paid and refunded, each with who and when`() throws {
        let apple = try shop.product(price: 1_000)
        let made = shop.clock.now
        let order = try shop.order([(apple, 2)], user)
        shop.clock.advance(.minutes(1))
        let paid = shop.clock.now
        _ = try shop.pay(order.id, user)
        shop.clock.advance(.minutes(1))
        try note("고객이 하나를 돌려보냄", order.id)
        let staff = try #require(kim.user)
        let line = OrderRequestLine(product: apple, quantity: Quantity(1))
        _ = try Submission.outcome(of: staff) {
            try shop.served.refunds(by: kim).refund(order.id, RefundRequest([line]), $0)
        }
        let now = shop.clock.now
        #expect(
            try file(order.id).events == [
                OrderEvent(id: OrderEventID(1), kind: .made, actor: .customer, at: made),
                OrderEvent(id: OrderEventID(2), kind: .paid(Won(2_000)), actor: .customer, at: paid),
                OrderEvent(id: OrderEventID(3), kind: .note("고객이 하나를 돌려보냄"), actor: .staff("kim"), at: now),
                OrderEvent(id: OrderEventID(4), kind: .refunded(Won(1_000)), actor: .staff("kim"), at: now),
            ])
        #expect(try shop.audit() == [])
    }

    @Test func `a cancelled order says so, and one that was not paid in time`() throws {
        let apple = try shop.product()
        let cancelled = try shop.order([(apple, 1)], user)
        _ = try shop.cancel(cancelled.id, user)
        let late = try shop.order([(apple, 1)], user)
        shop.clock.set(late.expiresAt + .hours(1))
        #expect(try shop.housekeeping.run().expiredOrders == 1)
        #expect(try file(cancelled.id).events.map(\.kind) == [.made, .cancelled])
        let last = try #require(try file(late.id).events.last)
        #expect(last == OrderEvent(id: OrderEventID(2), kind: .expired, actor: .shop, at: late.expiresAt))
        #expect(try shop.audit() == [])
    }

    @Test func `what is refused leaves no event`() throws {
        let order = try shop.order([(try shop.product(price: 100_001), 1)], user)
        #expect(throws: ShopError.insufficientBalance(missing: Won(1))) { try shop.pay(order.id, user) }
        #expect(throws: ShopError.orderNotCompleted) { try shop.refund(order.id, by: user) }
        #expect(try file(order.id).events.map(\.kind) == [.made])
    }

    @Test func `a note is told in the trace, and added once per key`() throws {
        let order = try shop.order([(try shop.product(), 1)], user)
        for _ in 0..<2 { try note("전화함", order.id, key: .init(text: "k", of: [])) }
        #expect(try file(order.id).events.map(\.kind) == [.made, .note("전화함")])
        let told = try shop.served.trace(for: kim).list(
            TraceQuery(of: TraceSubject(.order, order.id.value)), before: nil, limit: 10
        ).items
        #expect(told.map(\.line.action) == [.orderNoted])
        #expect(told.first?.line.changes == [TraceChange(.note, nil, "전화함")])
        #expect(throws: ShopError.orderNotFound) { try note("x", OrderID(99)) }
    }

    @Test func `of an order with more events than are shown, the newest are shown`() throws {
        let order = try shop.order([(try shop.product(), 1)], user)
        try shop.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
            INSERT INTO order_events (order_id, id, kind, actor, note, at)
            SELECT \(order.id.value), i, 'note', 'staff', 'note ' || i, 1 FROM n
            """)
        _ = try shop.pay(order.id, user)
        let found = try file(order.id)
        #expect(found.events.count == 1_000)
        #expect(found.events.first?.kind == .made && found.events.last?.kind == .paid(Won(1_000)))
        #expect(found.events.map(\.id.value) == [1] + Array(203...1_201))
        #expect(found.eventsLeftOut == 201)
        #expect(try file(shop.order([(try shop.product(), 1)], user).id).eventsLeftOut == 0)
    }

    @Test(arguments: [
        "UPDATE order_events SET at = 1", "DELETE FROM order_events", "UPDATE refunds SET amount = 1",
        "DELETE FROM refunds", "UPDATE refund_lines SET quantity = 1", "DELETE FROM refund_lines",
    ])
    func `nothing of it is changed or removed`(_ sql: String) throws {
        let order = try shop.order([(try shop.product(), 2)], user)
        _ = try shop.pay(order.id, user)
        _ = try shop.refund(order.id, by: user)
        #expect(throws: (any Error).self) { try shop.execute(sql) }
        #expect(try shop.audit() == [])
    }

    @Test func `notes of everybody at once are all kept, numbered through`() throws {
        let order = try shop.order([(try shop.product(), 1)], user)
        let racers = Racers(8) { number in try note("\(number)", order.id) }
        #expect(racers.outcomes()?.successes == 8)
        let events = try file(order.id).events
        #expect(events.map(\.id.value) == Array(1...9))
        #expect(Set(events.compactMap(\.kind.note)) == Set((0..<8).map(String.init)))
        #expect(try shop.audit() == [])
    }
}
