import Crypto

/// The first half of a log-in: the password was right, and the code of the second factor is still to come. The client
/// keeps it, signed, in between; by itself it lets nobody in.
struct HalfLogIn {
    /// How long the code may take.
    static let lifetime = Timestamp.Span.minutes(5)
    private static let numberBytes = 8
    private static let signatureBytes = 32

    let user: UserID
    let until: Timestamp
    private let signature: [UInt8]

    /// - Parameter passwordHash: the account's: with another password it ends.
    init(of user: UserID, until: Timestamp, passwordHash: String, key: [UInt8]) {
        self.user = user
        self.until = until
        signature = Array(
            HMAC<SHA256>.authenticationCode(
                for: Self.signed(user, until, passwordHash), using: SymmetricKey(data: key)))
    }

    /// What a client has kept. Proves nothing before `isSigned`; nil if it cannot be one.
    init?(_ text: String) {
        guard let bytes = Base64.decode(text, Base64.url), bytes.count == 2 * Self.numberBytes + Self.signatureBytes
        else { return nil }
        func number(at offset: Int) -> Int64 {
            Int64(bitPattern: bytes[offset..<offset + Self.numberBytes].reduce(0) { $0 << 8 | UInt64($1) })
        }
        user = UserID(number(at: 0))
        until = Timestamp(milliseconds: number(at: Self.numberBytes))
        signature = Array(bytes.suffix(Self.signatureBytes))
    }

    /// The text that the client keeps.
    var text: String { Base64.encode(Self.bytes(user, until) + signature, Base64.url) }

    func isSigned(passwordHash: String, key: [UInt8]) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(
            signature, authenticating: Self.signed(user, until, passwordHash), using: SymmetricKey(data: key))
    }

    private static func signed(_ user: UserID, _ until: Timestamp, _ passwordHash: String) -> [UInt8] {
        Array("half log-in".utf8) + bytes(user, until) + Array(passwordHash.utf8)
    }

    private static func bytes(_ user: UserID, _ until: Timestamp) -> [UInt8] {
        [user.value, until.milliseconds].flatMap { number in withUnsafeBytes(of: number.bigEndian) { Array($0) } }
    }
}
