import Shop
import ShopTestSupport
import Testing

/// Owners look after the staff's own accounts, and one owner stays.
struct StaffAccountTests {
    let shop: TestShop
    let boss: Staff

    init() throws {
        shop = try TestShop()
        boss = try shop.employee("boss", .owner)
    }

    private var accounts: AccountAdministration {
        get throws { try shop.served.accountAdministration(by: boss) }
    }

    @Test func `the staff are listed with who is logged in, page by page`() throws {
        _ = try shop.customer("kim")
        let lee = try accounts.create(
            SignUp(login: "lee", password: "correct horse", name: "이", role: .support))
        _ = try shop.accounts.logIn(login: "lee", password: "correct horse", from: .program("192.0.2.9"))
        _ = try accounts.create(SignUp(login: "gone", password: "correct horse", name: "박", role: .reader))
        _ = try shop.administration.close("gone")
        let first = try accounts.staff(before: nil, limit: 2)
        #expect(first.items.map(\.user.login) == ["gone", "lee"] && first.hasMore)
        #expect(first.items.map { $0.closedAt != nil } == [true, false])
        #expect(first.items[1].sessions.map(\.network) == ["192.0.2.9"])
        let second = try accounts.staff(before: lee.id, limit: 2)
        #expect(second.items.map(\.user.login) == ["boss"] && !second.hasMore)
    }

    @Test func `each step is taken by number, and none of them reaches a customer`() throws {
        let lee = try accounts.create(
            SignUp(login: "lee", password: "correct horse", name: "이", role: .support)
        ).id
        _ = try shop.accounts.logIn(login: "lee", password: "correct horse", from: .program("192.0.2.9"))
        #expect(try accounts.setRole(of: lee, to: .manager) == 1)
        #expect(try accounts.setPassword(of: lee, to: "battery staple") == 0)
        _ = try shop.accounts.logIn(login: "lee", password: "battery staple", from: .program("192.0.2.9"))
        #expect(try accounts.endSessions(of: lee) == 1)
        #expect(try accounts.staff(lee).user.role == .manager)
        #expect(try accounts.close(lee) == 0)
        #expect(throws: ShopError.accountClosed) { try accounts.setRole(of: lee, to: .reader) }
        let kim = try shop.customer("kim")
        #expect(throws: ShopError.accountNotFound) { try accounts.staff(kim) }
        #expect(throws: ShopError.accountNotFound) { try accounts.setRole(of: kim, to: .owner) }
        #expect(throws: ShopError.accountNotFound) { try accounts.setPassword(of: kim, to: "battery staple") }
        #expect(throws: ShopError.accountNotFound) { try accounts.endSessions(of: kim) }
        #expect(throws: ShopError.accountNotFound) { try accounts.close(kim) }
    }

    @Test func `who is made a customer meanwhile is no longer reached by number`() throws {
        let id = try accounts.create(SignUp(login: "lee", password: "correct horse", name: "이", role: .support)).id
        let (shop, boss) = (shop, boss)
        let meanwhile = shop.other(
            over: WatchedStore(shop.store) { call in
                guard call == .write else { return }
                try shop.execute("UPDATE users SET role = 'customer' WHERE id = \(id.value)")
            }, gate: HashingGate(atOnce: 1, waiting: 1))
        let accounts = try meanwhile.accountAdministration(by: boss)
        let steps: [(AccountAdministration) throws -> Int] = [
            { try $0.setRole(of: id, to: .owner) }, { try $0.setPassword(of: id, to: "battery staple") },
            { try $0.endSessions(of: id) }, { try $0.removeSecondFactor(of: id) }, { try $0.close(id) },
        ]
        for step in steps {
            try shop.execute("UPDATE users SET role = 'support', closed_at = NULL WHERE id = \(id.value)")
            #expect(throws: ShopError.accountNotFound) { try step(accounts) }
        }
        #expect(try shop.served.customers(for: boss).find(id).user.role == .customer)
    }

    @Test func `a password that is set waits for its turn to be hashed like all others`() throws {
        let full = shop.other(over: shop.store, gate: HashingGate(atOnce: 0, waiting: 0))
        #expect(throws: UnavailableError.self) {
            try full.accountAdministration(by: boss).setPassword(of: "boss", to: "battery staple")
        }
        #expect(throws: ShopError.invalidCredentials) {
            try shop.accounts.logIn(login: "boss", password: "battery staple", from: .program(""))
        }
    }

    @Test func `the last owner who is open stays one`() throws {
        let id = try #require(boss.user)
        _ = try accounts.create(SignUp(login: "old", password: "correct horse", name: "전", role: .owner))
        #expect(try accounts.close("old") == 0)
        // One that is closed does not count, and neither way around it is open.
        for administration in [try accounts, try shop.administration] {
            #expect(throws: ShopError.lastOwner) { try administration.close("boss") }
            #expect(throws: ShopError.lastOwner) { try administration.close(id) }
            #expect(throws: ShopError.lastOwner) { try administration.setRole(of: "boss", to: .manager) }
        }
        #expect(try accounts.setRole(of: id, to: .owner) == 0)
        _ = try accounts.create(SignUp(login: "next", password: "correct horse", name: "다음", role: .owner))
        #expect(try accounts.setRole(of: id, to: .manager) == 0)
        #expect(throws: ShopError.lastOwner) { try accounts.close("next") }
    }

    @Test func `two owners who close each other at once leave one`() throws {
        let shop = shop
        let others = try (0..<4).map { try shop.employee("owner\($0)", .owner) } + [boss]
        let users = others.compactMap(\.user)
        let outcomes = try #require(
            Racers(others.count) { number in
                try shop.served.accountAdministration(by: others[number]).close(users[(number + 1) % users.count])
            }.outcomes())
        #expect(outcomes.count { (try? $0.get()) != nil } == others.count - 1)
        #expect(outcomes.compactMap { $0.error as? ShopError } == [.lastOwner])
        #expect(try shop.audit() == [])
    }
}
