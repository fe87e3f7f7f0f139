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
    public func amount(of user: UserID, in tx: any Repositories) throws -> Won {
        try tx.balances.amount(of: user) ?? .zero
    }

    /// The user's entries, newest first.
    public func entries(of user: UserID, before: EntryID?, limit: Int) throws -> Page<BalanceEntry> {
        try store.read { tx in try tx.balances.entries(of: user, before: before, limit: limit) }
    }

    /// Adds to the caller's balance, within the charge policy.
    public func charge(_ amount: Won, _ submission: Submission<BalanceEntry>) throws -> Answer {
        let now = clock.now()
        if let refusal = refusal(of: amount) {
            // What was accepted once is answered again, whatever the policy says today.
            if submission.key == nil { throw refusal }
            guard let kept = try store.read({ tx in try submission.kept(in: tx, at: now, policy) }) else {
                throw refusal
            }
            return kept
        }
        return try store.write(once: submission, at: now, policy) { tx in
            let entry = try tx.balances.move(amount, .charge, of: submission.caller, order: nil, at: now)
            // Where it is too much, the error takes the movement back.
            guard let entry, entry.balance <= policy.balanceLimit else {
                throw ShopError.balanceLimitExceeded(policy.balanceLimit)
            }
            return entry
        }
    }
    private func refusal(of amount: Won) -> ShopError? {
        if amount < policy.minimumCharge { return .chargeBelowMinimum(policy.minimumCharge) }
        if amount > policy.maximumCharge { return .chargeAboveMaximum(policy.maximumCharge) }
        return nil
    }
}
