/// Why an operation on an account failed; nothing was changed.
public enum AccountError: Error, Sendable, Equatable {
    case noSuchLogin
    case closed
}

/// What the shop's operator does with others' accounts, without their passwords.
public struct AccountAdministration: Capability, Sendable {
    let context: Context

    /// At most `limit` accounts with greater ids, ordered by id.
    public func accounts(after id: UserID, limit: Int) throws -> [Account] {
        try store.read { tx in try tx.accounts.accounts(after: id, limit: limit) }
    }

    /// Throws `noSuchLogin`.
    public func account(_ login: String) throws -> Account {
        try store.read { tx in try Self.find(login, tx) }
    }

    /// Sets a new password, ends the account's sessions and clears its throttling, so that the owner can log in at
    /// once. Returns how many sessions ended. Throws `noSuchLogin` and `closed`.
    public func setPassword(of login: String, to password: String) throws -> Int {
        let hash = try context.hasher.hash(password)
        let (user, ended) = try store.write { tx in
            let user = try Self.findOpen(login, tx).user
            try tx.accounts.setPasswordHash(hash, of: user.id)
            _ = try LoginThrottle.unlock(login, tx)
            return (user, try tx.accounts.endSessions(of: user.id, but: nil))
        }
        context.security.tell(SecurityEvent(.passwordChanged, user.login, sessions: ended))
        return ended
    }

    /// Changes the account's role and ends its sessions, since a session keeps the role it began with. Returns how many
    /// ended; 0 if the account already had the role. Throws `noSuchLogin` and `closed`.
    public func setRole(of login: String, to role: Role) throws -> Int {
        let changed: (user: User, ended: Int)? = try store.write { tx in
            let user = try Self.findOpen(login, tx).user
            if user.role == role { return nil }
            try tx.accounts.setRole(role, of: user.id)
            return (user, try tx.accounts.endSessions(of: user.id, but: nil))
        }
        guard let (user, ended) = changed else { return 0 }
        context.security.tell(SecurityEvent(.roleChanged, user.login, role: role, sessions: ended))
        return ended
    }

    /// Closes the account for good: its sessions end and nobody can log in. The login stays taken; orders, coupons and
    /// balance stay as they are. Returns how many sessions ended. Throws `noSuchLogin` and `closed`.
    public func close(_ login: String) throws -> Int {
        let now = clock.now()
        let (user, ended) = try store.write { tx in
            let user = try Self.findOpen(login, tx).user
            try tx.accounts.close(user.id, at: now)
            return (user, try tx.accounts.endSessions(of: user.id, but: nil))
        }
        context.security.tell(SecurityEvent(.accountClosed, user.login, sessions: ended))
        return ended
    }

    /// The account's live sessions, newest first, at most `limit`. Throws `noSuchLogin`.
    public func sessions(of login: String, limit: Int) throws -> [SessionInfo] {
        let now = clock.now()
        return try store.read { tx in
            try tx.accounts.sessions(
                of: Self.find(login, tx).user.id, at: now, usedSince: now - policy.sessionIdleLifetime, limit: limit)
        }
    }

    /// Ends the account's sessions and returns how many there were. Throws `noSuchLogin`.
    public func endSessions(of login: String) throws -> Int {
        let (user, ended) = try store.write { tx in
            let user = try Self.find(login, tx).user
            return (user, try tx.accounts.endSessions(of: user.id, but: nil))
        }
        if ended > 0 { context.security.tell(SecurityEvent(.sessionsEnded, user.login, sessions: ended)) }
        return ended
    }

    /// Lets everybody who is throttled for this login try again at once, wherever they are. Returns how many counts
    /// were forgotten. Throws `noSuchLogin`.
    public func unlock(_ login: String) throws -> Int {
        try store.write { tx in
            _ = try Self.find(login, tx)
            return try LoginThrottle.unlock(login, tx)
        }
    }

    private static func find(_ login: String, _ tx: any Repositories) throws -> Account {
        guard let account = try tx.accounts.account(login) else { throw AccountError.noSuchLogin }
        return account
    }

    private static func findOpen(_ login: String, _ tx: any Repositories) throws -> Account {
        let account = try find(login, tx)
        guard account.closedAt == nil else { throw AccountError.closed }
        return account
    }
}
