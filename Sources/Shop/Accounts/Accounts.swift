/// The customers' accounts: signing up, logging in, tokens.
public struct Accounts: Capability, Sendable {
    /// A program that has not logged in for this long counts as a stranger again.
    static let programsKnownFor = Timestamp.Span.days(90)

    let context: Context

    /// Makes a customer's account. Throws `loginTaken`.
    public func signUp(_ signUp: SignUp) throws -> User {
        try add(signUp) { _, user in user }
    }

    /// Signs up and logs in: both happen, or neither.
    public func signUpAndLogIn(
        _ signUp: SignUp, from origin: LogInOrigin = .browser("", device: nil)
    ) throws -> (token: Token, expiresAt: Timestamp) {
        let token = Token.random()
        let now = clock.now()
        let expiresAt = now + policy.sessionLifetime
        try add(signUp) { tx, user in
            try tx.accounts.addSession(token.hash, of: user.id, from: origin, at: now, expiresAt: expiresAt)
        }
        return (token, expiresAt)
    }

    /// Adds an account once per submission. Throws `loginTaken`.
    ///
    /// - Parameter then: what else belongs to it, in the same transaction.
    func add(
        _ signUp: SignUp, _ submission: Submission<User>, _ then: (any Repositories, User) throws -> Void
    ) throws -> Receipt {
        let now = clock.now()
        // What the same submission has made is no login taken.
        let kept = try store.read { tx in
            let kept = try submission.kept(in: tx, at: now, policy)
            if kept == nil, try tx.accounts.find(login: signUp.login) != nil { throw ShopError.loginTaken }
            return kept
        }
        if let kept { return kept }
        let hash = try context.gate.run(.strangers) { try context.hasher.hash(signUp.password) }
        return try store.write(once: submission, at: now, policy) { tx in
            let user = try tx.accounts.add(signUp, passwordHash: hash, at: now)
            try then(tx, user)
            return user
        }
    }

    func add<Result>(_ signUp: SignUp, _ then: (any Repositories, User) throws -> Result) throws -> Result {
        // Checked before the hash, which is the expensive part; the schema has the last word.
        let isTaken = try store.read { tx in try tx.accounts.find(login: signUp.login) != nil }
        if isTaken { throw ShopError.loginTaken }
        let hash = try context.gate.run(.strangers) { try context.hasher.hash(signUp.password) }
        let now = clock.now()
        return try store.write { tx in
            try then(tx, try tx.accounts.add(signUp, passwordHash: hash, at: now))
        }
    }

    /// The first step of a log-in: begins the session of whoever knows the password, unless the account has a second
    /// factor.
    ///
    /// Throws `invalidCredentials` for an unknown login and for a wrong password alike, after the same time, and
    /// `tooManyAttempts` after too many wrong ones (see `LoginThrottle`).
    public func begin(login: String, password: String, from origin: LogInOrigin) throws -> LogInStep {
        let found = try store.read { tx in try tx.accounts.find(login: login) }
        let step = try telling(found?.user.login, origin.address, wrong: .loginFailed, tooMany: .loginThrottled) {
            try begin(login, found, password, from: origin)
        }
        if case .loggedIn = step, let user = found?.user { tellStaff(user, from: origin) }
        return step
    }

    func tellStaff(_ user: User, from origin: LogInOrigin) {
        guard user.role.isStaff else { return }
        context.security.tell(SecurityEvent(.staffLogin, user.login, from: origin.address))
    }

    private func begin(
        _ login: String, _ found: (user: User, passwordHash: String?)?, _ password: String, from origin: LogInOrigin
    ) throws -> LogInStep {
        let (throttle, lane) = try store.read { tx in try rules(login, origin, tx) }
        try store.read { tx in try throttle.check(tx, at: clock.now()) }
        let isRight = try check(password, found?.passwordHash, throttle, lane)
        guard let found, isRight, let hash = found.passwordHash else { throw ShopError.invalidCredentials }
        let now = clock.now()
        let token = Token.random()
        let expiresAt = now + policy.sessionLifetime
        return try store.write { tx in
            // The password may have been changed while this one was being checked.
            guard try tx.accounts.find(login: login)?.passwordHash == hash else {
                throw ShopError.invalidCredentials
            }
            try throttle.succeeded(tx)
            if try tx.secondFactors.find(of: found.user.id) != nil {
                let half = HalfLogIn(
                    of: found.user.id, until: now + HalfLogIn.lifetime, passwordHash: hash,
                    key: try tx.accounts.deviceKey())
                return .needsCode(half.text)
            }
            try addSession(token, of: found.user, from: origin, at: now, expiresAt: expiresAt, tx)
            return .loggedIn(
                token: token, expiresAt: expiresAt, needsSecondFactor: policy.needsSecondFactor(found.user.role))
        }
    }

    func addSession(
        _ token: Token, of user: User, from origin: LogInOrigin, at now: Timestamp, expiresAt: Timestamp,
        _ tx: any Repositories
    ) throws {
        if origin.isProgram { try note(program: user.login, from: origin.network, at: now, tx) }
        try tx.accounts.addSession(token.hash, of: user.id, from: origin, at: now, expiresAt: expiresAt)
    }

