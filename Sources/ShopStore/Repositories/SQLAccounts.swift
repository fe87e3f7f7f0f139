import SQLite
import Shop

struct SQLAccounts: AccountRepository {
    let sql: Connection
    let changes: Changes
    let tally: FigureTally

    func find(_ id: UserID) throws -> User? {
        try sql.first("SELECT \(User.Column.self) FROM users WHERE id = ?", id.value, read: User.init)
    }

    func find(login: String) throws -> (user: User, passwordHash: String?)? {
        try sql.first(
            """
            SELECT \(User.Column.self), CASE WHEN closed_at IS NULL THEN password_hash END
            FROM users WHERE login_key = ?
            """, login.lowercased()
        ) { row in (try User(row), row.optionalText(User.Column.count)) }
    }

    func add(_ signUp: SignUp, passwordHash: String?, at time: Timestamp) throws -> User {
        let id: UserID
        do {
            id = UserID(
                try sql.insert(
                    """
                    INSERT INTO users (login, login_key, role, name, password_hash, created_at)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """, signUp.login, signUp.login.lowercased(), signUp.role.rawValue, signUp.name, passwordHash,
                    time.milliseconds))
        } catch let error as SQLiteError where error.isUniqueViolation {
            throw ShopError.loginTaken
        }
        try sql.run("INSERT INTO balances (user_id, amount, entries) VALUES (?, 0, 0)", id.value)
        if signUp.role == .customer { tally.count(at: time) { $0.customers += 1 } }
        return User(id: id, login: signUp.login, name: signUp.name, role: signUp.role, createdAt: time)
    }

    // MARK: Administration

    func setRole(_ role: Role, of user: UserID) throws {
        let before = try sql.first("SELECT role, created_at FROM users WHERE id = ?", user.value) { row in
            (isCustomer: row.text(0) == Role.customer.rawValue, createdAt: row.time(1))
        }
        if let before, before.isCustomer != (role == .customer) {
            tally.count(at: before.createdAt) { $0.customers += before.isCustomer ? -1 : 1 }
        }
        try sql.run("UPDATE users SET role = ? WHERE id = ?", role.rawValue, user.value)
    }

    func close(_ user: UserID, at time: Timestamp) throws {
        try sql.run("UPDATE users SET closed_at = ? WHERE id = ?", time.milliseconds, user.value)
    }

    func account(_ login: String) throws -> Account? {
        try sql.first(
            """
            SELECT \(User.Column.self), closed_at, (SELECT max(last_used_at) FROM sessions WHERE user_id = users.id),
                (SELECT since FROM second_factors WHERE user_id = users.id)
            FROM users WHERE login_key = ?
            """, login.lowercased(), read: Account.init)
    }

    func accounts(after id: UserID, limit: Int) throws -> [Account] {
        try sql.all(
            """
            SELECT \(User.Column.self), closed_at, (SELECT max(last_used_at) FROM sessions WHERE user_id = users.id),
                (SELECT since FROM second_factors WHERE user_id = users.id)
            FROM users WHERE id > ? ORDER BY id LIMIT ?
            """, id.value, limit, read: Account.init)
    }

    // MARK: Sessions

    func addSession(
        _ token: TokenHash, of user: UserID, from origin: LogInOrigin, at time: Timestamp, expiresAt: Timestamp
    ) throws {
        try sql.run(
            """
            INSERT INTO sessions (token_hash, user_id, role, created_at, last_used_at, expires_at, device, network)
            SELECT ?, id, role, ?, ?, ?, ?, ? FROM users WHERE id = ?
            """, token.bytes, time.milliseconds, time.milliseconds, expiresAt.milliseconds,
            origin.isProgram ? "" : origin.name, origin.network.isEmpty ? nil : origin.network, user.value)
    }

    func session<Result>(_ token: TokenHash, _ body: (Session) throws -> Result) throws -> Result? {
        try sql.first(
            "SELECT \(Session.Column.self) FROM sessions WHERE token_hash = ?", token.bytes
        ) { row in try body(Session(row)) }
    }

    func passwordGiven(in token: TokenHash) throws -> Timestamp? {
        try sql.first(
            "SELECT coalesce(password_at, created_at) FROM sessions WHERE token_hash = ?", token.bytes
        ) { $0.time(0) }
    }

    func notePassword(in token: TokenHash, at time: Timestamp) throws -> Bool {
        try sql.change(
            "UPDATE sessions SET password_at = ? WHERE token_hash = ?", time.milliseconds, token.bytes) > 0
    }

    func useSessions(_ tokens: [TokenHash], at time: Timestamp) throws {
        for token in tokens {
            try sql.run(
                "UPDATE sessions SET last_used_at = ? WHERE token_hash = ?", time.milliseconds, token.bytes)
        }
    }

    func sessions(of user: UserID, at now: Timestamp, usedSince time: Timestamp, limit: Int) throws -> [SessionInfo] {
        try sql.all(
            """
            SELECT \(SessionInfo.Column.self) FROM sessions
            WHERE user_id = ? AND expires_at > ? AND last_used_at > ? ORDER BY created_at DESC LIMIT ?
            """, user.value, now.milliseconds, time.milliseconds, limit, read: SessionInfo.init)
    }

    func endSessions(of user: UserID, but token: TokenHash?) throws -> Int {
        changes.note(.sessions)
        guard let token else { return try sql.change("DELETE FROM sessions WHERE user_id = ?", user.value) }
        return try sql.change(
            "DELETE FROM sessions WHERE user_id = ? AND token_hash <> ?", user.value, token.bytes)
    }

