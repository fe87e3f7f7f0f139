/// The customers, for those of the staff who may see them.
public struct Customers: Capability, Sendable {
    /// How many sessions are listed.
    static let mostSessions = 100

    let context: Context

    /// One page of the accounts that the query finds.
    public func list(
        _ query: CustomerQuery, after position: CustomerQuery.Position?, limit: Int
    ) throws -> CustomerList {
        try store.read { tx in try tx.customers.list(query, after: position, limit: limit) }
    }

    /// Throws `accountNotFound`.
    public func find(_ id: UserID) throws -> CustomerSummary {
        try store.read { tx in try Self.find(id, tx) }
    }

    /// All about one account at one time, with the newest of each list. Throws `accountNotFound`.
    ///
    /// - Parameter limit: how many of each list.
    public func overview(of id: UserID, limit: Int) throws -> CustomerOverview {
        let now = clock.now()
        return try store.read { tx in
            CustomerOverview(
                summary: try Self.find(id, tx), entries: try tx.balances.entries(of: id, before: nil, limit: limit),
                orders: try tx.orders.list(of: id, before: nil, limit: limit),
                coupons: try tx.coupons.issued(to: id, before: nil, limit: limit),
                corrections: try tx.corrections.list(of: id, before: nil, limit: limit),
                sessions: try sessions(of: id, at: now, tx))
        }
    }

    /// The entries of the balance, newest first. Throws `accountNotFound`, as the lists below do.
    public func entries(of id: UserID, before: EntryID?, limit: Int) throws -> ListPage<BalanceEntry> {
        try reading(id) { tx in try tx.balances.entries(of: id, before: before, limit: limit) }
    }

    /// Newest first.
    public func orders(of id: UserID, before: OrderID?, limit: Int) throws -> ListPage<Order> {
        try reading(id) { tx in try tx.orders.list(of: id, before: before, limit: limit) }
    }

    /// Newest first.
    public func coupons(of id: UserID, before: UserCouponID?, limit: Int) throws -> ListPage<UserCoupon> {
        try reading(id) { tx in try tx.coupons.issued(to: id, before: before, limit: limit) }
    }

    /// The corrections of the balance, asked for and made, newest first.
    public func corrections(
        of id: UserID, before: BalanceCorrectionID?, limit: Int
    ) throws -> ListPage<BalanceCorrection> {
        try reading(id) { tx in try tx.corrections.list(of: id, before: before, limit: limit) }
    }

    /// The live sessions, newest first, at most 100.
    public func sessions(of id: UserID) throws -> [SessionInfo] {
        let now = clock.now()
        return try reading(id) { tx in try sessions(of: id, at: now, tx) }
    }

    private func sessions(of id: UserID, at now: Timestamp, _ tx: any Repositories) throws -> [SessionInfo] {
        try tx.accounts.sessions(
            of: id, at: now, usedSince: now - policy.sessionIdleLifetime, limit: Self.mostSessions)
    }

    private func reading<Result>(_ id: UserID, _ list: (any Repositories) throws -> Result) throws -> Result {
        try store.read { tx in
            _ = try Self.find(id, tx)
            return try list(tx)
        }
    }

    private static func find(_ id: UserID, _ tx: any Repositories) throws -> CustomerSummary {
        guard let summary = try tx.customers.find(id) else { throw ShopError.accountNotFound }
        return summary
    }
}

/// All about one account at one time.
public struct CustomerOverview: Sendable {
    public let summary: CustomerSummary
    public let entries: ListPage<BalanceEntry>
    public let orders: ListPage<Order>
    public let coupons: ListPage<UserCoupon>
    public let corrections: ListPage<BalanceCorrection>
    public let sessions: [SessionInfo]
}

extension Shop {
    /// Throws `forbidden` for who may not see customers.
    public func customers(for staff: Staff) throws -> Customers {
        try staff.check(.readCustomers)
        return Customers(context: context)
    }

    /// The same for a file, as with orders: throws `passwordRequired`, too.
    public func customers(forFileOf staff: Staff) throws -> Customers {
        let customers = try customers(for: staff)
        try staff.checkPassword()
        return customers
    }
}