    /// Reports a password or a code that was wrong, and one that was not checked.
    func telling<Result>(
        _ login: String?, _ address: String, wrong: SecurityEvent.Kind, tooMany: SecurityEvent.Kind,
        _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as ShopError where error == .invalidCredentials || error == .invalidCode {
            context.security.tell(SecurityEvent(wrong, login, from: address))
            throw error
        } catch ShopError.tooManyAttempts(let seconds) {
            context.security.tell(SecurityEvent(tooMany, login, from: address))
            throw ShopError.tooManyAttempts(retryAfterSeconds: seconds)
        }
    }

    /// What a browser that has just logged in keeps to be recognized by. It replaces `text`, which the browser had
    /// before; if that was for the same login, its attempts still count.
    public func knownDevice(of login: String, before text: String?) throws -> String {
        let key = try store.read { tx in try tx.accounts.deviceKey() }
        let device = text.flatMap { KnownDevice($0, of: login, key: key) } ?? .random()
        return device.text(of: login, key: key)
    }

    /// Which throttle and which lane an attempt falls under.
    func rules(
        _ login: String, _ origin: LogInOrigin, _ tx: any Repositories
    ) throws -> (throttle: LoginThrottle, lane: HashingGate.Lane) {
        if let text = origin.device, let device = KnownDevice(text, of: login, key: try tx.accounts.deviceKey()) {
            return (LoginThrottle(login: login, device: device), .known)
        }
        let last = origin.isProgram ? try tx.accounts.programLoggedIn(login, from: origin.network) : nil
        let isKnown = last != nil
        let throttle = LoginThrottle(login: login, network: origin.network, isKnown: isKnown)
        return (throttle, isKnown ? .known : .strangers)
    }

    /// Checks a password when its turn comes, after counting the attempt.
    func check(
        _ password: String, _ hash: String?, _ throttle: LoginThrottle, _ lane: HashingGate.Lane
    ) throws -> Bool {
        try context.gate.run(lane) {
            let now = clock.now()
            try store.write { tx in try throttle.reserve(tx, at: now) }
            return try context.hasher.verify(password, hash)
        }
    }

    /// Written at most once a day: it is kept for months.
    private func note(program login: String, from network: String, at now: Timestamp, _ tx: any Repositories) throws {
        if let last = try tx.accounts.programLoggedIn(login, from: network), now < last + .days(1) { return }
        try tx.accounts.noteProgram(login, from: network, at: now)
    }

    /// Whose token this is. Throws `unauthenticated` if it is nobody's or has expired.
    public func caller(_ token: Token) throws -> Caller {
        let hash = token.hash
        let version = store.version(of: .sessions)
        if let session = context.sessions.find(hash, version) { return try admit(session, hash) }
        let session = try store.lookUp { tx in try tx.accounts.session(hash) { $0 } }
        guard let session else { throw ShopError.unauthenticated }
        context.sessions.keep(session, hash, version)
        return try admit(session, hash)
    }

    /// The caller, and what one statement finds for them. Both come from one snapshot if the caller has to be looked
    /// up: with a million customers that is nearly always, and a second snapshot would cost a tenth of the request.
    func caller<Found>(
        _ token: Token, finding find: (any Repositories, UserID) throws -> Found
    ) throws -> (caller: Caller, found: Found) {
        let hash = token.hash
        let version = store.version(of: .sessions)
        if let session = context.sessions.find(hash, version) {
            let caller = try admit(session, hash)
            return (caller, try store.lookUp { tx in try find(tx, caller.user) })
        }
        let looked = try store.lookUp { tx in
            try tx.accounts.session(hash) { session in (session, try find(tx, session.caller.user)) }
        }
        guard let (session, found) = looked else { throw ShopError.unauthenticated }
        context.sessions.keep(session, hash, version)
        return (try admit(session, hash), found)
    }

    private func admit(_ session: Session, _ hash: TokenHash) throws -> Caller {
        let now = clock.now()
        guard now < session.expiresAt, now < session.lastUsedAt + policy.sessionIdleLifetime else {
            throw ShopError.unauthenticated
        }
        if context.sessionUse.note(hash, lastUsedAt: session.lastUsedAt, at: now) { context.sessions.forget(hash) }
        return session.caller
    }

    /// Who of the staff has this token. Throws `forbidden` for a customer, `secondFactorRequired` for whoever needs a
    /// second factor and has none, and `unauthenticated` as `caller` does.
    ///
    /// - Parameter address: the client's.
    public func staff(_ token: Token, by way: Staff.Way, from address: String) throws -> (
        staff: Staff, user: UserID
    ) {
        let found = try staffMember(token, by: way, from: address)
        if !found.hasSecondFactor, policy.needsSecondFactor(found.user.role) { throw ShopError.secondFactorRequired }
        return (found.staff, found.user.id)
    }

