/// Which accounts, as the staff look for them.
public struct CustomerQuery: Sendable, Hashable {
    /// Of all accounts, which ones.
    public enum Group: String, Sendable, CaseIterable {
        case all, staff, closed
    }

    /// Of what is looked for, in characters.
    public static let longestText = SignUp.nameLength.upperBound
    /// How many accounts a page holds, if nobody asks for another number.
    public static let usualLimit = 50

    /// The number of an account, or what a login or a name begins with, in any case; "" for every account.
    public let text: String
    public let group: Group

    public init(_ text: String = "", in group: Group = .all) {
        self.text = String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        self.group = group
    }

    /// How an account was found. The list goes through the ways in this order, and lists an account once.
    public enum Way: Int64, Sendable {
        /// Without a text: the newest account first.
        case any
        /// By its number.
        case number
        /// By its login, in the order of the logins.
        case login
        /// By its name, in the order of the names.
        case name
    }

    /// A place in the list: behind this account, found in this way.
    public struct Position: Sendable, Hashable {
        public let way: Way
        public let last: UserID

        public init(_ way: Way, _ last: UserID) {
            self.way = way
            self.last = last
        }
    }

    /// The number that the text is; nil if it is none.
    public var number: UserID? {
        Int64(text).flatMap { UserID.range.contains($0) ? UserID($0) : nil }
    }
}

/// An account as the staff see it in a list.
public struct CustomerSummary: Sendable, Equatable {
    public let user: User
    public let balance: Won
    /// Nil while it is open.
    public let closedAt: Timestamp?

    public init(user: User, balance: Won, closedAt: Timestamp?) {
        self.user = user
        self.balance = balance
        self.closedAt = closedAt
    }

    public var id: UserID { user.id }

    /// Whether it belongs to the query's group.
    public func isIn(_ group: CustomerQuery.Group) -> Bool {
        switch group {
        case .all: true
        case .staff: user.role.isStaff
        case .closed: closedAt != nil
        }
    }
}

/// One page of the accounts that a query finds.
public struct CustomerList: Sendable {
    public let customers: [CustomerSummary]
    /// Where the next page begins; nil on the last one.
    public let next: CustomerQuery.Position?
    /// Whether the page ended because it had looked at many names in vain, and not because it was full: it may be empty, and
    /// the next one goes on with the names behind those.
    public let hasLookedEnough: Bool

    public init(_ customers: [CustomerSummary], next: CustomerQuery.Position?, hasLookedEnough: Bool = false) {
        self.customers = customers
        self.next = next
        self.hasLookedEnough = hasLookedEnough
    }
}

public protocol CustomerRepository {
    /// At most `limit` accounts behind `position`, in the query's order; looks at a bounded number.
    func list(_ query: CustomerQuery, after position: CustomerQuery.Position?, limit: Int) throws -> CustomerList
    func find(_ id: UserID) throws -> CustomerSummary?
    /// Whether somebody else is an owner whose account is open.
    func hasOwner(besides user: UserID) throws -> Bool
    /// The roles of all others of the staff whose accounts are open.
    func rolesOfStaff(besides user: UserID) throws -> [Role]
}
