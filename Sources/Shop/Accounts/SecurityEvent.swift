/// What happened to an account that who watches over the shop should hear of.
public struct SecurityEvent: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A wrong password, or a login that nobody has.
        case loginFailed = "login-failed"
        /// A try that was refused without a look at the password: too many were wrong before.
        case loginThrottled = "login-throttled"
        /// Who is logged in gave a wrong password for the one that was to be changed.
        case passwordRefused = "password-refused"
        /// The same, refused without a look at it.
        case passwordThrottled = "password-throttled"
        case passwordChanged = "password-changed"
        case roleChanged = "role-changed"
        case accountClosed = "account-closed"
        /// Sessions were ended from another one, or by who runs the shop.
        case sessionsEnded = "sessions-ended"
        /// An admin has logged in.
        case staffLogin = "staff-login"
    }

    public let kind: Kind
    /// Nil where nobody has the login that was typed: people type passwords there.
    public let login: String?
    /// The client's, as an IPv4 or IPv6 address and nothing else; nil where none is known, as for a command.
    public let address: String?
    /// What it is counted by, as `LogInOrigin.network`.
    public let network: String?
    /// The account's role from now on.
    public let role: Role?
    /// How many sessions ended with it.
    public let sessions: Int?

    init(_ kind: Kind, _ login: String?, from address: String = "", role: Role? = nil, sessions: Int? = nil) {
        self.kind = kind
        self.login = login
        self.address = LogInOrigin.canonical(address)
        network = self.address.map(LogInOrigin.network)
        self.role = role
        self.sessions = sessions
    }

    /// One line that begins with the event and the address, which no client chooses; nothing in it can be taken for another
    /// field, or for another line.
    public var line: String {
        var line = "event=\(kind.rawValue) address=\(address ?? "-") login=\(login.map(Self.escaped) ?? "-")"
        if let role { line += " role=\(role.rawValue)" }
        if let sessions { line += " sessions=\(sessions)" }
        return line
    }

    /// What stands in no login is written as `%` and the byte. Logins are checked before; a line is read by what bans.
    private static func escaped(_ login: String) -> String {
        login.unicodeScalars.reduce(into: "") { text, scalar in
            if SignUp.isLoginCharacter(scalar) { return text.unicodeScalars.append(scalar) }
            for byte in String(scalar).utf8 { text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16) }
        }
    }
}

/// Hears of security events.
public struct SecurityLog: Sendable {
    private let hear: @Sendable (SecurityEvent) -> Void

    public init(_ hear: @escaping @Sendable (SecurityEvent) -> Void) { self.hear = hear }

    /// Tells nobody.
    public static let none = SecurityLog { _ in }

    func tell(_ event: SecurityEvent) { hear(event) }
}
