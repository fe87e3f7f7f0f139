/// Ends customers' sessions. It is told in the trace. What is done to the staff's own accounts is not decided here: see
/// `AccountAdministration`.
public struct SessionEnding: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// Ends all sessions of a customer, and returns how many there were. Throws `accountNotFound` and `staffAccount`.
    public func endSessions(of id: UserID) throws -> Int {
        let now = clock.now()
        let (user, ended) = try store.write { tx in
            let user = try tx.customer(id).user
            return (user, try AccountChange(tx, by: staff, at: now).endSessions(of: user))
        }
        if ended > 0 { context.security.tell(SecurityEvent(.sessionsEnded, user.login, sessions: ended)) }
        return ended
    }
}

/// Closes customers' accounts. It is told in the trace. The staff's own accounts are not closed here: see
/// `AccountAdministration`.
public struct AccountClosing: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// Closes a customer's account for good: see `AccountAdministration.close`. Returns how many sessions ended. Throws
    /// `accountNotFound`, `accountClosed` and `staffAccount`.
    public func close(_ id: UserID) throws -> Int {
        let now = clock.now()
        let (user, ended) = try store.write { tx in
            let account = try tx.customer(id)
            return (
                account.user,
                try AccountChange(tx, by: staff, at: now).close(account.user, closedAt: account.closedAt)
            )
        }
        context.security.tell(SecurityEvent(.accountClosed, user.login, sessions: ended))
        return ended
    }
}

extension Repositories {
    /// Throws `accountNotFound`, and `staffAccount` for who is not a customer.
    fileprivate func customer(_ id: UserID) throws -> CustomerSummary {
        guard let account = try customers.find(id) else { throw ShopError.accountNotFound }
        guard !account.user.role.isStaff else { throw ShopError.staffAccount }
        return account
    }
}

extension Shop {
    /// Throws `forbidden` for who may not end customers' sessions.
    public func sessionEnding(by staff: Staff) throws -> SessionEnding {
        try staff.check(.endSessions)
        return SessionEnding(context: context, staff: staff)
    }

    /// Throws `forbidden` for who may not close customers' accounts.
    public func accountClosing(by staff: Staff) throws -> AccountClosing {
        try staff.check(.closeCustomers)
        return AccountClosing(context: context, staff: staff)
    }
}
