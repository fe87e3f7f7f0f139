/// What one of the staff does with the second factor of the own account. Each change is told in the trace.
public struct OwnSecondFactor: Capability, Sendable {
    let context: Context
    let staff: Staff
    let user: User
    let session: TokenHash

    public func state() throws -> SecondFactorState {
        let now = clock.now()
        return try store.read { tx in
            SecondFactorState(
                since: try tx.secondFactors.find(of: user.id)?.since,
                recoveryCodesLeft: try tx.secondFactors.recoveryCodesLeft(of: user.id),
                begun: try begun(tx, at: now)?.totp, isRequired: policy.needsSecondFactor(user.role))
        }
    }

    /// Begins to set one up. One that is in force stays so until the new one is confirmed. Throws `passwordRequired`.
    public func begin() throws -> TOTP {
        try staff.checkPassword()
        let factor = BegunSecondFactor(totp: .random(), begunAt: clock.now())
        try store.write { tx in try tx.secondFactors.begin(factor, by: user.id) }
        return factor.totp
    }

    /// Puts the one that was begun in force, with its app's first code. Ends all other sessions of the account: nobody
    /// gave a code for them. Returns the recovery codes, which nobody sees a second time.
    ///
    /// Throws `secondFactorNotBegun` and `invalidCode`.
    public func confirm(_ code: String) throws -> [RecoveryCode] {
        let codes = Self.newCodes()
        let now = clock.now()
        let ended = try store.write { tx in
            guard let begun = try begun(tx, at: now) else { throw ShopError.secondFactorNotBegun }
            guard let step = begun.totp.step(of: TOTP.digits(in: code), at: now, after: nil) else {
                throw ShopError.invalidCode
            }
            try tx.secondFactors.set(SecondFactor(totp: begun.totp, since: now, lastStep: step), of: user.id)
            try tx.secondFactors.setRecoveryCodes(codes.map(\.hash), of: user.id)
            let ended = try tx.accounts.endSessions(of: user.id, but: session)
            let change = TraceChange(.sessions, Int64(ended) + 1, 1)
            try tx.trace.add(TraceLine(.secondFactorSet, .account(user.id), [change]), by: staff, at: now)
            return ended
        }
        context.security.tell(SecurityEvent(.secondFactorSet, user.login, from: staff.address, sessions: ended))
        return codes
    }

    /// Replaces the recovery codes; returns the new ones, which nobody sees a second time. Throws `passwordRequired`
    /// and `secondFactorNotFound`.
    public func renewRecoveryCodes() throws -> [RecoveryCode] {
        try staff.checkPassword()
        let codes = Self.newCodes()
        let now = clock.now()
        try store.write { tx in
            guard try tx.secondFactors.find(of: user.id) != nil else { throw ShopError.secondFactorNotFound }
            try tx.secondFactors.setRecoveryCodes(codes.map(\.hash), of: user.id)
            try tx.trace.add(TraceLine(.recoveryCodesMade, .account(user.id)), by: staff, at: now)
        }
        return codes
    }

    /// Removes it. Throws `passwordRequired`, `secondFactorNotFound`, and `secondFactorRequired` for a role that needs
    /// one: that can only be replaced.
    public func remove() throws {
        try staff.checkPassword()
        if policy.needsSecondFactor(user.role) { throw ShopError.secondFactorRequired }
        let now = clock.now()
        try store.write { tx in
            guard try tx.secondFactors.remove(of: user.id) else { throw ShopError.secondFactorNotFound }
            try tx.trace.add(TraceLine(.secondFactorRemoved, .account(user.id)), by: staff, at: now)
        }
        context.security.tell(SecurityEvent(.secondFactorRemoved, user.login, from: staff.address))
    }

    private func begun(_ tx: any Repositories, at now: Timestamp) throws -> BegunSecondFactor? {
        try tx.secondFactors.begun(by: user.id).flatMap { now < $0.begunAt + BegunSecondFactor.lifetime ? $0 : nil }
    }

    private static func newCodes() -> [RecoveryCode] { (0..<RecoveryCode.count).map { _ in .random() } }
}

extension Accounts {
    /// The second factor of whose token this is, of the staff; there need not be one yet. Throws `forbidden` for a
    /// customer, and `unauthenticated` as `caller` does.
    ///
    /// - Parameter address: the client's.
    public func secondFactor(_ token: Token, by way: Staff.Way, from address: String) throws -> OwnSecondFactor {
        let found = try staffMember(token, by: way, from: address)
        return OwnSecondFactor(context: context, staff: found.staff, user: found.user, session: token.hash)
    }
}

extension AccountAdministration {
    /// Removes the second factor of somebody who has lost it, and ends the account's sessions. Returns how many ended.
    ///
    /// Throws `accountNotFound`, `secondFactorNotFound`, and `secondFactorRequired` for the own one in a role that needs
    /// one: that can only be replaced.
    public func removeSecondFactor(of login: String) throws -> Int { try removeSecondFactor(of: .login(login)) }

    func removeSecondFactor(of name: AccountName) throws -> Int {
        let now = clock.now()
        let (user, ended) = try store.write { tx in
            let user = try name.find(tx).user
            if user.id == staff.user, policy.needsSecondFactor(user.role) { throw ShopError.secondFactorRequired }
            guard try tx.secondFactors.remove(of: user.id) else { throw ShopError.secondFactorNotFound }
            return (user, try AccountChange(tx, by: staff, at: now).end(user, .secondFactorRemoved))
        }
        context.security.tell(SecurityEvent(.secondFactorRemoved, user.login, from: staff.address, sessions: ended))
        return ended
    }
}