    func setPasswordHash(_ hash: String, of user: UserID) throws {
        try sql.run("UPDATE users SET password_hash = ? WHERE id = ?", hash, user.value)
    }

    func endSession(_ token: TokenHash) throws -> Bool {
        changes.note(.sessions)
        return try sql.change("DELETE FROM sessions WHERE token_hash = ?", token.bytes) > 0
    }

    func endSessions(expiredBy now: Timestamp, unusedSince time: Timestamp, limit: Int) throws -> Int {
        changes.note(.sessions)
        let expired = try sql.change(
            """
            DELETE FROM sessions WHERE token_hash IN
                (SELECT token_hash FROM sessions WHERE expires_at <= ? LIMIT ?)
            """, now.milliseconds, limit)
        let unused = try sql.change(
            """
            DELETE FROM sessions WHERE token_hash IN
                (SELECT token_hash FROM sessions WHERE last_used_at <= ? LIMIT ?)
            """, time.milliseconds, limit - expired)
        return expired + unused
    }

    // MARK: Failed log-ins

    func failedLogins(_ subject: String) throws -> FailedLogins? {
        try sql.first(
            "SELECT \(FailedLogins.Column.self) FROM failed_logins WHERE subject = ?", subject, read: FailedLogins.init)
    }

    func setFailedLogins(_ subject: String, _ failures: FailedLogins?) throws {
        guard let failures else {
            try sql.run("DELETE FROM failed_logins WHERE subject = ?", subject)
            return
        }
        try sql.run(
            """
            INSERT INTO failed_logins (subject, failures, last_at) VALUES (?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at
            """, subject, failures.count, failures.lastAt.milliseconds)
    }

    func forgetFailedLogins(before time: Timestamp, limit: Int) throws -> Int {
        try sql.change(
            """
            DELETE FROM failed_logins WHERE subject IN
                (SELECT subject FROM failed_logins WHERE last_at < ? LIMIT ?)
            """, time.milliseconds, limit)
    }

    func forgetFailedLogins(of subjects: [String], from prefix: String) throws -> Int {
        // The upper bound of all texts with this prefix: a subject's characters sort below this one.
        var forgotten = try sql.change(
            "DELETE FROM failed_logins WHERE subject >= ? AND subject < ?", prefix, prefix + "\u{10FFFF}")
        for subject in subjects {
            forgotten += try sql.change("DELETE FROM failed_logins WHERE subject = ?", subject)
        }
        return forgotten
    }

    // MARK: Who has logged in before

    func deviceKey() throws -> [UInt8] {
        guard let key = try sql.first("SELECT value FROM secrets WHERE name = 'device'", read: { $0.bytes(0) }) else {
            throw MissingRowError("key of devices")
        }
        return key
    }

    func programLoggedIn(_ login: String, from network: String) throws -> Timestamp? {
        try sql.first(
            "SELECT last_at FROM known_programs WHERE login_key = ? AND network = ?", login.lowercased(), network
        ) { $0.time(0) }
    }

    func noteProgram(_ login: String, from network: String, at time: Timestamp) throws {
        try sql.run(
            """
            INSERT INTO known_programs (login_key, network, last_at) VALUES (?, ?, ?)
            ON CONFLICT (login_key, network) DO UPDATE SET last_at = excluded.last_at
            """, login.lowercased(), network, time.milliseconds)
    }

    func forgetPrograms(before time: Timestamp, limit: Int) throws -> Int {
        try sql.change(
            """
            DELETE FROM known_programs WHERE (login_key, network) IN
                (SELECT login_key, network FROM known_programs WHERE last_at < ? LIMIT ?)
            """, time.milliseconds, limit)
    }
}

extension User {
    fileprivate enum Column: Int32, ColumnList {
        case id, login, name, role, createdAt
        var table: String { "users" }
    }

    fileprivate init(_ row: borrowing Row) throws {
        self.init(
            id: row.id(Column.id), login: row.text(Column.login), name: row.text(Column.name),
            role: try row.choice(Column.role), createdAt: row.time(Column.createdAt))
    }
}

extension Account {
    /// After the user's columns: when the account was closed, when a session of it was last used, and since when it has a
    /// second factor.
    fileprivate init(_ row: borrowing Row) throws {
        let closedAt = User.Column.count
        self.init(
            user: try User(row), secondFactorSince: row.optionalTime(closedAt + 2),
            lastUsedAt: row.optionalTime(closedAt + 1), closedAt: row.optionalTime(closedAt))
    }
}

extension Session {
    fileprivate enum Column: Int32, ColumnList {
        case userID, role, expiresAt, lastUsedAt
        var table: String { "sessions" }
    }

    fileprivate init(_ row: borrowing Row) throws {
        self.init(
            caller: Caller(user: row.id(Column.userID), role: try row.choice(Column.role)),
            expiresAt: row.time(Column.expiresAt), lastUsedAt: row.time(Column.lastUsedAt))
    }
}

extension SessionInfo {
    fileprivate enum Column: Int32, ColumnList {
        case tokenHash, createdAt, lastUsedAt, device, network
        var table: String { "sessions" }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(
            tokenHash: row.bytes(Column.tokenHash), createdAt: row.time(Column.createdAt),
            lastUsedAt: row.time(Column.lastUsedAt), device: row.optionalText(Column.device),
            network: row.optionalText(Column.network))
    }
}

extension FailedLogins {
    fileprivate enum Column: Int32, ColumnList {
        case failures, lastAt
        var table: String { "failed_logins" }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(count: Int(row.int64(Column.failures)), lastAt: row.time(Column.lastAt))
    }
}
