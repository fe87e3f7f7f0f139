/// What a new password may be, after NIST SP 800-63B: long enough, and not one that is guessed first; no rules about
/// kinds of characters. Existing passwords are not checked.
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

    /// What is wrong with a password of valid length and characters; nil if it is acceptable. Case is ignored: those
    /// who guess try every case.
    public static func violation(in password: String, of login: String) -> Violation? {
        guard length.contains(password.unicodeScalars.count) else { return nil }
        let lowercased = password.lowercased()
        if lowercased == login.lowercased() { return .login }
        // Some are common only in capitals.
        return commonPasswords.contains(lowercased) || commonPasswords.contains(password) ? .common : nil
    }
}
