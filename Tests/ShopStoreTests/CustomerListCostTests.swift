import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// What the staff's lists of customers cost over a hundred thousand of them.
struct CustomerListCostTests {
    private static let count: Int64 = 100_000

    private let shop: TestShop
    private let customers: Customers
    private let bound: CostBound

    /// One in nine is closed, in a thousand one of the staff.
    init() throws {
        shop = try TestShop()
        var demo = BulkDemo()
        demo.users = Int(Self.count)
        demo.balance = Won(1_000)
        try demo.fill(path: shop.path, clock: shop.clock.shopClock, token: nil)
        try shop.execute("UPDATE users SET closed_at = created_at WHERE id % 9 = 0")
        try shop.execute("UPDATE users SET role = 'support' WHERE id % 1000 = 1")
        customers = try shop.served.customers(for: .test)
        bound = try CostBound()
    }

    @Test(arguments: CustomerQuery.Group.allCases)
    func `each search takes some milliseconds of a processor, on any page`(_ group: CustomerQuery.Group) throws {
        // By everything, number, login and name: many, few and none.
        let texts = ["", "50000", "user", "USER00009", "손님", "손님 99", "없는 사람"]
        for text in texts {
            let query = CustomerQuery(text, in: group)
            let far = [CustomerQuery.Way.any, .login, .name].map { CustomerQuery.Position($0, UserID(Self.count / 2)) }
            // What was found in another way is no place in the list.
            let ways = text.isEmpty ? far.prefix(1) : far.suffix(2)
            for position in [nil] + ways.map(Optional.some) {
                try bound.expect("\(text) behind \(position as Any)") {
                    _ = try customers.list(query, after: position, limit: CustomerQuery.usualLimit)
                }
            }
        }
    }

    @Test func `names that are all logins are not looked through in one go`() throws {
        try shop.execute("UPDATE users SET name = login")
        try shop.execute("UPDATE users SET login = 'last', login_key = 'last', name = 'User0099999' WHERE id = 99999")
        var (page, pages, found): (CustomerQuery.Position?, Int, [UserID]) = (.init(.login, UserID(100_000)), 0, [])
        repeat {
            var list: CustomerList?
            try bound.expect("behind \(page as Any)") {
                list = try customers.list(CustomerQuery("user00"), after: page, limit: CustomerQuery.usualLimit)
            }
            found += list?.customers.map(\.id) ?? []
            page = list?.next
            pages += 1
        } while page != nil && pages < 200
        #expect(found == [UserID(99_999)])
    }

    @Test func `a customer with many entries and corrections is shown as fast as one with few`() throws {
        let id = UserID(Self.count / 2)
        try shop.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.count))
            INSERT INTO balance_entries (user_id, id, kind, amount, balance, created_at)
            SELECT \(id.value), i, 'charge', 1, 999 + i, 1 FROM n
            """)
        try shop.execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.count))
            INSERT INTO corrections (user_id, amount, status, asked_login, asked_at, ends_at, reason)
            SELECT \(id.value), 1, 'waiting', 'a', i, i + 1000000000000000, 'a' FROM n
            """)
        try bound.expect("one customer") { _ = try customers.overview(of: id, limit: 10) }
        try bound.expect("the entries") {
            _ = try customers.entries(of: id, before: EntryID(Self.count / 2), limit: 50)
        }
        let corrections = try shop.served.balanceCorrections(by: .test)
        try bound.expect("the corrections that wait") {
            _ = try corrections.waiting(after: BalanceCorrectionID(Self.count / 2), limit: 50)
        }
    }
}
