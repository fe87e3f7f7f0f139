import Shop
import ShopTestSupport
import Testing

/// Who may do what: the table, and that each capability asks it.
struct RoleTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private func staff(_ role: Role) throws -> Staff {
        _ = try shop.administration.create(
            SignUp(login: role.rawValue, password: "correct horse", name: "", role: role))
        let token = try shop.accounts.logIn(
            login: role.rawValue, password: "correct horse", from: .program("192.0.2.7")
        ).token
        return try shop.accounts.staff(token, by: .program, from: "192.0.2.7").staff
    }

    /// What the shop lets somebody have, by what it asks for.
    private func granted(_ staff: Staff) -> Set<Permission> {
        var granted: Set<Permission> = []
        for permission in Permission.allCases {
            do {
                switch permission {
                case .changeProducts: _ = try shop.served.productAdministration(by: staff)
                case .addCoupons: _ = try shop.served.couponAdministration(by: staff)
                case .refundOrders: _ = try shop.served.refunds(by: staff)
                case .readOrders: _ = try shop.served.orderAdministration(for: staff)
                case .writeNotes: _ = try shop.served.orderNotes(by: staff)
                case .readProducts:
                    _ = try shop.served.stockLedger(for: staff)
                    _ = try shop.served.managedProducts(for: staff)
                case .readFigures: _ = try shop.served.figures(for: staff)
                case .readCustomers: _ = try shop.served.customers(for: staff)
                case .endSessions: _ = try shop.served.sessionEnding(by: staff)
                case .closeCustomers: _ = try shop.served.accountClosing(by: staff)
                case .correctBalances: _ = try shop.served.balanceCorrections(by: staff)
                case .readCoupons: _ = try shop.served.managedCoupons(for: staff)
                case .readTrace: _ = try shop.served.trace(for: staff)
                case .manageAccounts: _ = try shop.served.accountAdministration(by: staff)
                }
                granted.insert(permission)
            } catch {
                #expect(error as? ShopError == .forbidden)
            }
        }
        return granted
    }

    @Test(arguments: Role.allCases.filter(\.isStaff))
    func `each role has what the table gives it and nothing else`(_ role: Role) throws {
        #expect(granted(try staff(role)) == role.permissions)
    }

    @Test func `an owner and the shell may do everything, a customer nothing`() throws {
        #expect(granted(try staff(.owner)) == Set(Permission.allCases))
        #expect(granted(.shell("root")) == Set(Permission.allCases))
        #expect(Role.customer.permissions.isEmpty)
        #expect(throws: ShopError.forbidden) { try staff(.customer) }
    }

    @Test func `only an owner decides who is staff`() {
        for role in Role.allCases where role != .owner {
            #expect(!role.permissions.contains(.manageAccounts), "\(role)")
        }
    }

    @Test func `another role ends the sessions that were begun with the old one`() throws {
        let manager = try staff(.manager)
        #expect(try shop.administration.setRole(of: "manager", to: .reader) == 1)
        #expect(manager.role == .manager)
        let token = try shop.accounts.logIn(
            login: "manager", password: "correct horse", from: .program("192.0.2.7")
        ).token
        let reader = try shop.accounts.staff(token, by: .program, from: "").staff
        #expect(throws: ShopError.forbidden) { try shop.served.productAdministration(by: reader) }
    }
}
