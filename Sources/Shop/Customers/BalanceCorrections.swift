/// Corrects customers' balances. Each step is told in the trace.
///
/// What one person moves of one balance within a day without a second one stays within the policy's amount, however
/// many corrections it is made of.
public struct BalanceCorrections: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// What counts together.
    private static let together = Timestamp.Span.days(1)

    /// What a correction would do now. Throws what asking for it would.
    public func preview(_ draft: BalanceCorrectionDraft) throws -> BalanceCorrectionPreview {
        let now = clock.now()
        return try store.read { tx in try preview(draft, at: now, tx) }
    }

    /// Corrects the balance, or asks for that if it needs a second person.
    ///
    /// Throws `accountNotFound`, `ownBalance`, `correctionExceedsBalance` and `balanceLimitExceeded`.
    public func ask(_ draft: BalanceCorrectionDraft, _ submission: Submission<BalanceCorrection>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            let preview = try preview(draft, at: now, tx)
            let entry = preview.needsTwo ? nil : try move(draft.amount, of: draft.user, at: now, tx)
            let end = preview.needsTwo ? now + policy.correctionLifetime : nil
            let id = try tx.corrections.add(
                draft, by: BalanceCorrection.Person(staff), at: now, until: end, entry: entry?.id)
            let correction = try Self.find(id, tx)
            try tell(preview.needsTwo ? .correctionAsked : .balanceCorrected, correction, entry, at: now, tx)
            return correction
        }
    }

    /// Makes a correction that somebody else has asked for.
    ///
    /// Throws `correctionNotFound`, `correctionNotWaiting`, `correctionNeedsAnother` for who asked for it, `ownBalance`,
    /// and, if the balance has changed meanwhile, `correctionExceedsBalance` or `balanceLimitExceeded`: then it still
    /// waits.
    public func confirm(_ id: BalanceCorrectionID, _ submission: Submission<BalanceCorrection>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            let correction = try Self.findWaiting(id, at: now, tx)
            guard staff.user != correction.user else { throw ShopError.ownBalance }
            guard correction.canBeConfirmed(by: staff) else { throw ShopError.correctionNeedsAnother }
            let entry = try move(correction.amount, of: correction.user, at: now, tx)
            return try decide(correction, .correctionConfirmed, entry, at: now, tx)
        }
    }

    /// Refuses a correction that waits; who asked for it takes it back in this way.
    ///
    /// Throws `correctionNotFound` and `correctionNotWaiting`.
    public func refuse(_ id: BalanceCorrectionID, _ submission: Submission<BalanceCorrection>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            try decide(try Self.findWaiting(id, at: now, tx), .correctionRefused, nil, at: now, tx)
        }
    }

    /// Throws `correctionNotFound`.
    public func find(_ id: BalanceCorrectionID) throws -> (correction: BalanceCorrection, customer: CustomerSummary) {
        try store.read { tx in
            let correction = try Self.find(id, tx)
            guard let customer = try tx.customers.find(correction.user) else { throw ShopError.accountNotFound }
            return (correction, customer)
        }
    }

    /// What waits for a second person, the soonest to lapse first, each with whose balance it is.
    ///
    /// - Parameter after: behind the correction with this number, if there is one.
    public func waiting(
        after: BalanceCorrectionID?, limit: Int
    ) throws -> ListPage<(correction: BalanceCorrection, customer: CustomerSummary)> {
        let now = clock.now()
        return try store.read { tx in
            let last = try after.flatMap { try tx.corrections.find($0) }
            let page = try tx.corrections.waiting(at: now, after: last, limit: limit)
            let items = try page.items.map { correction in
                guard let customer = try tx.customers.find(correction.user) else { throw ShopError.accountNotFound }
                return (correction: correction, customer: customer)
            }
            return ListPage(items, hasMore: page.hasMore)
        }
    }

    // MARK: The rules

    private func preview(
        _ draft: BalanceCorrectionDraft, at now: Timestamp, _ tx: any Repositories
    ) throws -> BalanceCorrectionPreview {
        guard let before = try tx.balances.amount(of: draft.user) else { throw ShopError.accountNotFound }
        guard staff.user != draft.user else { throw ShopError.ownBalance }
        let after = before + draft.amount
        try check(draft.amount, leaving: after, of: before)
        let moved = try tx.corrections.moved(by: staff.user, of: draft.user, since: now - Self.together)
        let amount = max(draft.amount, -draft.amount)
        return BalanceCorrectionPreview(
            before: before, after: after, needsTwo: moved + amount > policy.correctionAlone)
    }

    /// Taking may leave more than the limit, if there was more before.
    private func check(_ amount: Won, leaving after: Won, of before: Won) throws {
        guard after >= .zero else { throw ShopError.correctionExceedsBalance(before) }
        guard amount < .zero || after <= policy.balanceLimit else {
            throw ShopError.balanceLimitExceeded(policy.balanceLimit)
        }
    }

    private func move(
        _ amount: Won, of user: UserID, at now: Timestamp, _ tx: any Repositories
    ) throws -> BalanceEntry {
        guard let before = try tx.balances.amount(of: user) else { throw ShopError.accountNotFound }
        try check(amount, leaving: before + amount, of: before)
        guard let entry = try tx.balances.move(amount, .correction, of: user, order: nil, at: now) else {
            throw ShopError.correctionExceedsBalance(before)
        }
        return entry
    }

    private func decide(
        _ correction: BalanceCorrection, _ action: TraceAction, _ entry: BalanceEntry?, at now: Timestamp,
        _ tx: any Repositories
    ) throws -> BalanceCorrection {
        guard
            try tx.corrections.decide(
                correction.id, by: BalanceCorrection.Person(staff), at: now, entry: entry?.id)
        else { throw ShopError.correctionNotWaiting }
        try tell(action, correction, entry, at: now, tx)
        return try Self.find(correction.id, tx)
    }

    private func tell(
        _ action: TraceAction, _ correction: BalanceCorrection, _ entry: BalanceEntry?, at now: Timestamp,
        _ tx: any Repositories
    ) throws {
        let changes = [
            TraceChange(.amount, nil, correction.amount.amount),
            TraceChange(.correction, nil, correction.id.value),
            TraceChange(.balance, entry.map { ($0.balance - $0.amount).amount }, entry?.balance.amount),
            TraceChange(.explanation, nil, correction.reason),
        ]
        try tx.trace.add(TraceLine(action, .account(correction.user), changes), by: staff, at: now)
    }

    private static func find(_ id: BalanceCorrectionID, _ tx: any Repositories) throws -> BalanceCorrection {
        guard let correction = try tx.corrections.find(id) else { throw ShopError.correctionNotFound }
        return correction
    }

    private static func findWaiting(
        _ id: BalanceCorrectionID, at now: Timestamp, _ tx: any Repositories
    ) throws -> BalanceCorrection {
        let correction = try find(id, tx)
        guard correction.status(at: now) == .waiting else { throw ShopError.correctionNotWaiting }
        return correction
    }
}

extension Shop {
    /// Throws `forbidden` for who may not correct balances.
    public func balanceCorrections(by staff: Staff) throws -> BalanceCorrections {
        try staff.check(.correctBalances)
        return BalanceCorrections(context: context, staff: staff)
    }

    /// The same for a file, as with orders: throws `passwordRequired`, too.
    public func balanceCorrections(forFileOf staff: Staff) throws -> BalanceCorrections {
        let corrections = try balanceCorrections(by: staff)
        try staff.checkPassword()
        return corrections
    }
}
