import Crypto

/// What lets somebody in who has lost the phone: 80 random bits, used once. The database only ever sees the hash.
public struct RecoveryCode: Sendable, Equatable {
    /// How many an account has.
    public static let count = 10
    private static let bits = 80
    private static let characterCount = 16
    private static let groupLength = 4

    private let letters: String

    static func random() -> RecoveryCode {
        let key = SymmetricKey(size: SymmetricKeySize(bitCount: bits))
        return RecoveryCode(letters: Base32.encode(key.withUnsafeBytes { Array($0) }))
    }

    private init(letters: String) { self.letters = letters }

    /// A code from what somebody typed: in any case, with or without hyphens and spaces; nil if it cannot be one.
    init?(_ text: String) {
        let letters = text.uppercased().filter { !$0.isWhitespace && $0 != "-" }
        guard letters.utf8.count == Self.characterCount, letters.utf8.allSatisfy(Base32.alphabet.contains) else {
            return nil
        }
        self.letters = letters
    }

    /// In groups of four, as it is shown.
    public var text: String {
        let characters = Array(letters)
        return stride(from: 0, to: characters.count, by: Self.groupLength)
            .map { String(characters[$0..<$0 + Self.groupLength]) }.joined(separator: "-")
    }

    /// The SHA-256 of its letters: nobody can try out 80 bits.
    var hash: [UInt8] { Array(SHA256.hash(data: Array(letters.utf8))) }
}
