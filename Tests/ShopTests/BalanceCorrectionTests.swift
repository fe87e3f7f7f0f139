import Shop
import ShopTestSupport
import Testing

/// Balances are corrected by a difference, with a reason, and by two people for more than an amount.
struct BalanceCorrectionTests {
    let shop: TestShop
    let customer: UserID
    let (asker, other): (Staff, Staff)

    init() throws {
        var policy = Policy()
        policy.correctionAlone = Won(50_000)
        policy.correctionLifetime = .days(7)
        policy.balanceLimit = Won(1_000_000)
        shop = try TestShop(policy: policy)
        customer = try shop.customer(balance: 100_000)
        asker = try shop.employee("asker")
        other = try shop.employee("other")
    }

    private func entries() throws -> [String] {
        try shop.balances.entries(of: customer, before: nil, limit: 100).items.map { entry in
            "\(entry.kind.rawValue) \(entry.amount.amount) \(entry.balance.amount) \(entry.reason ?? "-")"
        }
    }

    private func told() throws -> [String] {
        let query = TraceQuery(of: TraceSubject(.account, customer.value))
        return try shop.served.trace(for: .test).list(query, before: nil, limit: 100).items.map { entry in
            let changes = entry.line.changes.map { "\($0.field.rawValue) \($0.before ?? "-") \($0.after ?? "-")" }
            return ([entry.staff.login, entry.line.action.rawValue] + changes).joined(separator: ", ")
        }
    }

    // MARK: One person

