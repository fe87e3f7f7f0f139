/// What the right password leads to.
public enum LogInStep: Sendable {
    /// The account has no second factor: the session has begun. `needsSecondFactor` says that its role needs one: all it
    /// reaches of the staff's side is the set-up.
    case loggedIn(token: Token, expiresAt: Timestamp, needsSecondFactor: Bool)
    /// `Accounts.finish` takes this text with a code, for a few minutes. It lets nobody in by itself.
    case needsCode(String)
}

/// A session that began with a code.
public struct FinishedLogIn: Sendable {
    public let login: String
    public let token: Token
    public let expiresAt: Timestamp
    /// Whether it was a recovery code, which is used up now.
    public let byRecoveryCode: Bool
}

extension Accounts {
    /// A new token for whoever knows the password and, where the account has a second factor, a code of the app or a
    /// recovery code.
    ///
    /// Throws what `begin` and `finish` throw, and `codeRequired` where no code was given although one is needed.
    public func logIn(
        login: String, password: String, code: String? = nil, from origin: LogInOrigin
    ) throws -> (token: Token, expiresAt: Timestamp) {
        switch try begin(login: login, password: password, from: origin) {
        case .loggedIn(let token, let expiresAt, _): return (token, expiresAt)
        case .needsCode(let half):
            guard let code else { throw ShopError.codeRequired }
            let finished = try finish(half, code: code, from: origin)
            return (finished.token, finished.expiresAt)
        }
    }

    /// The second step of a log-in: begins the session of whoever knows a code of the app, or a recovery code.
    ///
    /// Throws `unauthenticated` if the first step is too long ago or its password is no longer the account's,
    /// `invalidCode` for a wrong code and one that was used, and `tooManyAttempts` after too many of these.
    ///
    /// - Parameter half: what the first step returned.
    public func finish(_ half: String, code: String, from origin: LogInOrigin) throws -> FinishedLogIn {
        guard let half = HalfLogIn(half), let user = try store.read({ tx in try tx.accounts.find(half.user) }) else {
            throw ShopError.unauthenticated
        }
        let finished = try telling(user.login, origin.address, wrong: .codeRefused, tooMany: .codeThrottled) {
            try finish(half, user, code, from: origin)
        }
        if finished.byRecoveryCode {
            context.security.tell(SecurityEvent(.recoveryCodeUsed, user.login, from: origin.address))
        }
        tellStaff(user, from: origin)
        return finished
    }

    private func finish(
        _ half: HalfLogIn, _ user: User, _ code: String, from origin: LogInOrigin
    ) throws -> FinishedLogIn {
        let token = Token.random()
        let now = clock.now()
        let expiresAt = now + policy.sessionLifetime
        // Nil for a wrong code, which has to stay counted: an error would undo that.
        let taken: TakenCode? = try store.write { tx in
            guard now < half.until, let hash = try tx.accounts.find(login: user.login)?.passwordHash,
                half.isSigned(passwordHash: hash, key: try tx.accounts.deviceKey()),
                let factor = try tx.secondFactors.find(of: user.id)
            else { throw ShopError.unauthenticated }
            let throttle = try rules(user.login, origin, tx).throttle.ofCodes
            try throttle.reserve(tx, at: now)
            guard let taken = try tx.take(code: code, of: user.id, factor, at: now) else { return nil }
            try throttle.succeeded(tx)
            try addSession(token, of: user, from: origin, at: now, expiresAt: expiresAt, tx)
            return taken
        }
        guard let taken else { throw ShopError.invalidCode }
        return FinishedLogIn(
            login: user.login, token: token, expiresAt: expiresAt, byRecoveryCode: taken == .recovery)
    }

    /// Renews what a session knows of the password, for what asks for it again.
    ///
    /// Throws `invalidCredentials`, and `tooManyAttempts` where too many were wrong before.
    ///
    /// - Parameter address: the client's, for the security log.
    public func confirmPassword(
        of user: User, _ password: String, in token: Token, at address: String
    ) throws {
        try telling(user.login, address, wrong: .passwordRefused, tooMany: .passwordThrottled) {
            let throttle = LoginThrottle(account: user.login)
            let found = try store.read { tx in
                try throttle.check(tx, at: clock.now())
                return try tx.accounts.find(login: user.login)
            }
            guard try check(password, found?.passwordHash, throttle, .known) else {
                throw ShopError.invalidCredentials
            }
            let (session, now) = (token.hash, clock.now())
            try store.write { tx in
                // The password may have been changed while this one was being checked.
                guard try tx.accounts.find(login: user.login)?.passwordHash == found?.passwordHash else {
                    throw ShopError.invalidCredentials
                }
                try throttle.succeeded(tx)
                guard try tx.accounts.notePassword(in: session, at: now) else { throw ShopError.unauthenticated }
            }
        }
    }
}
