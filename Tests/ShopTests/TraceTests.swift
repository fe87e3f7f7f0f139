import SQLite
import Shop
import ShopTestSupport
import Testing

/// What the staff change is told in the trace, in the transaction of the change.
struct TraceTests {
    let shop: TestShop
    let boss: Staff

    init() throws {
        shop = try TestShop()
        _ = try shop.administration.create(
            SignUp(login: "Boss", password: "correct horse", name: "사장", role: .owner))
        boss = try Self.logIn("boss", shop)
    }

    private static func logIn(_ login: String, _ shop: TestShop) throws -> Staff {
        let token = try shop.accounts.logIn(
            login: login, password: "correct horse", from: .program("192.0.2.7")
        ).token
        return try shop.accounts.staff(token, by: .browser, from: "192.0.2.7").staff
    }

    /// The newest first, without that of the owner's own account.
    private func entries(_ query: TraceQuery = TraceQuery()) throws -> [TraceEntry] {
        try shop.served.trace(for: boss).list(query, before: nil, limit: 100).items.filter { $0.id > TraceID(1) }
    }

    private func told(_ query: TraceQuery = TraceQuery()) throws -> [String] {
        try entries(query).map { entry in
            let changes = entry.line.changes.map { "\($0.field.rawValue) \($0.before ?? "-") \($0.after ?? "-")" }
            let subject = "\(entry.line.subject.kind.rawValue) \(entry.line.subject.id)"
            return ([entry.line.action.rawValue, subject] + changes).joined(separator: ", ")
        }
    }

    private func add(_ name: String = "사과") throws -> ManagedProduct {
        let user = try #require(boss.user)
        let draft = ProductDraft(name: name, description: "", price: Won(1_000), stock: 5)
        return try Submission.outcome(of: user) { try shop.served.productAdministration(by: boss).add(draft, $0) }
    }

