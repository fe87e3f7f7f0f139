/// The customers' prepaid balances.
public struct Balances: Sendable {
    let store: any Store
    let clock: ShopClock
    let policy: Policy

    public init(store: any Store, clock: ShopClock, policy: Policy) {
        self.store = store
        self.clock = clock
        self.policy = policy
    }

    /// What the user has; a new user has nothing.
    public func amount(of user: UserID) throws -> Won {
        try store.lookUp { shop in try shop.balances.amount(of: user) ?? .zero }
    }

    /// The user's entries, newest first.
    public func entries(of user: UserID, before: EntryID?, limit: Int) throws -> Page<BalanceEntry> {
        try store.read { shop in try shop.balances.entries(of: user, before: before, limit: limit) }
    }

    /// Adds to the caller's balance, within the charge policy.
    public func charge(_ amount: Won, _ submission: Submission<BalanceEntry>) throws -> Answer {
        guard amount >= policy.minimumCharge else { throw ShopError.chargeBelowMinimum(policy.minimumCharge) }
        guard amount <= policy.maximumCharge else { throw ShopError.chargeAboveMaximum(policy.maximumCharge) }
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { shop in
            let entry = try shop.balances.move(amount, .charge, of: submission.caller, order: nil, at: now)
            // Where it is too much, the error takes the movement back.
            guard let entry, entry.balance <= policy.balanceLimit else {
                throw ShopError.balanceLimitExceeded(policy.balanceLimit)
            }
            return entry
        }
    }
}
