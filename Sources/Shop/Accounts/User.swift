public enum Role: String, Sendable, CaseIterable {
    case customer, admin
}

public struct User: Sendable, Equatable {
    public let id: UserID
    /// As it was typed; two logins are one whatever their case.
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

/// A log-in that is under way; found by the SHA-256 of its token.
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

/// A session as its user looks at it.
public struct SessionInfo: Sendable, Equatable {
    /// The bytes of its token's hash.
    public let tokenHash: [UInt8]
    public let createdAt: Timestamp
    /// Exact to an hour.
    public let lastUsedAt: Timestamp
    /// What it was begun with: a browser's name, "" for a program; nil where that is not known.
    public let device: String?
    /// From where: an address, or a network; nil where that is not known.
    public let network: String?

    public init(tokenHash: [UInt8], createdAt: Timestamp, lastUsedAt: Timestamp, device: String?, network: String?) {
        self.tokenHash = tokenHash
        self.createdAt = createdAt
        self.lastUsedAt = lastUsedAt
        self.device = device
        self.network = network
    }
}

/// A user as who runs the shop looks at them.
public struct Account: Sendable, Equatable {
    public let user: User
    /// Of the sessions that are not over, exact to an hour; nil where there is none.
    public let lastUsedAt: Timestamp?
    /// Nil while it is open.
    public let closedAt: Timestamp?

    public init(user: User, lastUsedAt: Timestamp?, closedAt: Timestamp?) {
        self.user = user
        self.lastUsedAt = lastUsedAt
        self.closedAt = closedAt
    }
}

/// Who looks at a page, with what stands on all of them.
public struct Customer: Sendable {
    public let user: User
    public let balance: Won
    /// Different products in the basket.
    public let basketCount: Int
}

/// How often in a row logging in failed, for a login or an address.
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
    /// The user with this login in any case, and the hash of the password; nil for the hash of one who cannot log in.
    func find(login: String) throws -> (user: User, passwordHash: String?)?
    /// Throws `ShopError.loginTaken`.
    func add(_ signUp: SignUp, passwordHash: String?, at time: Timestamp) throws -> User

    func addSession(
        _ token: TokenHash, of user: UserID, from origin: LogInOrigin, at time: Timestamp, expiresAt: Timestamp) throws
    /// What `body` makes of the session, in the snapshot in which it was found; nil where there is none.
    func session<Result>(_ token: TokenHash, _ body: (Session) throws -> Result) throws -> Result?
    func useSessions(_ tokens: [TokenHash], at time: Timestamp) throws
    /// The user's sessions that are not over, the newest first.
    func sessions(of user: UserID, at now: Timestamp, usedSince time: Timestamp, limit: Int) throws -> [SessionInfo]
    /// Ends all sessions of the user but one, or all; says how many.
    func endSessions(of user: UserID, but token: TokenHash?) throws -> Int
    func setPasswordHash(_ hash: String, of user: UserID) throws
    func setRole(_ role: Role, of user: UserID) throws
    /// Nobody logs in to it from now on: its password is found no more.
    func close(_ user: UserID, at time: Timestamp) throws
    /// The account with this login in any case.
    func account(_ login: String) throws -> Account?
    /// Those with a greater id, in the order of the ids.
    func accounts(after id: UserID, limit: Int) throws -> [Account]
    /// Says whether there was one.
    func endSession(_ token: TokenHash) throws -> Bool
    /// Ends at most `limit` sessions whose time is over; says how many.
    func endSessions(expiredBy now: Timestamp, unusedSince time: Timestamp, limit: Int) throws -> Int

    func failedLogins(_ subject: String) throws -> FailedLogins?
    func setFailedLogins(_ subject: String, _ failures: FailedLogins?) throws
    /// Forgets at most `limit` that are older than `time`; says how many.
    func forgetFailedLogins(before time: Timestamp, limit: Int) throws -> Int
    /// Forgets these, and all whose subject begins with `prefix`; says how many.
    func forgetFailedLogins(of subjects: [String], from prefix: String) throws -> Int

    /// The key that devices' texts are signed with.
    func deviceKey() throws -> [UInt8]
    /// When a program logged in so last; nil for never.
    func programLoggedIn(_ login: String, from network: String) throws -> Timestamp?
    func noteProgram(_ login: String, from network: String, at time: Timestamp) throws
    /// Forgets at most `limit` that have not logged in since `time`; says how many.
    func forgetPrograms(before time: Timestamp, limit: Int) throws -> Int
}
