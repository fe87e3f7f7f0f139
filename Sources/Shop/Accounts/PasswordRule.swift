/// What a new password may be, by NIST SP 800-63B: long enough, and none that others guess first; no rules of what kinds of
/// characters it has to have. Who logs in with an older one is not asked.
public enum PasswordRule {
    public enum Violation: Sendable, Equatable {
        /// Many people have it.
        case common
        /// It is the login itself.
        case login
    }

    /// In characters (Unicode scalars).
    public static let length = 8...128

    /// No control characters: hardly anybody types one, and not every keyboard can.
    public static func isCharacter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory != .control }

    /// What is wrong with a password of the right length and characters; nil for one that can be taken. Whatever its case:
    /// who guesses tries them all.
    public static func violation(in password: String, of login: String) -> Violation? {
        guard length.contains(password.unicodeScalars.count) else { return nil }
        let lowercased = password.lowercased()
        if lowercased == login.lowercased() { return .login }
        // Some are common with capitals alone.
        return commonPasswords.contains(lowercased) || commonPasswords.contains(password) ? .common : nil
    }
}