    @Test func `a small one is made at once, with its own kind of entry, and told`() throws {
        let taken = try shop.correct(-3_000, of: customer, by: asker, because: "두 번 환불됨")
        #expect(taken.status(at: shop.clock.now) == .made)
        #expect((taken.entry, taken.endsAt, taken.decided) == (EntryID(2), nil, nil))
        #expect(taken.asked == BalanceCorrection.Person(user: asker.user, login: "asker"))
        _ = try shop.correct(500, of: customer, by: asker)
        #expect(
            try entries() == [
                "correction 500 97500 이중 충전", "correction -3000 97000 두 번 환불됨", "charge 100000 100000 -",
            ])
        #expect(
            try told() == [
                "asker, balance-corrected, amount - 500, correction - 2, balance 97000 97500, explanation - 이중 충전",
                "asker, balance-corrected, amount - -3000, correction - 1, balance 100000 97000, explanation - 두 번 환불됨",
            ])
        #expect(try shop.audit() == [])
    }

    @Test func `one that is sent again is made once`() throws {
        let draft = BalanceCorrectionDraft(user: customer, amount: Won(1_000), reason: "보상")
        let corrections = try shop.served.balanceCorrections(by: asker)
        let user = try #require(asker.user)
        let receipts = try (0..<2).map { _ in
            try corrections.ask(
                draft,
                Submission(caller: user, key: .init(text: "k", of: [1])) { made in
                    Receipt(code: 201, bytes: Array("\(made.id.value)".utf8))
                })
        }
        #expect(receipts.map(\.isReplayed) == [false, true] && receipts[0].bytes == receipts[1].bytes)
        #expect(try shop.balance(customer) == 101_000)
        #expect(try told().count == 1)
    }

    @Test func `a balance becomes neither negative nor more than the limit`() throws {
        #expect(throws: ShopError.correctionExceedsBalance(Won(100_000))) {
            try shop.correct(-100_001, of: customer, by: asker)
        }
        #expect(throws: ShopError.balanceLimitExceeded(Won(1_000_000))) {
            try shop.correct(900_001, of: customer, by: asker)
        }
        #expect(try shop.correct(900_000, of: customer, by: asker).status(at: shop.clock.now) == .waiting)
        #expect(throws: ShopError.accountNotFound) { try shop.correct(1, of: UserID(999), by: asker) }
        #expect(try entries().count == 1)
        #expect(try told().count == 1)
    }

    @Test func `what a refund has taken above the limit can be taken down step by step`() throws {
        try shop.execute("UPDATE balances SET amount = 2000000; UPDATE balance_entries SET balance = 2000000")
        _ = try shop.correct(-1_000, of: customer, by: asker)
        #expect(throws: ShopError.balanceLimitExceeded(Won(1_000_000))) {
            try shop.correct(1, of: customer, by: asker)
        }
        #expect(try shop.balance(customer) == 1_999_000)
    }

    @Test func `nobody corrects their own balance`() throws {
        let mine = try #require(other.user)
        #expect(throws: ShopError.ownBalance) { try shop.correct(100, of: mine, by: other) }
        let asked = try shop.correct(60_000, of: mine, by: asker)
        #expect(throws: ShopError.ownBalance) { try shop.confirm(asked.id, by: other) }
        #expect(try shop.balance(mine) == 0)
    }

    // MARK: Two people

    @Test(arguments: [(50_000, false), (50_001, true), (-50_000, false), (-50_001, true)] as [(Int64, Bool)])
    func `more than the amount needs a second person, in either direction`(_ amount: Int64, _ needsTwo: Bool) throws {
        let draft = BalanceCorrectionDraft(user: customer, amount: Won(amount), reason: "x")
        let preview = try shop.served.balanceCorrections(by: asker).preview(draft)
        #expect(preview.needsTwo == needsTwo)
        #expect((preview.before, preview.after) == (Won(100_000), Won(100_000 + amount)))
        let status = try shop.correct(amount, of: customer, by: asker).status(at: shop.clock.now)
        #expect(status == (needsTwo ? .waiting : .made))
        #expect(try shop.balance(customer) == (needsTwo ? 100_000 : 100_000 + amount))
    }

    @Test func `what one person moves of one balance within a day counts together`() throws {
        _ = try shop.correct(30_000, of: customer, by: asker)
        _ = try shop.correct(-20_000, of: customer, by: asker)
        #expect(try shop.correct(1, of: customer, by: asker).storedStatus == .waiting)
        // Another person, and another balance, count for themselves.
        #expect(try shop.correct(1, of: customer, by: other).storedStatus == .made)
        #expect(try shop.correct(1, of: try shop.customer("kim"), by: asker).storedStatus == .made)
        shop.clock.advance(.days(1))
        #expect(try shop.correct(50_000, of: customer, by: asker).storedStatus == .made)
    }

    @Test func `somebody else confirms, and each step is told`() throws {
        let asked = try shop.correct(80_000, of: customer, by: asker, because: "충전 누락")
        #expect(asked.endsAt == shop.clock.now + .days(7))
        #expect(throws: ShopError.correctionNeedsAnother) { try shop.confirm(asked.id, by: asker) }
        let made = try shop.confirm(asked.id, by: other)
        #expect(made.status(at: shop.clock.now) == .made)
        #expect(made.decided?.login == "other")
        #expect(try entries().first == "correction 80000 180000 충전 누락")
        for staff in [asker, other] {
            #expect(throws: ShopError.correctionNotWaiting) { try shop.confirm(asked.id, by: staff) }
            #expect(throws: ShopError.correctionNotWaiting) { try shop.refuse(asked.id, by: staff) }
        }
        #expect(
            try told() == [
                "other, correction-confirmed, amount - 80000, correction - 1, balance 100000 180000, explanation - 충전 누락",
                "asker, correction-asked, amount - 80000, correction - 1, explanation - 충전 누락",
            ])
        #expect(try shop.audit() == [])
    }

    @Test func `somebody refuses, or whoever asked takes it back`() throws {
        let asked = try (0..<2).map { _ in try shop.correct(80_000, of: customer, by: asker) }
        #expect(try shop.refuse(asked[0].id, by: other).storedStatus == .refused)
        #expect(try shop.refuse(asked[1].id, by: asker).decided?.login == "asker")
        #expect(throws: ShopError.correctionNotWaiting) { try shop.confirm(asked[0].id, by: other) }
        #expect(try shop.balance(customer) == 100_000)
        #expect(try told().count == 4)
        #expect(try shop.audit() == [])
    }

    @Test func `one that waits for too long lapses`() throws {
        let asked = try shop.correct(80_000, of: customer, by: asker)
        shop.clock.advance(.days(7))
        let corrections = try shop.served.balanceCorrections(by: other)
        #expect(try corrections.find(asked.id).correction.status(at: shop.clock.now) == .lapsed)
        #expect(try corrections.waiting(after: nil, limit: 10).items.isEmpty)
        #expect(throws: ShopError.correctionNotWaiting) { try shop.confirm(asked.id, by: other) }
        #expect(throws: ShopError.correctionNotWaiting) { try shop.refuse(asked.id, by: other) }
        #expect(throws: ShopError.correctionNotFound) { try shop.confirm(BalanceCorrectionID(9), by: other) }
        #expect(try shop.audit() == [])
    }

    @Test func `one whose balance was spent meanwhile waits on`() throws {
        let asked = try shop.correct(-80_000, of: customer, by: asker)
        _ = try shop.pay(try shop.order([(try shop.product(price: 30_000), 1)], customer).id, customer)
        #expect(throws: ShopError.correctionExceedsBalance(Won(70_000))) { try shop.confirm(asked.id, by: other) }
        #expect(try shop.charge(10_000, customer).balance == Won(80_000))
        #expect(try shop.confirm(asked.id, by: other).storedStatus == .made)
        #expect(try shop.balance(customer) == 0)
        #expect(try shop.audit() == [])
    }

    @Test func `those that wait are listed, the soonest to lapse first, page by page`() throws {
        var asked: [BalanceCorrectionID] = []
        for _ in 0..<5 {
            asked.append(try shop.correct(60_000, of: customer, by: asker).id)
            if asked.count != 2 { shop.clock.advance(.hours(1)) }
        }
        _ = try shop.refuse(asked[3], by: other)
        let corrections = try shop.served.balanceCorrections(by: other)
        let first = try corrections.waiting(after: nil, limit: 3)
        #expect(first.items.map(\.correction.id) == [asked[0], asked[1], asked[2]] && first.hasMore)
        #expect(first.items[0].customer.id == customer)
        let second = try corrections.waiting(after: asked[2], limit: 3)
        #expect(second.items.map(\.correction.id) == [asked[4]] && !second.hasMore)
        // One that was decided meanwhile still says where the next page begins.
        #expect(try corrections.waiting(after: asked[3], limit: 3).items.map(\.correction.id) == [asked[4]])
    }

    // MARK: Races

    @Test func `one confirmed by many at once moves the balance once`() throws {
        let shop = shop
        let asked = try shop.correct(80_000, of: customer, by: asker)
        let people = try (0..<8).map { try shop.employee("manager\($0)") }
        let outcomes = try #require(
            Racers(people.count) { number in try shop.confirm(asked.id, by: people[number]) }.outcomes())
        #expect(outcomes.count { (try? $0.get()) != nil } == 1)
        #expect(outcomes.compactMap { $0.error as? ShopError }.allSatisfy { $0 == .correctionNotWaiting })
        #expect(try shop.balance(customer) == 180_000)
        #expect(try shop.audit() == [])
    }

    @Test func `one confirmed and refused at once is one of both`() throws {
        let (shop, asker, other, customer) = (shop, asker, other, customer)
        for _ in 0..<6 {
            let id = try shop.correct(60_000, of: customer, by: asker).id
            let outcomes = try #require(
                Racers(2) { number in
                    try number == 0 ? shop.confirm(id, by: other) : shop.refuse(id, by: asker)
                }.outcomes())
            #expect(outcomes.count { (try? $0.get()) != nil } == 1)
        }
        let made = try shop.rows("SELECT count(*) FROM corrections WHERE status = 'made'")[0]
        #expect(try shop.balance(customer) == 100_000 + 60_000 * (Int64(made) ?? -1))
        #expect(try shop.audit() == [])
    }

    @Test func `a balance taken away while it is spent is not spent twice`() throws {
        let (shop, other, customer) = (shop, other, customer)
        let apple = try shop.product(price: 100_000, stock: 1)
        let order = try shop.order([(apple, 1)], customer).id
        let asked = try shop.correct(-60_000, of: customer, by: asker).id
        let outcomes = try #require(
            Racers(2) { number in
                if number == 0 { _ = try shop.confirm(asked, by: other) } else { _ = try shop.pay(order, customer) }
            }.outcomes())
        #expect(outcomes.count { (try? $0.get()) != nil } == 1)
        #expect([0, 40_000].contains(try shop.balance(customer)))
        #expect(try shop.audit() == [])
    }

    @Test func `many small ones at once by one person stay within the amount`() throws {
        let (shop, asker, customer) = (shop, asker, customer)
        _ = try #require(Racers(12) { _ in try shop.correct(10_000, of: customer, by: asker) }.outcomes())
        #expect(try shop.balance(customer) == 150_000)
        #expect(try shop.rows("SELECT status, count(*) FROM corrections GROUP BY 1") == ["made|5", "waiting|7"])
        #expect(try shop.audit() == [])
    }

    // MARK: The books

    @Test(arguments: [
        ("UPDATE corrections SET amount = -2999 WHERE id = 1", "a correction and its entry do not agree: correction 1"),
        ("UPDATE corrections SET entry_id = 1 WHERE id = 1", "a correction and its entry do not agree: correction 1"),
        ("DELETE FROM corrections WHERE id = 1", "a correction and its entry do not agree: user 1, entry 2"),
        (
            "UPDATE corrections SET status = 'refused', entry_id = NULL WHERE id = 2",
            "a correction and its entry do not agree: user 1, entry 3"
        ),
        (
            "UPDATE corrections SET decided_by = asked_by WHERE id = 2",
            "a correction that needed two people was made by one: correction 2: asked for by asker, confirmed by other"
        ),
        (
            "UPDATE corrections SET decided_by = NULL, decided_login = NULL WHERE id = 2",
            "a correction that needed two people was made by one: correction 2: asked for by asker, confirmed by nobody"
        ),
        ("UPDATE balance_entries SET amount = -1 WHERE id = 2", "a balance is not the sum of its entries: user 1"),
    ])
    func `the audit finds what was changed past the shop`(_ sql: String, _ difference: String) throws {
        _ = try shop.correct(-3_000, of: customer, by: asker)
        _ = try shop.confirm(try shop.correct(80_000, of: customer, by: asker).id, by: other)
        #expect(try shop.audit() == [])
        try shop.execute("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON; \(sql)")
        let found = try shop.audit()
        #expect(found.contains { $0.hasPrefix(difference) }, "\(found)")
    }
}
