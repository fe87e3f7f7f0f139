import Shop
import ShopTestSupport
import Testing

/// The staff find customers, see what they have, end their sessions and close their accounts.
struct CustomerTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private func add(_ login: String, _ name: String, _ role: Role = .customer) throws -> UserID {
        let now = shop.clock.now
        return try shop.store.write { tx in
            try tx.accounts.add(
                SignUp(login: login, password: "", name: name, role: role), passwordHash: nil, at: now)
        }.id
    }

    /// The logins of all pages.
    private func found(
        _ text: String = "", in group: CustomerQuery.Group = .all, limit: Int = 50
    ) throws -> [String] {
        let customers = try shop.served.customers(for: .test)
        var (logins, position): ([String], CustomerQuery.Position?) = ([], nil)
        repeat {
            let page = try customers.list(CustomerQuery(text, in: group), after: position, limit: limit)
            #expect(page.customers.count == limit || page.next == nil)
            logins += page.customers.map(\.user.login)
            position = page.next
        } while position != nil
        return logins
    }

    // MARK: Finding

    @Test(arguments: [1, 2, 3, 50])
    func `an account is found by number, login and name, and listed once`(_ limit: Int) throws {
        _ = try add("kim.b", "김바다")
        _ = try add("Kim.a", "KIM Haneul")
        _ = try add("lee", "Kim Sora")
        _ = try add("3rd.kim", "x")
        _ = try add("park", "3rd Street")
        for _ in 0..<2 { _ = try add("twin\(try found().count)", "김 바다") }
        #expect(try found(limit: limit) == ["twin6", "twin5", "park", "3rd.kim", "lee", "Kim.a", "kim.b"])
        #expect(try found("kim", limit: limit) == ["Kim.a", "kim.b", "lee"])
        #expect(try found(" KIM. ", limit: limit) == ["Kim.a", "kim.b"])
        #expect(try found("kim s", limit: limit) == ["lee"])
        #expect(try found("김", limit: limit) == ["twin5", "twin6", "kim.b"])
        // The third account, then the login that begins like that, then the name.
        #expect(try found("3", limit: limit) == ["lee", "3rd.kim", "park"])
        #expect(try found("%", limit: limit) == [] && found("_", limit: limit) == [])
        #expect(try found("nobody", limit: limit) == [] && found("99", limit: limit) == [])
    }

    @Test(arguments: [1, 2, 50])
    func `staff and closed accounts are found among the others`(_ limit: Int) throws {
        for number in 0..<4 { _ = try add("kim\(number)", "김 \(number)") }
        _ = try add("kim.boss", "김 사장", .owner)
        _ = try add("kim.help", "박", .support)
        _ = try shop.administration.close("kim1")
        _ = try shop.administration.close("kim3")
        _ = try shop.administration.close("kim.help")
        #expect(try found(in: .staff, limit: limit) == ["kim.help", "kim.boss"])
        #expect(try found("kim", in: .staff, limit: limit) == ["kim.boss", "kim.help"])
        #expect(try found("김", in: .staff, limit: limit) == ["kim.boss"])
        #expect(try found(in: .closed, limit: limit) == ["kim.help", "kim3", "kim1"])
        #expect(try found("kim", in: .closed, limit: limit) == ["kim.help", "kim1", "kim3"])
        #expect(try found("김", in: .closed, limit: limit) == ["kim1", "kim3"])
        #expect(try found("2", in: .closed, limit: limit) == ["kim1"])
        #expect(try found("1", in: .closed, limit: limit) == [])
        #expect(try found("kim", limit: limit).count == 6)
    }

    @Test func `one customer is seen with everything at one time`() throws {
        let user = try shop.customer(balance: 50_000)
        let coupon = try shop.issue(try shop.coupon(), user)
        let order = try shop.order([(try shop.product(), 2)], user)
        _ = try shop.pay(order.id, user)
        let asker = try shop.employee("asker")
        _ = try shop.correct(-100, of: user, by: asker)
        let customers = try shop.served.customers(for: .test)
        let overview = try customers.overview(of: user, limit: 2)
        #expect(overview.summary.balance == Won(47_900))
        #expect(overview.entries.items.map(\.kind) == [.correction, .payment] && overview.entries.hasMore)
        #expect(overview.orders.items.map(\.id) == [order.id] && !overview.orders.hasMore)
        #expect(overview.coupons.items.map(\.id) == [coupon.id])
        #expect(overview.corrections.items.map(\.amount) == [Won(-100)])
        #expect(overview.sessions.isEmpty)
        #expect(try customers.entries(of: user, before: EntryID(2), limit: 5).items.map(\.kind) == [.charge])
        #expect(throws: ShopError.accountNotFound) { try customers.overview(of: UserID(99), limit: 2) }
        #expect(throws: ShopError.accountNotFound) { try customers.find(UserID(99)) }
        #expect(throws: ShopError.accountNotFound) { try customers.entries(of: UserID(99), before: nil, limit: 1) }
        #expect(throws: ShopError.accountNotFound) { try customers.sessions(of: UserID(99)) }
    }

    // MARK: Sessions and closing

    @Test func `a customer is logged out everywhere, and it is told`() throws {
        let token = try shop.accounts.signUpAndLogIn(
            SignUp(login: "kim", password: "correct horse", name: "김")
        ).token
        let id = try shop.accounts.caller(token).user
        let support = try shop.employee("help", .support)
        #expect(try shop.served.customers(for: support).sessions(of: id).count == 1)
        #expect(try shop.served.sessionEnding(by: support).endSessions(of: id) == 1)
        #expect(throws: ShopError.unauthenticated) { try shop.accounts.caller(token) }
        #expect(try shop.served.sessionEnding(by: support).endSessions(of: id) == 0)
        #expect(try told(id) == ["help sessions-ended"])
    }

    @Test func `a closed account keeps its orders and its balance`() throws {
        let id = try shop.customer("lee", balance: 5_000)
        let manager = try shop.employee("manager")
        #expect(try shop.served.accountClosing(by: manager).close(id) == 0)
        #expect(try shop.served.customers(for: manager).find(id).closedAt == shop.clock.now)
        #expect(throws: ShopError.accountClosed) { try shop.served.accountClosing(by: manager).close(id) }
        #expect(try shop.balance(id) == 5_000)
        // What is left on it can still be paid back.
        _ = try shop.correct(-5_000, of: id, by: manager)
        #expect(try told(id) == ["manager balance-corrected", "manager account-closed"])
        #expect(try shop.audit() == [])
    }

    @Test func `who looks after customers has no hand in the staff's accounts`() throws {
        let (manager, boss) = (try shop.employee("manager"), try shop.employee("boss", .owner))
        let owner = try #require(boss.user)
        #expect(throws: ShopError.staffAccount) { try shop.served.accountClosing(by: manager).close(owner) }
        #expect(throws: ShopError.staffAccount) { try shop.served.sessionEnding(by: manager).endSessions(of: owner) }
        #expect(throws: ShopError.accountNotFound) { try shop.served.accountClosing(by: boss).close(UserID(99)) }
        #expect(try told(owner) == [])
    }

    private func told(_ id: UserID) throws -> [String] {
        let query = TraceQuery(of: TraceSubject(.account, id.value))
        return try shop.served.trace(for: .test).list(query, before: nil, limit: 10).items.map {
            "\($0.staff.login) \($0.line.action.rawValue)"
        }
    }
}
