import Crypto

/// The codes of an authenticator app: RFC 6238 with HMAC-SHA-1, six digits and steps of 30 seconds, which is what all
/// apps take.
public struct TOTP: Sendable, Equatable {
    public static let digits = 6
    public static let stepSeconds: Int64 = 30
    /// How many characters somebody may type for a code, or for a recovery code.
    public static let typedLength = 64
    /// As long as the hash, as RFC 4226 recommends.
    public static let secretBytes = 20
    /// How many steps the phone's clock may be wrong by, either way.
    static let drift: Int64 = 1

    /// What app and shop share.
    public let secret: [UInt8]

    public init(secret: [UInt8]) { self.secret = secret }

    static func random() -> TOTP {
        TOTP(secret: SymmetricKey(size: SymmetricKeySize(bitCount: secretBytes * 8)).withUnsafeBytes { Array($0) })
    }

    /// Counted from 1970.
    static func step(at time: Timestamp) -> Int64 { time.milliseconds / (stepSeconds * 1_000) }

    /// The code of a step.
    func code(of step: Int64) -> String {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let mac = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(mac[mac.count - 1] & 15)
        let number = mac[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } & 0x7fff_ffff
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: Self.digits - text.utf8.count) + text
    }

    /// The step that the code belongs to, of those that are valid now; nil if it belongs to none.
    ///
    /// - Parameter last: the step of the last code that was taken: neither it nor an earlier one is taken again. One
    ///   that is later than any valid step was taken while the clock was wrong, and holds nothing back.
    func step(of code: String, at now: Timestamp, after last: Int64?) -> Int64? {
        let current = Self.step(at: now)
        let valid = current - Self.drift...current + Self.drift
        let last = last.flatMap { $0 > valid.upperBound ? nil : $0 } ?? .min
        var found: Int64?
        for step in valid {
            let isRight = Array(code.utf8).isSameInConstantTime(as: Array(self.code(of: step).utf8))
            if isRight, step > last { found = step }
        }
        return found
    }
}
