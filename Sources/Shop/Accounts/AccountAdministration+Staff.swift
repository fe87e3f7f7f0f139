/// One of the staff, as an owner sees them.
public struct StaffAccount: Sendable, Equatable {
    public let user: User
    /// Nil while it is open.
    public let closedAt: Timestamp?
    /// Since when there is a second factor; nil for none.
    public let secondFactorSince: Timestamp?
    /// The live sessions, newest first, at most 100.
    public let sessions: [SessionInfo]

    public init(user: User, closedAt: Timestamp?, secondFactorSince: Timestamp?, sessions: [SessionInfo]) {
        self.user = user
        self.closedAt = closedAt
        self.secondFactorSince = secondFactorSince
        self.sessions = sessions
    }
}

/// The staff's own accounts, by number. What is said there of each step holds here, too; besides, each throws
/// `accountNotFound` for a customer's account.
extension AccountAdministration {
    /// The staff, the newest account first, closed ones too.
    public func staff(before: UserID?, limit: Int) throws -> ListPage<StaffAccount> {
        let now = clock.now()
        return try store.read { tx in
            let position = before.map { CustomerQuery.Position(.any, $0) }
            let list = try tx.customers.list(CustomerQuery(in: .staff), after: position, limit: limit)
            return ListPage(try list.customers.map { try staff($0, at: now, tx) }, hasMore: list.next != nil)
        }
    }

    /// Throws `accountNotFound`.
    public func staff(_ id: UserID) throws -> StaffAccount {
        let now = clock.now()
        return try store.read { tx in try staff(try Self.summary(id, tx), at: now, tx) }
    }

    public func setRole(of id: UserID, to role: Role) throws -> Int { try setRole(of: .staff(id), to: role) }

    public func setPassword(of id: UserID, to password: String) throws -> Int {
        try setPassword(of: .staff(id), to: password)
    }

    public func setPassword(
        of id: UserID, to password: String, _ submission: Submission<Int>
    ) throws -> Receipt {
        try setPassword(of: .staff(id), to: password, submission)
    }

    public func endSessions(of id: UserID) throws -> Int { try endSessions(of: .staff(id)) }

    public func close(_ id: UserID) throws -> Int { try close(.staff(id)) }

    public func removeSecondFactor(of id: UserID) throws -> Int { try removeSecondFactor(of: .staff(id)) }

    static func summary(_ id: UserID, _ tx: any Repositories) throws -> CustomerSummary {
        guard let account = try tx.customers.find(id), account.user.role.isStaff else {
            throw ShopError.accountNotFound
        }
        return account
    }

    private func staff(
        _ account: CustomerSummary, at now: Timestamp, _ tx: any Repositories
    ) throws -> StaffAccount {
        let sessions = try tx.accounts.sessions(
            of: account.id, at: now, usedSince: now - policy.sessionIdleLifetime, limit: Customers.mostSessions)
        return StaffAccount(
            user: account.user, closedAt: account.closedAt,
            secondFactorSince: try tx.secondFactors.find(of: account.id)?.since, sessions: sessions)
    }
}
