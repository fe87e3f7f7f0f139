/// What somebody is to the shop: a customer, or one of its staff.
public enum Role: String, Sendable, CaseIterable {
    case customer
    /// Looks at figures and lists.
    case reader
    /// Looks after customers.
    case support
    /// Looks after goods, coupons and orders.
    case manager
    /// Does everything, and decides who else is staff.
    case owner

    public var isStaff: Bool { self != .customer }

    /// What this role may do: the one table of it.
    public var permissions: Set<Permission> {
        switch self {
        case .customer: []
        case .reader: [.readProducts, .readCoupons, .readFigures, .readOrders, .readCustomers]
        case .support: [.readOrders, .writeNotes, .readCustomers, .endSessions]
        case .manager:
            [
                .changeProducts, .addCoupons, .refundOrders, .readProducts, .readCoupons, .readFigures, .readOrders,
                .writeNotes, .readTrace, .readCustomers, .endSessions, .closeCustomers, .correctBalances,
            ]
        case .owner: Set(Permission.allCases)
        }
    }
}

/// What not everybody on the staff may do.
public enum Permission: String, Sendable, CaseIterable {
    case changeProducts = "change-products"
    case addCoupons = "add-coupons"
    case refundOrders = "refund-orders"
    /// Sees the products as the staff keep them, and the stock ledger.
    case readProducts = "read-products"
    /// Sees what was ordered, paid and refunded, and what was sold of each product.
    case readFigures = "read-figures"
    /// Sees the orders, with their customers, ledgers and notes.
    case readOrders = "read-orders"
    /// Writes notes about orders.
    case writeNotes = "write-notes"
    /// Finds customers and sees their balance, orders, coupons and sessions.
    case readCustomers = "read-customers"
    /// Logs customers out.
    case endSessions = "end-sessions"
    case closeCustomers = "close-customers"
    case correctBalances = "correct-balances"
    /// Sees all coupons, how each went, and who has taken it.
    case readCoupons = "read-coupons"
    /// Sees what the staff have done.
    case readTrace = "read-trace"
    /// Makes and closes accounts, and gives them roles and passwords.
    case manageAccounts = "manage-accounts"
}

extension Permission {
    /// Whether the password is asked for again when it was given too long ago (`Policy.passwordLifetime`): for what moves
    /// money, and for what other people's accounts cannot be brought back from. To log somebody out is not asked twice: it
    /// is in a hurry, and undone by logging in.
    public var asksForPassword: Bool {
        switch self {
        case .refundOrders, .correctBalances, .manageAccounts, .closeCustomers: true
        default: false
        }
    }
}

/// One of the staff who does something: who, and from where.
public struct Staff: Sendable, Equatable {
    /// The way by which they came.
    public enum Way: String, Sendable, CaseIterable {
        case browser, program
        /// A command on the shop's machine; who may run it there may do everything.
        case shell
    }

    /// Nil for the shell.
    public let user: UserID?
    /// What they log in with; in the shell, what they are called on the machine.
    public let login: String
    /// Nil for the shell.
    public let role: Role?
    public let way: Way
    /// The address that they came from; "" where it is not known, as in the shell.
    public let address: String
    /// Whether the password was given recently enough for what asks for it again.
    let isPasswordRecent: Bool

    /// - Parameter isPasswordRecent: see there.
    init(user: UserID, login: String, role: Role, way: Way, address: String, isPasswordRecent: Bool) {
        self.init(user, login, role, way, LogInOrigin.canonical(address) ?? "", isPasswordRecent)
    }

    /// As it was written down.
    ///
    /// - Parameter isPasswordRecent: false for a record, with which nothing is done that asks for the password.
    public init(
        stored user: UserID?, login: String, role: Role?, way: Way, address: String, isPasswordRecent: Bool = false
    ) {
        self.init(user, login, role, way, address, isPasswordRecent)
    }

    private init(
        _ user: UserID?, _ login: String, _ role: Role?, _ way: Way, _ address: String, _ isPasswordRecent: Bool
    ) {
        self.user = user
        self.login = login
        self.role = role
        self.way = way
        self.address = address
        self.isPasswordRecent = isPasswordRecent
    }

    /// The same person in the same role, from the same place; whenever the password was given.
    public static func == (one: Staff, other: Staff) -> Bool {
        (one.user, one.login, one.role, one.way, one.address)
            == (other.user, other.login, other.role, other.way, other.address)
    }

    /// Who uses the shell of the shop's machine.
    ///
    /// - Parameter name: what they are called there; a longer one is cut to `nameLength`.
    public static func shell(_ name: String) -> Staff {
        let kept = String(String.UnicodeScalarView(name.unicodeScalars.prefix(nameLength.upperBound)))
        return Staff(nil, kept.isEmpty ? "?" : kept, nil, .shell, "", true)
    }

    /// Of a login, in characters.
    public static let nameLength = 1...64

    /// Throws `forbidden` where the role does not have the permission, and `passwordRequired` where the permission
    /// asks for the password again.
    func check(_ permission: Permission) throws {
        guard may(permission) else { throw ShopError.forbidden }
        if permission.asksForPassword { try checkPassword() }
    }

    /// Throws `passwordRequired` where the password was given too long ago. The shell asks for none.
    func checkPassword() throws {
        guard isPasswordRecent else { throw ShopError.passwordRequired }
    }

    /// Whether they have the permission. Who uses the shell has all.
    public func may(_ permission: Permission) -> Bool { role?.permissions.contains(permission) ?? true }
}
