/// What is done to an account by whoever of the staff may do it, inside of a transaction, and told in the trace.
struct AccountChange {
    let tx: any Repositories
    let staff: Staff
    let now: Timestamp

    init(_ tx: any Repositories, by staff: Staff, at now: Timestamp) {
        self.tx = tx
        self.staff = staff
        self.now = now
    }

    /// Closes an open account: nobody can log in to it any more. Returns how many sessions ended. Throws
    /// `accountClosed` and `lastOwner`.
    ///
    /// - Parameter closedAt: when the account was closed, as found in the same transaction.
    func close(_ user: User, closedAt: Timestamp?) throws -> Int {
        guard closedAt == nil else { throw ShopError.accountClosed }
        try keepAnOwner(besides: user)
        try tx.accounts.close(user.id, at: now)
        _ = try tx.secondFactors.remove(of: user.id)
        return try end(user, .accountClosed)
    }

    /// Ends all sessions of the user; tells nothing if there was none. Returns how many ended.
    func endSessions(of user: User) throws -> Int {
        try end(user, .sessionsEnded)
    }

    /// A shop without an owner could be brought back from the shell only. Throws `lastOwner` if this is the last one.
    func keepAnOwner(besides user: User) throws {
        guard user.role == .owner else { return }
        guard try tx.customers.hasOwner(besides: user.id) else { throw ShopError.lastOwner }
    }

    /// Ends all sessions of the user, and traces what was done. Returns how many ended.
    func end(_ user: User, _ action: TraceAction, _ changes: [TraceChange] = []) throws -> Int {
        let ended = try tx.accounts.endSessions(of: user.id, but: nil)
        if action == .sessionsEnded, ended == 0 { return 0 }
        let all = changes + [TraceChange(.sessions, Int64(ended), 0)]
        try tx.trace.add(TraceLine(action, .account(user.id), all), by: staff, at: now)
        return ended
    }
}
