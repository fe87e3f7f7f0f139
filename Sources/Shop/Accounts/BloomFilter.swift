import Crypto

/// A set of texts that stores none of them (Bloom, 1970): it finds every member, and hardly ever anything else.
///
/// Compatible with PHP's pleonasm/bloom-filter: a text's positions are its HMAC-SHA-1s under the keys 0, 1, 2 …
struct BloomFilter: Sendable {
    let bitCount: UInt64
    let hashCount: Int
    /// The bits, lowest first in each byte; without padding.
    let base64: StaticString

    func contains(_ text: String) -> Bool {
        let text = Array(text.utf8)
        return base64.withUTF8Buffer { digits in
            (0..<hashCount).allSatisfy { number in
                let key = SymmetricKey(data: Array("\(number)".utf8))
                let hash = HMAC<Insecure.SHA1>.authenticationCode(for: text, using: key).prefix(8)
                let place = hash.reduce(0) { $0 << 8 | UInt64($1) } & UInt64(Int64.max)
                return Self.bit(Int(place % bitCount), of: digits)
            }
        }
    }

    /// Whether the bit is set. Reads only the one Base64 digit that holds it, so the bytes are never decoded.
    private static func bit(_ place: Int, of digits: UnsafeBufferPointer<UInt8>) -> Bool {
        // Base64 starts with a byte's highest bit.
        let fromHighest = place / 8 * 8 + 7 - place % 8
        guard let digit = Base64.standard.firstIndex(of: digits[fromHighest / 6]) else { return false }
        return digit >> (5 - fromHighest % 6) & 1 == 1
    }
}
