import Crypto

/// What a new password may be, by NIST SP 800-63B: long enough, and none that others guess first; no rules of what kinds of
/// characters it has to have. Who logs in with an older one is not asked.
public enum PasswordRule {
    public enum Mistake: Sendable, Equatable {
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
    public static func mistake(in password: String, of login: String) -> Mistake? {
        guard length.contains(password.unicodeScalars.count) else { return nil }
        let password = password.lowercased()
        if password == login.lowercased() { return .login }
        return isCommon(password) ? .common : nil
    }

    private static let digitCount = 8

    /// Looks for the first 32 bits of the SHA-256 among those of the list. Of passwords that are not in it, one in 260,000
    /// is refused as well (16,000 of 2^32).
    private static func isCommon(_ password: String) -> Bool {
        let alphabet = Array("0123456789abcdef".utf8)
        let digits = SHA256.hash(data: Array(password.utf8)).prefix(digitCount / 2).flatMap { byte in
            [alphabet[Int(byte >> 4)], alphabet[Int(byte & 15)]]
        }
        return commonPasswords.withUTF8Buffer { list in
            var range = 0..<list.count / digitCount
            while let middle = range.isEmpty ? nil : range.lowerBound + range.count / 2 {
                let found = list[middle * digitCount..<(middle + 1) * digitCount]
                if found.elementsEqual(digits) { return true }
                range =
                    found.lexicographicallyPrecedes(digits)
                    ? middle + 1..<range.upperBound : range.lowerBound..<middle
            }
            return false
        }
    }
}
