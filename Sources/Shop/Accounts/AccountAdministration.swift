/// What the staff do with others' accounts, without their passwords. Each change is told in the trace.
public struct AccountAdministration: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// Makes an account. Throws `ShopError.loginTaken`.
    public func create(_ signUp: SignUp) throws -> User {
        let user = try Accounts(context: context).add(signUp) { tx, user in
            try trace(user, tx)
            return user
        }
        tellOfRole(signUp)
        return user
    }

    /// The same, once however often it is sent.
    public func create(_ signUp: SignUp, _ submission: Submission<User>) throws -> Receipt {
        let receipt = try Accounts(context: context).add(signUp, submission) { tx, user in try trace(user, tx) }
        if !receipt.isReplayed { tellOfRole(signUp) }
        return receipt
    }

    private func trace(_ created: User, _ tx: any Repositories) throws {
        let changes = [
            TraceChange(.login, nil, created.login), TraceChange(.name, nil, created.name),
            TraceChange(.role, nil, created.role.rawValue),
        ]
        try tx.trace.add(TraceLine(.accountCreated, .account(created.id), changes), by: staff, at: created.createdAt)
    }

    private func tellOfRole(_ signUp: SignUp) {
        guard signUp.role.isStaff else { return }
        context.security.tell(SecurityEvent(.roleChanged, signUp.login, role: signUp.role))
    }

    /// At most `limit` accounts with greater ids, ordered by id.
    public func accounts(after id: UserID, limit: Int) throws -> [Account] {
        try store.read { tx in try tx.accounts.accounts(after: id, limit: limit) }
    }

    /// Throws `accountNotFound`.
    public func account(_ login: String) throws -> Account {
        try store.read { tx in try Self.find(login, tx) }
    }

    /// Sets a new password, ends the account's sessions and clears its throttling, so that the owner can log in at
    /// once. Returns how many sessions ended. Throws `accountNotFound` and `accountClosed`.
    public func setPassword(of login: String, to password: String) throws -> Int {
        try setPassword(of: .login(login), to: password)
    }

    func setPassword(of name: AccountName, to password: String) throws -> Int {
        let hash = try context.gate.run(.known) { try context.hasher.hash(password) }
        let now = clock.now()
        let (user, ended) = try store.write { tx in try setPasswordHash(hash, of: name, at: now, tx) }
        context.security.tell(SecurityEvent(.passwordChanged, user.login, sessions: ended))
        return ended
    }

    /// The same, once however often it is sent.
    func setPassword(of name: AccountName, to password: String, _ submission: Submission<Int>) throws -> Receipt {
        let now = clock.now()
        if let kept = try store.read({ tx in try submission.kept(in: tx, at: now, policy) }) { return kept }
        let hash = try context.gate.run(.known) { try context.hasher.hash(password) }
        var changed: (user: User, ended: Int)?
        let receipt = try store.write(once: submission, at: now, policy) { tx in
            let done = try setPasswordHash(hash, of: name, at: now, tx)
            changed = done
            return done.ended
        }
        if let changed, !receipt.isReplayed {
            context.security.tell(SecurityEvent(.passwordChanged, changed.user.login, sessions: changed.ended))
        }
        return receipt
    }

    private func setPasswordHash(
        _ hash: String, of name: AccountName, at now: Timestamp, _ tx: any Repositories
    ) throws -> (user: User, ended: Int) {
        let user = try name.findOpen(tx)
        try tx.accounts.setPasswordHash(hash, of: user.id)
        _ = try LoginThrottle.unlock(user.login, tx)
        return (user, try AccountChange(tx, by: staff, at: now).end(user, .passwordSet))
    }

    /// Changes the account's role and ends its sessions, since a session keeps the role it began with. Returns how many
    /// ended; 0 if the account already had the role. Throws `accountNotFound`, `accountClosed` and `lastOwner`.
    public func setRole(of login: String, to role: Role) throws -> Int {
        try setRole(of: .login(login), to: role)
    }

    func setRole(of name: AccountName, to role: Role) throws -> Int {
        let now = clock.now()
        let changed: (user: User, ended: Int)? = try store.write { tx in
            let user = try name.findOpen(tx)
            if user.role == role { return nil }
            let account = AccountChange(tx, by: staff, at: now)
            try account.keepAnOwner(besides: user)
            try tx.accounts.setRole(role, of: user.id)
            // Customers have none, and could not remove it.
            if !role.isStaff { _ = try tx.secondFactors.remove(of: user.id) }
            return (user, try account.end(user, .roleChanged, [TraceChange(.role, user.role.rawValue, role.rawValue)]))
        }
        guard let (user, ended) = changed else { return 0 }
        context.security.tell(SecurityEvent(.roleChanged, user.login, role: role, sessions: ended))
        return ended
    }

    /// Closes the account for good: its sessions end and nobody can log in. The login stays taken; orders, coupons and
    /// balance stay as they are. Returns how many sessions ended. Throws `accountNotFound`, `accountClosed` and
    /// `lastOwner`.
    public func close(_ login: String) throws -> Int { try close(.login(login)) }

    func close(_ name: AccountName) throws -> Int {
        let now = clock.now()
        let (user, ended) = try store.write { tx in
            let account = try name.find(tx)
            let change = AccountChange(tx, by: staff, at: now)
            return (account.user, try change.close(account.user, closedAt: account.closedAt))
        }
        context.security.tell(SecurityEvent(.accountClosed, user.login, sessions: ended))
        return ended
    }

    /// The account's live sessions, newest first, at most `limit`. Throws `accountNotFound`.
    public func sessions(of login: String, limit: Int) throws -> [SessionInfo] {
        let now = clock.now()
        return try store.read { tx in
            try tx.accounts.sessions(
                of: Self.find(login, tx).user.id, at: now, usedSince: now - policy.sessionIdleLifetime, limit: limit)
        }
    }

    /// Ends the account's sessions and returns how many there were. Throws `accountNotFound`.
    public func endSessions(of login: String) throws -> Int { try endSessions(of: .login(login)) }

    func endSessions(of name: AccountName) throws -> Int {
        let now = clock.now()
        let (user, ended) = try store.write { tx in
            let user = try name.find(tx).user
            return (user, try AccountChange(tx, by: staff, at: now).endSessions(of: user))
        }
        if ended > 0 { context.security.tell(SecurityEvent(.sessionsEnded, user.login, sessions: ended)) }
        return ended
    }

    /// Lets everybody who is throttled for this login try again at once, wherever they are. Returns how many counts
    /// were forgotten. Throws `accountNotFound`.
    public func unlock(_ login: String) throws -> Int {
        let now = clock.now()
        return try store.write { tx in
            let user = try Self.find(login, tx).user
            let forgotten = try LoginThrottle.unlock(login, tx)
            if forgotten > 0 {
                try tx.trace.add(TraceLine(.accountUnlocked, .account(user.id)), by: staff, at: now)
            }
            return forgotten
        }
    }

    static func find(_ login: String, _ tx: any Repositories) throws -> Account {
        guard let account = try tx.accounts.account(login) else { throw ShopError.accountNotFound }
        return account
    }
}

/// What an account is named by, and found by in the transaction that changes it.
enum AccountName {
    case login(String)
    /// Names none of a customer's.
    case staff(UserID)

    /// Throws `accountNotFound`.
    func find(_ tx: any Repositories) throws -> (user: User, closedAt: Timestamp?) {
        switch self {
        case .login(let login):
            let account = try AccountAdministration.find(login, tx)
            return (account.user, account.closedAt)
        case .staff(let id):
            let account = try AccountAdministration.summary(id, tx)
            return (account.user, account.closedAt)
        }
    }

    /// Throws `accountNotFound` and `accountClosed`.
    func findOpen(_ tx: any Repositories) throws -> User {
        let (user, closedAt) = try find(tx)
        guard closedAt == nil else { throw ShopError.accountClosed }
        return user
    }
}

extension Shop {
    /// Throws `forbidden` for who may not manage accounts.
    public func accountAdministration(by staff: Staff) throws -> AccountAdministration {
        try staff.check(.manageAccounts)
        return AccountAdministration(context: context, staff: staff)
    }
}
