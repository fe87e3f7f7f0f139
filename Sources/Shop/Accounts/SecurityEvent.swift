/// Something that happened to an account and that the shop's operator should hear of.
public struct SecurityEvent: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// A wrong password, or an unknown login.
        case loginFailed = "login-failed"
        /// An attempt refused without checking the password: too many were wrong before.
        case loginThrottled = "login-throttled"
        /// A logged-in user gave a wrong current password, when changing it or when asked for it again.
        case passwordRefused = "password-refused"
        /// The same, refused without checking it.
        case passwordThrottled = "password-throttled"
        /// A wrong code of a second factor, after the right password.
        case codeRefused = "code-refused"
        /// The same, refused without checking it.
        case codeThrottled = "code-throttled"
        case recoveryCodeUsed = "recovery-code-used"
        case secondFactorSet = "second-factor-set"
        case secondFactorRemoved = "second-factor-removed"
        case passwordChanged = "password-changed"
        case roleChanged = "role-changed"
        case accountClosed = "account-closed"
        /// Sessions were ended from another session, or by the shop's operator.
        case sessionsEnded = "sessions-ended"
        /// One of the staff has logged in.
        case staffLogin = "staff-login"
    }

    public let kind: Kind
    /// Nil if nobody has the login that was typed: people type passwords there.
    public let login: String?
    /// The client's IPv4 or IPv6 address and nothing else; nil if unknown, as for a command.
    public let address: String?
    /// The network it is counted by, as in `LogInOrigin.network`.
    public let network: String?
    /// The account's role from now on.
    public let role: Role?
    /// How many sessions the event ended.
    public let sessions: Int?

    init(_ kind: Kind, _ login: String?, from address: String = "", role: Role? = nil, sessions: Int? = nil) {
        self.kind = kind
        self.login = login
        self.address = LogInOrigin.canonical(address)
        network = self.address.map(LogInOrigin.network)
        self.role = role
        self.sessions = sessions
    }

    /// One line, starting with the event and the address, which no client chooses; nothing in it can be taken for
    /// another field or another line.
    public var line: String {
        var line = "event=\(kind.rawValue) address=\(address ?? "-") login=\(login.map(Self.escaped) ?? "-")"
        if let role { line += " role=\(role.rawValue)" }
        if let sessions { line += " sessions=\(sessions)" }
        return line
    }

    /// Percent-encodes what a login may not contain. Checked before, but bans follow from this line.
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

    /// Discards every event.
    public static let none = SecurityLog { _ in }

    func tell(_ event: SecurityEvent) { hear(event) }
}
