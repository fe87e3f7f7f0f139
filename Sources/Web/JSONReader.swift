/// A JSON value as sent.
enum JSONValue: Equatable {
    struct Member: Equatable {
        let name: String
        let value: JSONValue
    }

    case null
    case boolean(Bool)
    /// The number's text: which types it fits is for the reader of the value to decide.
    case number(String)
    case text(String)
    case array([JSONValue])
    /// In order; a name may occur twice.
    case object([Member])
}

/// Reads JSON, to the letter of RFC 8259.
///
/// Foundation's decoder is not strict enough: it accepts a trailing comma and UTF-16, and checks numbers and texts only
/// when they are asked for. So the syntax has to be checked here anyway, and reading the values along the way takes a
/// fifth of a decoder's time.
struct JSONReader {
    /// The deepest nesting of brackets.
    static let deepest = 128
    /// The most values in one text: each takes more memory than the bytes it was sent in.
    static let mostValues = 20_000

    private var rest: Slice<UnsafeBufferPointer<UInt8>>
    private var values = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>) { rest = bytes[...] }

    /// The single value in the bytes, which are known to be UTF-8; nil if they are not JSON. Throws if it has too many
    /// values.
    static func value(of bytes: [UInt8]) throws(ValidationError) -> JSONValue? {
        let (value, count) = bytes.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer)
            let value = reader.value(depth: 0)
            reader.skipSpace()
            return (reader.rest.isEmpty ? value : nil, reader.values)
        }
        if count > mostValues { throw ValidationError("", .more(mostValues)) }
        return value
    }

    private mutating func value(depth: Int) -> JSONValue? {
        values += 1
        guard depth <= Self.deepest, values <= Self.mostValues else { return nil }
        skipSpace()
        switch rest.first {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""): return text().map(JSONValue.text)
        case UInt8(ascii: "t"): return word("true") ? .boolean(true) : nil
        case UInt8(ascii: "f"): return word("false") ? .boolean(false) : nil
        case UInt8(ascii: "n"): return word("null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> JSONValue? {
        rest.removeFirst()
        skipSpace()
        if take(UInt8(ascii: "}")) { return .object([]) }
        var members: [JSONValue.Member] = []
        repeat {
            skipSpace()
            guard let name = text() else { return nil }
            skipSpace()
            guard take(UInt8(ascii: ":")), let value = value(depth: depth + 1) else { return nil }
            members.append(JSONValue.Member(name: name, value: value))
            skipSpace()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "}")) ? .object(members) : nil
    }

    private mutating func array(depth: Int) -> JSONValue? {
        rest.removeFirst()
        skipSpace()
        if take(UInt8(ascii: "]")) { return .array([]) }
        var elements: [JSONValue] = []
        repeat {
            guard let value = value(depth: depth + 1) else { return nil }
            elements.append(value)
            skipSpace()
        } while take(UInt8(ascii: ","))
        return take(UInt8(ascii: "]")) ? .array(elements) : nil
    }

    private mutating func text() -> String? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let all = rest
        while let byte = rest.first {
            switch byte {
            case UInt8(ascii: "\""):
                let plain = all[..<rest.startIndex]
                rest.removeFirst()
                return String(decoding: plain, as: UTF8.self)
            case UInt8(ascii: "\\"): return escapedText(after: all[..<rest.startIndex])
            case 0..<0x20: return nil
            default: rest.removeFirst()
            }
        }
        return nil
    }

    /// The text from its first backslash on, appended to what precedes it.
    private mutating func escapedText(after plain: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        var bytes = Array(plain)
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            case 0..<0x20: return nil
            default: bytes.append(byte)
            }
        }
        return nil
    }

    /// The character that an escape sequence stands for.
    private mutating func escape() -> Unicode.Scalar? {
        switch rest.popFirst() {
        case UInt8(ascii: "\""): "\""
        case UInt8(ascii: "\\"): "\\"
        case UInt8(ascii: "/"): "/"
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{c}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        case UInt8(ascii: "u"): escapedScalar()
        default: nil
        }
    }

    /// One UTF-16 code unit, or a surrogate pair. A lone surrogate is not a character.
    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let unit = codeUnit() else { return nil }
        guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) }
        guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let second = codeUnit(),
            UTF16.isTrailSurrogate(second)
        else { return nil }
        return Unicode.Scalar(0x10000 + (UInt32(unit) & 0x3ff) << 10 + UInt32(second) & 0x3ff)
    }

    private mutating func codeUnit() -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = rest.popFirst().flatMap(PercentEncoding.hexDigit) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    private mutating func number() -> JSONValue? {
        let all = rest
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { guard digits() else { return nil } }
        if take(UInt8(ascii: ".")) { guard digits() else { return nil } }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() else { return nil }
        }
        return .number(String(decoding: all[..<rest.startIndex], as: UTF8.self))
    }

    private mutating func digits() -> Bool {
        var isAny = false
        while let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            rest.removeFirst()
            isAny = true
        }
        return isAny
    }

    private mutating func word(_ word: StaticString) -> Bool {
        for index in 0..<word.utf8CodeUnitCount where !take(word.utf8Start[index]) { return false }
        return true
    }

    private mutating func skipSpace() {
        while let byte = rest.first, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { rest.removeFirst() }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }
}
