/// Base32 without padding (RFC 4648): for what people type, since it has no letters that look like digits.
public enum Base32 {
    static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    public static func encode(_ bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity((bytes.count * 8 + 4) / 5)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                characters.append(alphabet[Int(bits >> count & 31)])
            }
        }
        if count > 0 { characters.append(alphabet[Int(bits << (5 - count) & 31)]) }
        return String(decoding: characters, as: UTF8.self)
    }
}
