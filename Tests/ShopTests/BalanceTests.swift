import Shop
import ShopTestSupport
import Testing

struct BalanceTests {
    let shop: TestShop
    let user: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer()
    }

    @Test func `a new user has nothing`() throws {
        #expect(try shop.balance(user) == 0)
        #expect(try shop.balances.entries(of: user, before: nil, limit: 10).items.isEmpty)
    }

    @Test func `nobody has nothing either`() throws {
        #expect(try shop.balance(UserID(999)) == 0)
    }

    @Test(arguments: [1_000, 1_001, 999_999, 1_000_000] as [Int64])
    func `a charge within the bounds is added and leaves an entry`(_ amount: Int64) throws {
        let entry = try shop.charge(amount, user)
        #expect(entry.kind == .charge)
        #expect(entry.amount == Won(amount))
        #expect(entry.balance == Won(amount))
        #expect(entry.order == nil)
        #expect(entry.createdAt == shop.clock.now)
        #expect(try shop.balance(user) == amount)
        #expect(try shop.balances.entries(of: user, before: nil, limit: 10).items == [entry])
        #expect(try shop.audit() == [])
    }

    @Test(
        arguments: [
            (999, ShopError.chargeBelowMinimum(Won(1_000))), (0, .chargeBelowMinimum(Won(1_000))),
            (-5_000, .chargeBelowMinimum(Won(1_000))), (.min, .chargeBelowMinimum(Won(1_000))),
            (1_000_001, .chargeAboveMaximum(Won(1_000_000))), (.max, .chargeAboveMaximum(Won(1_000_000))),
        ] as [(Int64, ShopError)])
    func `a charge outside the bounds changes nothing`(_ amount: Int64, _ error: ShopError) throws {
        #expect(throws: error) { try shop.charge(amount, user) }
        #expect(try shop.balance(user) == 0)
        #expect(try shop.balances.entries(of: user, before: nil, limit: 10).items.isEmpty)
    }

    @Test func `a balance reaches its limit and not a won more`() throws {
        for _ in 0..<9 { _ = try shop.charge(1_000_000, user) }
        _ = try shop.charge(999_000, user)
        #expect(throws: ShopError.balanceLimitExceeded(Won(10_000_000))) { try shop.charge(1_001, user) }
        #expect(try shop.balance(user) == 9_999_000)
        _ = try shop.charge(1_000, user)
        #expect(try shop.balance(user) == 10_000_000)
        #expect(throws: ShopError.balanceLimitExceeded(Won(10_000_000))) { try shop.charge(1_000, user) }
        #expect(try shop.audit() == [])
    }

    @Test func `another policy has other bounds`() throws {
        var policy = Policy()
        policy.minimumCharge = Won(1)
        policy.maximumCharge = Won(10)
        policy.balanceLimit = Won(15)
        let shop = try TestShop(policy: policy)
        let user = try shop.customer(balance: 10)
        #expect(throws: ShopError.chargeAboveMaximum(Won(10))) { try shop.charge(11, user) }
        #expect(throws: ShopError.balanceLimitExceeded(Won(15))) { try shop.charge(6, user) }
        #expect(try shop.charge(5, user).balance == Won(15))
    }

    @Test func `entries come page by page, newest first, each once`() throws {
        let entries = try (1...7).map { try shop.charge(1_000 * $0, user) }
        let other = try shop.customer("other", balance: 5_000)
        var pages: [[BalanceEntry]] = []
        var before: EntryID?
        repeat {
            let page = try shop.balances.entries(of: user, before: before, limit: 3)
            pages.append(page.items)
            before = page.hasMore ? page.items.last?.id : nil
        } while before != nil
        #expect(pages.map(\.count) == [3, 3, 1])
        #expect(pages.flatMap { $0 } == entries.reversed())
        #expect(try shop.balances.entries(of: other, before: nil, limit: 3).items.map(\.amount) == [Won(5_000)])
    }

    @Test func `a page that ends exactly at the last entry has no next page`() throws {
        for _ in 0..<3 { _ = try shop.charge(1_000, user) }
        #expect(try shop.balances.entries(of: user, before: nil, limit: 3).hasMore == false)
        #expect(try shop.balances.entries(of: user, before: nil, limit: 2).hasMore == true)
    }
}
