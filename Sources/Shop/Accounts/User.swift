public struct User: Sendable, Equatable {
    public let id: UserID
    /// As typed; logins that differ only in case are the same.
    public let login: String
    public let name: String
    public let role: Role
    public let createdAt: Timestamp

    public init(id: UserID, login: String, name: String, role: Role, createdAt: Timestamp) {
        self.id = id
        self.login = login
        self.name = name
        self.role = role
        self.createdAt = createdAt
    }
}

/// Who makes a request.
public struct Caller: Sendable, Equatable {
    public let user: UserID
    public let role: Role

    public init(user: UserID, role: Role) {
        self.user = user
        self.role = role
    }
}

/// What somebody signs up with.
public struct SignUp: Sendable {
    /// In characters.
    public static let loginLength = 3...64
    /// In characters.
    public static let nameLength = 1...64

    public static func isLoginCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", ".", "_", "@", "+", "-": true
        default: false
        }
    }

    public static func isLogin(_ text: String) -> Bool {
        loginLength.contains(text.unicodeScalars.count) && text.unicodeScalars.allSatisfy(isLoginCharacter)
    }

    public let login: String
    public let password: String
    public let name: String
    public let role: Role

    public init(login: String, password: String, name: String, role: Role = .customer) {
        self.login = login
        self.password = password
        self.name = name
        self.role = role
    }
}

/// A session; found by the SHA-256 of its token.
public struct Session: Sendable, Equatable {
    public let caller: Caller
    public let expiresAt: Timestamp
    public let lastUsedAt: Timestamp

    public init(caller: Caller, expiresAt: Timestamp, lastUsedAt: Timestamp) {
        self.caller = caller
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
    }
}

/// A session as its user sees it.
public struct SessionInfo: Sendable, Equatable {
    /// The bytes of its token's hash.
    public let tokenHash: [UInt8]
    public let createdAt: Timestamp
    /// Exact to an hour.
    public let lastUsedAt: Timestamp
    /// What it began with: a browser's name, "" for a program; nil if unknown.
    public let device: String?
    /// Where it began: an address or a network; nil if unknown.
    public let network: String?

    public init(tokenHash: [UInt8], createdAt: Timestamp, lastUsedAt: Timestamp, device: String?, network: String?) {
        self.tokenHash = tokenHash
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.device = device
        self.network = network
    }
}

/// A user as the shop's operator sees them.
public struct Account: Sendable, Equatable {
    public let user: User
    /// Since when it has a second factor; nil for none.
    public let secondFactorSince: Timestamp?
    /// The latest of the live sessions, exact to an hour; nil if there is none.
    public let lastUsedAt: Timestamp?
    /// Nil while it is open.
    public let closedAt: Timestamp?

    public init(user: User, secondFactorSince: Timestamp?, lastUsedAt: Timestamp?, closedAt: Timestamp?) {
        self.user = user
        self.secondFactorSince = secondFactorSince
        self.lastUsedAt = lastUsedAt
        self.closedAt = closedAt
    }
}

/// The logged-in customer, with what every page shows of them.
public struct Customer: Sendable {
    public let user: User
    public let balance: Won
    /// How many different products are in the basket.
    public let basketCount: Int
}

/// How often in a row logging in has failed for one subject.
public struct FailedLogins: Sendable, Equatable {
    public let count: Int
    public let lastAt: Timestamp

    public init(count: Int, lastAt: Timestamp) {
        self.count = count
        self.lastAt = lastAt
    }
}

public protocol AccountRepository {
    func find(_ id: UserID) throws -> User?
    /// The user with this login, whatever its case, and the password's hash; the hash is nil if the user cannot log in.
    func find(login: String) throws -> (user: User, passwordHash: String?)?
    /// Throws `ShopError.loginTaken`.
    func add(_ signUp: SignUp, passwordHash: String?, at time: Timestamp) throws -> User

    func addSession(
        _ token: TokenHash, of user: UserID, from origin: LogInOrigin, at time: Timestamp, expiresAt: Timestamp) throws
    /// The result of `body` for the session, in the snapshot in which it was found; nil if there is none.
    func session<Result>(_ token: TokenHash, _ body: (Session) throws -> Result) throws -> Result?
    /// When the session's password was last given; nil if there is no session.
    func passwordGiven(in token: TokenHash) throws -> Timestamp?
    /// The session's password was given again. Returns whether there is a session.
    func notePassword(in token: TokenHash, at time: Timestamp) throws -> Bool
    func useSessions(_ tokens: [TokenHash], at time: Timestamp) throws
    /// The user's live sessions, newest first.
    func sessions(of user: UserID, at now: Timestamp, usedSince time: Timestamp, limit: Int) throws -> [SessionInfo]
    /// Ends all of the user's sessions but one, or all; returns how many.
    func endSessions(of user: UserID, but token: TokenHash?) throws -> Int
    func setPasswordHash(_ hash: String, of user: UserID) throws
    func setRole(_ role: Role, of user: UserID) throws
    /// Closes the account to log-ins: its password is no longer found.
    func close(_ user: UserID, at time: Timestamp) throws
    /// The account with this login, whatever its case.
    func account(_ login: String) throws -> Account?
    /// The accounts with greater ids, ordered by id.
    func accounts(after id: UserID, limit: Int) throws -> [Account]
    /// Returns whether there was one.
    func endSession(_ token: TokenHash) throws -> Bool
    /// Ends at most `limit` expired or unused sessions; returns how many.
    func endSessions(expiredBy now: Timestamp, unusedSince time: Timestamp, limit: Int) throws -> Int

    func failedLogins(_ subject: String) throws -> FailedLogins?
    func setFailedLogins(_ subject: String, _ failures: FailedLogins?) throws
    /// Forgets at most `limit` older than `time`; returns how many.
    func forgetFailedLogins(before time: Timestamp, limit: Int) throws -> Int
    /// Forgets these, and all whose subject starts with `prefix`; returns how many.
    func forgetFailedLogins(of subjects: [String], from prefix: String) throws -> Int

    /// The key that signs the devices' texts.
    func deviceKey() throws -> [UInt8]
    /// When a program last logged in this way; nil for never.
    func programLoggedIn(_ login: String, from network: String) throws -> Timestamp?
    func noteProgram(_ login: String, from network: String, at time: Timestamp) throws
    /// Forgets at most `limit` that have not logged in since `time`; returns how many.
    func forgetPrograms(before time: Timestamp, limit: Int) throws -> Int
}