    @Test func `a change says who, when, from where, and what was before and after`() throws {
        let product = try add()
        shop.clock.advance(.hours(1))
        _ = try shop.served.productAdministration(by: boss).update(
            product.id,
            ProductChange(
                name: "배", description: nil, price: Won(900), stockChange: StockChange(-2, .damage), isListed: false))
        let entry = try #require(try entries().first)
        #expect(entry.at == shop.clock.now)
        #expect(entry.staff == boss)
        #expect((entry.staff.login, entry.staff.way, entry.staff.address) == ("Boss", .browser, "192.0.2.7"))
        #expect(
            try told() == [
                "product-changed, product 1, name 사과 배, price 1000 900, stock 5 3, reason - damage, listed true false",
                "product-added, product 1, name - 사과, price - 1000, stock - 5, description - , listed - true",
            ])
        #expect(try shop.audit() == [])
    }

    @Test func `what changes nothing, or is refused, leaves no line`() throws {
        let product = try add()
        let products = try shop.served.productAdministration(by: boss)
        _ = try products.update(
            product.id,
            ProductChange(name: "사과", description: nil, price: Won(1_000), stockChange: nil, isListed: true))
        #expect(throws: ShopError.outOfStock(product.id)) {
            try products.update(
                product.id,
                ProductChange(
                    name: "배", description: nil, price: nil, stockChange: StockChange(-6, .count), isListed: nil))
        }
        #expect(try told().count == 1)
    }

    @Test func `one that is sent again leaves one line`() throws {
        let user = try #require(boss.user)
        let draft = ProductDraft(name: "쌀", description: "", price: Won(5), stock: 5)
        for _ in 0..<2 {
            let submission = Submission<ManagedProduct>(caller: user, key: .init(text: "k", of: [])) { _ in
                Receipt(code: 201, bytes: [])
            }
            _ = try shop.served.productAdministration(by: boss).add(draft, submission)
        }
        #expect(try told().count == 1)
    }

    @Test func `coupons, refunds and accounts leave theirs`() throws {
        let user = try shop.customer(balance: 10_000)
        let order = try shop.order([(try shop.product(), 2)], user)
        _ = try shop.pay(order.id, user)
        let staff = try #require(boss.user)
        _ = try Submission.outcome(of: staff) { try shop.served.refunds(by: boss).refund(order.id, .rest, $0) }
        let now = shop.clock.now
        let draft = CouponDraft(
            name: "할인", discount: .percent(10, maximum: Won(500)), minimumOrderAmount: Won(1_000), quantity: 5,
            opensAt: now, closesAt: now + .days(1), validDays: 30)
        _ = try Submission.outcome(of: staff) { try shop.served.couponAdministration(by: boss).add(draft, $0) }
        let accounts = try shop.served.accountAdministration(by: boss)
        let lee = try accounts.create(SignUp(login: "lee", password: "correct horse", name: "이"))
        _ = try accounts.setRole(of: "lee", to: .support)
        _ = try Self.logIn("lee", shop)
        #expect(try accounts.endSessions(of: "lee") == 1)
        _ = try accounts.setPassword(of: "lee", to: "battery staple")
        #expect(throws: ShopError.invalidCredentials) { try Self.logIn("lee", shop) }
        #expect(try accounts.unlock("lee") > 0)
        // There is nothing left to unlock, and nothing to end.
        #expect(try accounts.unlock("lee") + accounts.endSessions(of: "lee") == 0)
        _ = try accounts.close("lee")
        let begin = now.milliseconds
        #expect(
            try told() == [
                "account-closed, account \(lee.id.value)", "account-unlocked, account \(lee.id.value)",
                "password-set, account \(lee.id.value)", "sessions-ended, account \(lee.id.value), sessions 1 0",
                "role-changed, account \(lee.id.value), role customer support",
                "account-created, account \(lee.id.value), login - lee, name - 이, role - customer",
                "coupon-added, coupon 1, name - 할인, discount - 10% ≤ 500, minimumOrderAmount - 1000, quantity - 5, "
                    + "opensAt - \(begin), closesAt - \(begin + 86_400_000), validDays - 30",
                "order-refunded, order 1, status completed refunded, amount - 2000, items - 1 × 2, returnedToStock - true",
            ])
        #expect(try shop.audit() == [])
    }

    @Test func `it is read by who did it and by what it was done to, page by page`() throws {
        let apple = try add("사과")
        _ = try add("배")
        _ = try shop.change(apple.id, price: 5)
        let trace = try shop.served.trace(for: boss)
        let user = try #require(boss.user)
        let subject = TraceSubject(.product, apple.id.value)
        #expect(try told(TraceQuery(by: user)).count == 2)
        #expect(try told(TraceQuery(of: subject)).count == 2)
        #expect(try told(TraceQuery(by: user, of: subject)).count == 1)
        #expect(try told(TraceQuery(of: TraceSubject(.coupon, apple.id.value))) == [])
        let first = try trace.list(TraceQuery(), before: nil, limit: 3)
        #expect(first.items.map(\.id.value) == [4, 3, 2])
        #expect(first.hasMore)
        let rest = try trace.list(TraceQuery(), before: first.items.last?.position, limit: 3)
        #expect(rest.items.map(\.id.value) == [1])
        #expect(!rest.hasMore)
    }

    @Test func `it is read by what was done and by day, page by page`() throws {
        let day = shop.policy.calendar.day(of: shop.clock.now)
        let apple = try add("사과")
        shop.clock.set(shop.policy.calendar.firstHour(of: day + 1).start)
        _ = try add("배")
        _ = try shop.served.productAdministration(by: boss).update(
            apple.id, ProductChange(name: "감", description: nil, price: nil, stockChange: nil, isListed: nil))
        shop.clock.set(shop.policy.calendar.firstHour(of: day + 2).start)
        _ = try add("귤")
        let user = try #require(boss.user)
        func numbers(_ query: TraceQuery) throws -> [Int64] { try entries(query).map(\.id.value) }
        #expect(try numbers(TraceQuery(action: .productAdded)) == [5, 3, 2])
        #expect(try numbers(TraceQuery(by: user, action: .productAdded)) == [5, 3, 2])
        #expect(try numbers(TraceQuery(by: UserID(9), action: .productAdded)) == [])
        #expect(try numbers(TraceQuery(of: TraceSubject(.product, apple.id.value), action: .productChanged)) == [4])
        #expect(try numbers(TraceQuery(action: .orderNoted)) == [])
        #expect(try numbers(TraceQuery(from: day + 1, to: day + 1)) == [4, 3])
        #expect(try numbers(TraceQuery(by: user, from: day + 1)) == [5, 4, 3])
        #expect(try numbers(TraceQuery(to: day)) == [2])
        #expect(try numbers(TraceQuery(action: .productAdded, from: day, to: day + 1)) == [3, 2])
        #expect(try numbers(TraceQuery(from: day + 2, to: day)) == [])
        let trace = try shop.served.trace(for: boss)
        let query = TraceQuery(action: .productAdded, to: day + 1)
        let first = try trace.list(query, before: nil, limit: 1)
        #expect(first.items.map(\.id.value) == [3] && first.hasMore)
        #expect(try trace.list(query, before: first.items[0].position, limit: 9).items.map(\.id.value) == [2])
    }

    @Test func `an entry lies on the day that the clock said, even if it was set back since`() throws {
        let day = shop.policy.calendar.day(of: shop.clock.now)
        shop.clock.advance(.days(3))
        _ = try add("사과")
        shop.clock.advance(.days(-2))
        _ = try add("배")
        #expect(try entries().map(\.id.value) == [2, 3])
        #expect(try entries(TraceQuery(from: day + 1, to: day + 1)).map(\.id.value) == [3])
        #expect(try entries(TraceQuery(from: day + 2)).map(\.id.value) == [2])
    }

    @Test func `a command's change says who ran it`() throws {
        _ = try shop.administration.create(
            SignUp(login: "partner", password: "correct horse", name: "동업자", role: .owner))
        _ = try shop.served.accountAdministration(by: .shell("root")).close("boss")
        let staff = try #require(try entries().first).staff
        #expect((staff.login, staff.way, staff.user, staff.role) == ("root", .shell, nil, nil))
        // A name that no login could be.
        let long = Staff.shell(String(repeating: "가", count: 65))
        for (staff, login) in [(long, "lee"), (.shell(""), "kim")] {
            _ = try shop.served.accountAdministration(by: staff).create(
                SignUp(login: login, password: "correct horse", name: ""))
        }
        #expect(try entries().prefix(2).map(\.staff.login.count) == [1, 64])
        #expect(try shop.audit() == [])
    }

    @Test func `what the staff do with their own accounts is told, and a customer's is not`() throws {
        let customers = try shop.accounts.signUpAndLogIn(
            SignUp(login: "park", password: "correct horse", name: "박")
        ).token
        let before = try entries().count
        for token in [
            customers, try shop.accounts.logIn(login: "boss", password: "correct horse", from: .program("")).token,
        ] {
            let user = try shop.accounts.user(shop.accounts.caller(token))
            for _ in 0..<2 {
                _ = try shop.accounts.logIn(login: user.login, password: "correct horse", from: .program(""))
            }
            _ = try shop.accounts.endOtherSessions(of: user, but: token, from: "192.0.2.8")
            // There is none left.
            #expect(try shop.accounts.endOtherSessions(of: user, but: token, from: "192.0.2.8") == 0)
            _ = try shop.accounts.logIn(login: user.login, password: "correct horse", from: .program(""))
            try shop.accounts.changePassword(
                of: user, from: "correct horse", to: "battery staple", keeping: token, at: "192.0.2.8")
        }
        let added = try entries().dropLast(before)
        #expect(added.map(\.line.action) == [.passwordSet, .sessionsEnded])
        for entry in added {
            #expect((entry.staff.login, entry.staff.way, entry.staff.address) == ("Boss", .browser, "192.0.2.8"))
            #expect(entry.staff.user?.value == entry.line.subject.id && entry.line.subject.kind == .account)
        }
        #expect(added.map(\.line.changes) == [[TraceChange(.sessions, "1", "0")], [TraceChange(.sessions, "3", "0")]])
        #expect(try shop.audit() == [])
    }

    // MARK: The chain

    @Test(arguments: [
        "UPDATE trace SET login = 'lee'", "UPDATE trace_changes SET after = '1'", "DELETE FROM trace",
        "DELETE FROM trace_changes",
    ])
    func `the database lets nobody change it`(_ sql: String) throws {
        _ = try add()
        #expect(throws: SQLiteError.self) { try shop.execute(sql) }
        #expect(try shop.audit() == [])
    }

    @Test(arguments: [
        "UPDATE trace SET login = 'lee' WHERE id = 2", "UPDATE trace SET at = at + 1 WHERE id = 2",
        "UPDATE trace SET role = 'reader' WHERE id = 2", "UPDATE trace SET action = 'product-changed' WHERE id = 2",
        "UPDATE trace SET address = '' WHERE id = 2", "UPDATE trace SET subject_id = 9 WHERE id = 2",
        "UPDATE trace_changes SET after = '999' WHERE trace_id = 2 AND field = 'price'",
        "UPDATE trace_changes SET before = '' WHERE trace_id = 2 AND field = 'price'",
        "UPDATE trace_changes SET field = 'amount' WHERE trace_id = 2 AND field = 'price'",
        "DELETE FROM trace_changes WHERE trace_id = 2 AND field = 'price'",
        "UPDATE trace SET hash = (SELECT hash FROM trace WHERE id = 1) WHERE id = 2",
        "DELETE FROM trace_changes WHERE trace_id = 2; DELETE FROM trace WHERE id = 2",
        // Words that the shop never writes.
        "UPDATE trace SET action = 'sold' WHERE id = 2", "UPDATE trace SET subject = 'shop' WHERE id = 2",
        "UPDATE trace_changes SET field = 'colour' WHERE trace_id = 2 AND field = 'price'",
    ])
    func `whoever changes it past the shop is found by the audit`(_ sql: String) throws {
        _ = try add()
        _ = try add()
        try dropTriggers()
        try shop.execute(sql)
        let found = try shop.audit()
        #expect(found.contains { $0.hasPrefix("the trace ") }, "\(found)")
    }

    private func dropTriggers() throws {
        for trigger in ["trace_stays", "trace_stays_whole", "trace_changes_stay", "trace_changes_stay_whole"] {
            try shop.execute("DROP TRIGGER \(trigger)")
        }
    }

    @Test func `a word that the shop never writes hides nothing else`() throws {
        for _ in 0..<3 { _ = try add() }
        _ = try shop.customer()
        try dropTriggers()
        try shop.execute("UPDATE trace SET action = 'sold' WHERE id = 2; UPDATE trace SET address = '' WHERE id = 4")
        try shop.execute("UPDATE balances SET amount = 7; UPDATE figures SET orders = 7")
        let found = try shop.audit()
        for part in ["entry 2 has a word", "entry 4, or", "a balance is not the sum", "the figures of an hour"] {
            #expect(found.contains { $0.contains(part) }, "\(part) in \(found)")
        }
    }

    /// What the staff did last in the shop, and what the audit says if the trace ends before it.
    private static let lastSteps: [(says: String, step: @Sendable (TraceTests) throws -> Void)] = [
        (
            "a refund is not in the trace: order 1, refund 1 by Boss",
            { try $0.refund(try $0.paidOrder()) }
        ),
        (
            "a note is not in the trace: order 1, event 3 by Boss",
            { tests in
                let order = try tests.paidOrder()
                _ = try tests.shop.served.orderNotes(by: tests.boss).add(
                    "전화함", to: order, Submission(caller: UserID(1), key: nil) { _ in Receipt(code: 201, bytes: []) })
            }
        ),
        (
            "a correction is not in the trace: correction 1 by Boss",
            { _ = try $0.shop.correct(-100, of: $0.shop.customer("rich", balance: 5_000), by: $0.boss) }
        ),
        (
            "a correction is not in the trace: correction 1 by Boss",
            { _ = try $0.shop.correct(1_000_000, of: $0.shop.customer("poor"), by: $0.boss) }
        ),
        (
            "a correction is not in the trace: correction 1, decided by asker",
            { tests in
                let asked = try tests.shop.correct(
                    1_000_000, of: tests.shop.customer("poor"), by: tests.shop.employee("lee"))
                _ = try tests.shop.refuse(asked.id, by: tests.shop.employee("asker"))
            }
        ),
        (
            "a correction is not in the trace: correction 1, decided by asker",
            { tests in
                let asked = try tests.shop.correct(
                    1_000_000, of: tests.shop.customer("poor"), by: tests.shop.employee("lee"))
                _ = try tests.shop.confirm(asked.id, by: tests.shop.employee("asker"))
            }
        ),
        ("a change of stock is not in the trace: product 1, movement 1 by Boss", { _ = try $0.add() }),
        (
            "a change of stock is not in the trace: product 1, movement 2 by Boss",
            { tests in
                let product = try tests.shop.product()
                _ = try tests.shop.served.productAdministration(by: tests.boss).update(
                    product, ProductChange(stockChange: StockChange(5, .delivery)))
            }
        ),
    ]

    private func paidOrder() throws -> OrderID {
        let customer = try shop.customer("buyer", balance: 10_000)
        let order = try shop.order([(try shop.product(), 1)], customer)
        return try shop.pay(order.id, customer).order
    }

    private func refund(_ order: OrderID) throws {
        _ = try Submission.outcome(of: UserID(1)) { try shop.served.refunds(by: boss).refund(order, .rest, $0) }
    }

    @Test(arguments: lastSteps.indices)
    func `whoever cuts off its end is found by what was done`(_ number: Int) throws {
        let (says, step) = Self.lastSteps[number]
        try step(self)
        #expect(try shop.audit() == [])
        try dropTriggers()
        try shop.execute(
            """
            DELETE FROM trace_changes WHERE trace_id = (SELECT max(id) FROM trace);
            DELETE FROM trace WHERE id = (SELECT max(id) FROM trace)
            """)
        #expect(try shop.audit() == [says])
    }
}
