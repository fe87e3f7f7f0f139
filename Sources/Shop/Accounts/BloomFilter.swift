import Crypto

/// A set of texts that keeps none of them (Bloom, 1970): it knows each that is in it, and takes very few others for such.
///
/// As PHP's pleonasm/bloom-filter has it: the places of a text are its HMAC-SHA-1s, whose keys are the numbers from 0 on.
struct BloomFilter: Sendable {
    let bitCount: UInt64
    let hashCount: Int
    /// The bits, of each byte the lowest first; without padding.
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

    /// Whether it is set. Nothing but the digit that it is in is looked at, so that nobody has to keep the bytes.
    private static func bit(_ place: Int, of digits: UnsafeBufferPointer<UInt8>) -> Bool {
        // Base64 begins with a byte's highest.
        let fromHighest = place / 8 * 8 + 7 - place % 8
        guard let digit = Base64.standard.firstIndex(of: digits[fromHighest / 6]) else { return false }
        return digit >> (5 - fromHighest % 6) & 1 == 1
    }
}
