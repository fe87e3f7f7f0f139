import Crypto

/// What a client proves its identity with: 256 random bits. The database only ever sees the hash.
public struct Token: Sendable, CustomStringConvertible {
    /// In Base64, without padding.
    private static let characterCount = 43

    /// The text that the client sends.
    public let text: String

    /// A new one.
    public static func random() -> Token { Token(text: Base64.encode(randomBytes(), Base64.url)) }

    /// All in one call: with the standard library's generator each byte would be a system call.
    private static func randomBytes() -> [UInt8] { SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) } }

    private init(text: String) { self.text = text }

    /// A token from a client's text; nil if it cannot be one.
    public init?(_ text: Substring) {
        guard text.utf8.count == Self.characterCount else { return nil }
        for byte in text.utf8 where !isTokenCharacter(byte) { return nil }
        self.text = String(text)
    }

    public var hash: TokenHash {
        var text = text
        return TokenHash(digest: text.withUTF8 { SHA256.hash(data: UnsafeRawBufferPointer($0)) })
    }

    /// Keeps a token, which is a secret, out of printed logs.
    public var description: String { "Token(secret)" }
}

/// The SHA-256 of a token's text.
public struct TokenHash: Sendable, Hashable {
    fileprivate let digest: SHA256Digest

    public var bytes: [UInt8] { Array(digest) }
}

private func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
    default: false
    }
}
