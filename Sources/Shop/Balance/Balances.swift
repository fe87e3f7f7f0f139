/// The customers' prepaid balances.
public struct Balances: Capability, Sendable {
    let context: Context

    /// The token's owner and balance; a new user has zero. Throws `unauthenticated`, as `Accounts.caller` does.
    public func amount(ofCallerWith token: Token) throws -> (caller: Caller, amount: Won) {
        let (caller, amount) = try Accounts(context: context).caller(token) { tx, user in
            try tx.balances.amount(of: user) ?? .zero
        }
        return (caller, amount)
    }

    /// The user's entries, newest first.
    public func entries(of user: UserID, before: EntryID?, limit: Int) throws -> ListPage<BalanceEntry> {
        try store.read { tx in try tx.balances.entries(of: user, before: before, limit: limit) }
    }

    /// Adds to the caller's balance, within the policy's limits for charges.
    public func charge(_ amount: Won, _ submission: Submission<BalanceEntry>) throws -> Receipt {
        let now = clock.now()
        if let refusal = refusal(of: amount) {
            // What was accepted once gets the same receipt again, whatever the policy says today.
            if submission.key == nil { throw refusal }
            guard let kept = try store.read({ tx in try submission.kept(in: tx, at: now, policy) }) else {
                throw refusal
            }
            return kept
        }
        return try store.write(once: submission, at: now, policy) { tx in
            let entry = try tx.balances.move(amount, .charge, of: submission.caller, order: nil, at: now)
            // If it is too much, the error rolls the movement back.
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
