/// Percent-encoding after RFC 3986 and HTML's form encoding, strictly: a lone `%`, a wrong digit or bytes that are not
/// UTF-8 are errors, never guessed at.
public enum PercentEncoding {
    /// The decoded text, or nil if it is malformed.
    ///
    /// - Parameter plusIsSpace: as in queries and forms.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        let isPlain = !text.utf8.contains { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") && plusIsSpace }
        if isPlain { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(utf8: bytes.span)
    }

    /// The text encoded as a value in a query.
    public static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// The names and values of a query or a form (`application/x-www-form-urlencoded`), in order.
public struct FormFields: Sendable {
    public struct Field: Sendable, Equatable {
        public let name: String
        /// nil if malformed.
        public let value: String?
    }

    public let fields: [Field]

    /// Fields that have been decoded before, in no order.
    public init(_ values: [String: String]) { fields = values.map { Field(name: $0.key, value: $0.value) } }

    public init(_ fields: [Field]) { self.fields = fields }

    /// Decodes `name=value&name=value`; throws `RequestError.malformed` if a name is malformed.
    public init(_ text: String) throws {
        fields = try text.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let pair = Substring(pair)
            let equals = pair.utf8.firstIndex(of: UInt8(ascii: "="))
            let value = equals.map { pair[pair.utf8.index(after: $0)...] } ?? ""
            guard let name = PercentEncoding.decode(equals.map { pair[..<$0] } ?? pair, plusIsSpace: true) else {
                throw RequestError.malformed("percent-encoding or UTF-8 in \(pair.prefix(80))")
            }
            return Field(name: name, value: PercentEncoding.decode(value, plusIsSpace: true))
        }
    }
}