    /// The same, with or without a second factor.
    func staffMember(_ token: Token, by way: Staff.Way, from address: String) throws -> (
        staff: Staff, user: User, hasSecondFactor: Bool
    ) {
        let caller = try caller(token)
        guard caller.role.isStaff else { throw ShopError.forbidden }
        let hash = token.hash
        return try store.read { tx in
            guard let user = try tx.accounts.find(caller.user), let passwordAt = try tx.accounts.passwordGiven(in: hash)
            else { throw ShopError.unauthenticated }
            let staff = Staff(
                user: user.id, login: user.login, role: caller.role, way: way, address: address,
                isPasswordRecent: clock.now() < passwordAt + policy.passwordLifetime)
            return (staff, user, try tx.secondFactors.find(of: user.id) != nil)
        }
    }

    /// The caller's own account.
    public func user(_ caller: Caller) throws -> User {
        guard let user = try store.read({ tx in try tx.accounts.find(caller.user) }) else {
            throw ShopError.unauthenticated
        }
        return user
    }

    /// Ends the token's session.
    public func logOut(_ token: Token) throws {
        let hash = token.hash
        guard try store.write({ tx in try tx.accounts.endSession(hash) }) else { throw ShopError.unauthenticated }
    }

    // MARK: The account's own pages

    /// The token's owner, with what every page shows of them; nil if it is nobody's or has expired.
    public func customer(_ token: Token) throws -> Customer? {
        let caller: Caller
        do {
            caller = try self.caller(token)
        } catch ShopError.unauthenticated {
            return nil
        }
        return try store.read { tx in
            guard let user = try tx.accounts.find(caller.user) else { return nil }
            return Customer(
                user: user, balance: try tx.balances.amount(of: user.id) ?? .zero,
                basketCount: try tx.baskets.count(of: .customer(user.id)))
        }
    }

    /// The user's live sessions, newest first, at most 100.
    public func sessions(of user: UserID) throws -> [SessionInfo] {
        let now = clock.now()
        return try store.read { tx in
            try tx.accounts.sessions(of: user, at: now, usedSince: now - policy.sessionIdleLifetime, limit: 100)
        }
    }

    /// Ends all of the user's sessions but this one; returns how many ended. Of the staff's own it is told in the trace.
    ///
    /// - Parameter address: the client's, for the security log and the trace.
    public func endOtherSessions(of user: User, but token: Token, from address: String = "") throws -> Int {
        let hash = token.hash
        let now = clock.now()
        let ended = try store.write { tx in
            let ended = try tx.accounts.endSessions(of: user.id, but: hash)
            if ended > 0 { try tell(.sessionsEnded, ended, of: user.id, from: address, at: now, tx) }
            return ended
        }
        if ended > 0 {
            context.security.tell(SecurityEvent(.sessionsEnded, user.login, from: address, sessions: ended))
        }
        return ended
    }

    /// Changes the password, given the old one, and ends all other sessions: they may be the reason for the change. Of the
    /// staff's own it is told in the trace.
    ///
    /// Throws `invalidCredentials`, and `tooManyAttempts` where too many were wrong before.
    ///
    /// - Parameter address: the client's, for the security log and the trace.
    public func changePassword(
        of user: User, from old: String, to new: String, keeping token: Token, at address: String = ""
    ) throws {
        let ended = try telling(user.login, address, wrong: .passwordRefused, tooMany: .passwordThrottled) {
            try changePassword(of: user, old, new, keeping: token, at: address)
        }
        context.security.tell(SecurityEvent(.passwordChanged, user.login, from: address, sessions: ended))
    }

    /// Returns how many sessions ended.
    private func changePassword(
        of user: User, _ old: String, _ new: String, keeping token: Token, at address: String
    ) throws -> Int {
        let throttle = LoginThrottle(account: user.login)
        let found = try store.read { tx in
            try throttle.check(tx, at: clock.now())
            return try tx.accounts.find(login: user.login)
        }
        guard try check(old, found?.passwordHash, throttle, .known) else { throw ShopError.invalidCredentials }
        let hash = try context.gate.run(.known) { try context.hasher.hash(new) }
        let session = token.hash
        let now = clock.now()
        return try store.write { tx in
            // A concurrent change may have come first and ended this session.
            guard try tx.accounts.session(session, { _ in true }) != nil else { throw ShopError.unauthenticated }
            guard try tx.accounts.find(login: user.login)?.passwordHash == found?.passwordHash else {
                throw ShopError.invalidCredentials
            }
            try throttle.succeeded(tx)
            try tx.accounts.setPasswordHash(hash, of: user.id)
            let ended = try tx.accounts.endSessions(of: user.id, but: session)
            try tell(.passwordSet, ended, of: user.id, from: address, at: now, tx)
            return ended
        }
    }

    /// Tells in the trace what somebody of the staff did with their own account, on its page.
    private func tell(
        _ action: TraceAction, _ ended: Int, of id: UserID, from address: String, at now: Timestamp,
        _ tx: any Repositories
    ) throws {
        guard let user = try tx.accounts.find(id), user.role.isStaff else { return }
        let staff = Staff(
            user: user.id, login: user.login, role: user.role, way: .browser, address: address, isPasswordRecent: true)
        try tx.trace.add(
            TraceLine(action, .account(user.id), [TraceChange(.sessions, Int64(ended), 0)]), by: staff, at: now)
    }
}
