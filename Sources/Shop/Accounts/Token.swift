import Crypto

/// What a client shows to say who it is: 256 random bits. The database only ever sees its hash.
public struct Token: Sendable, CustomStringConvertible {
    static let byteCount = 32
    /// Base64 with the alphabet for addresses, without padding: 43 characters.
    static let characterCount = 43

    /// The text that the client sends.
    public let text: String

    /// A new one.
    public static func random() -> Token { Token(text: Base64.encode(randomBytes(), Base64.url)) }

    /// All at once: with the standard library's generator each byte would be a system call.
    private static func randomBytes() -> [UInt8] { SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) } }

    private init(text: String) { self.text = text }

    /// What a client sent; nil when it cannot be a token.
    public init?(_ text: Substring) {
        guard text.utf8.count == Self.characterCount else { return nil }
        for byte in text.utf8 where !isTokenCharacter(byte) { return nil }
        self.text = String(text)
    }

    public var hash: TokenHash {
        var text = text
        return TokenHash(digest: text.withUTF8 { SHA256.hash(data: UnsafeRawBufferPointer($0)) })
    }

    /// What the forms of a page carry that was made for who has this token: nobody else can make it, and the token cannot
    /// be told from it. It is another one each time: were it always the same, it could be guessed bit by bit from how well
    /// pages can be compressed that repeat what an address says (BREACH).
    public func formToken() -> String {
        let mask = Self.randomBytes()
        return Base64.encode(mask + zip(mask, formCode).map { $0 ^ $1 }, Base64.url)
    }

    /// Whether a form carries one of this token's; takes the same time whatever is wrong.
    public func isFormToken(_ text: String) -> Bool {
        guard let given = Base64.decode(text, Base64.url), given.count == 2 * Self.byteCount else {
            return false
        }
        let (mask, masked) = (given.prefix(Self.byteCount), given.suffix(Self.byteCount))
        return zip(zip(mask, masked), formCode).reduce(0) { $0 | ($1.0.0 ^ $1.0.1 ^ $1.1) } == 0
    }

    private var formCode: [UInt8] {
        var text = text
        let key = text.withUTF8 { SymmetricKey(data: $0) }
        return Array(HMAC<SHA256>.authenticationCode(for: Array("form".utf8), using: key))
    }

    /// A token is a secret: it does not get into logs by being printed.
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
