/// Who needs a second factor.
public enum SecondFactorRule: String, Sendable, CaseIterable {
    /// Owners and managers: without one they reach nothing of the staff's side but its set-up. Other staff may have one.
    case required
    /// Nobody; all staff may have one.
    case optional
}

extension Role {
    /// Whether it is one of those that `SecondFactorRule.required` is for.
    public var isPrivileged: Bool {
        switch self {
        case .owner, .manager: true
        case .customer, .reader, .support: false
        }
    }
}

extension Policy {
    /// Whether somebody in this role needs a second factor.
    public func needsSecondFactor(_ role: Role) -> Bool { secondFactor == .required && role.isPrivileged }
}

/// A second factor in force.
public struct SecondFactor: Sendable, Equatable {
    public let totp: TOTP
    public let since: Timestamp
    /// The step of the last code that was taken.
    public let lastStep: Int64

    public init(totp: TOTP, since: Timestamp, lastStep: Int64) {
        self.totp = totp
        self.since = since
        self.lastStep = lastStep
    }
}

/// A second factor that is being set up: not in force before a first code has shown that the app has it.
public struct BegunSecondFactor: Sendable, Equatable {
    /// It is forgotten after this long.
    static let lifetime = Timestamp.Span.hours(1)

    public let totp: TOTP
    public let begunAt: Timestamp

    public init(totp: TOTP, begunAt: Timestamp) {
        self.totp = totp
        self.begunAt = begunAt
    }
}

/// What an account has of a second factor, as its owner sees it.
public struct SecondFactorState: Sendable, Equatable {
    /// Since when it has been in force; nil if there is none.
    public let since: Timestamp?
    public let recoveryCodesLeft: Int
    /// The one that is being set up, also in place of one in force; nil if there is none.
    public let begun: TOTP?
    /// Whether the account's role needs one.
    public let isRequired: Bool
}

public protocol SecondFactorRepository {
    func find(of user: UserID) throws -> SecondFactor?
    /// Puts it in force in place of any other, and forgets the one that was begun.
    func set(_ factor: SecondFactor, of user: UserID) throws
    func use(step: Int64, of user: UserID) throws
    /// Removes it with all that belongs to it; returns whether there was one in force.
    func remove(of user: UserID) throws -> Bool

    func begun(by user: UserID) throws -> BegunSecondFactor?
    /// In place of any that was begun before.
    func begin(_ factor: BegunSecondFactor, by user: UserID) throws

    /// In place of all that there were.
    func setRecoveryCodes(_ hashes: [[UInt8]], of user: UserID) throws
    /// Returns whether there was one; there is none from now on.
    func takeRecoveryCode(_ hash: [UInt8], of user: UserID) throws -> Bool
    func recoveryCodesLeft(of user: UserID) throws -> Int
}

/// What was taken in place of a second factor's code.
enum TakenCode: Sendable {
    case app, recovery
}

extension Repositories {
    /// Takes a code of the account's app, or one of its recovery codes, each only once. Returns nil if it is neither.
    func take(code text: String, of user: UserID, _ factor: SecondFactor, at now: Timestamp) throws -> TakenCode? {
        if let step = factor.totp.step(of: TOTP.digits(in: text), at: now, after: factor.lastStep) {
            try secondFactors.use(step: step, of: user)
            return .app
        }
        guard let code = RecoveryCode(text), try secondFactors.takeRecoveryCode(code.hash, of: user) else { return nil }
        return .recovery
    }
}

extension TOTP {
    /// What somebody typed, in ASCII digits: apps show a code in groups, and keyboards have digits of many scripts.
    static func digits(in text: String) -> String {
        String(
            text.filter { !$0.isWhitespace && $0 != "-" }
                .map { character in character.wholeNumberValue.flatMap { "\($0)".first } ?? character })
    }
}
