/// Looks whether bytes are JSON, to the letter of RFC 8259.
///
/// The decoder behind it is lenient where this is not: it takes a comma before a closing bracket and UTF-16, and looks
/// at numbers and texts only when somebody asks for them.
struct JSONSyntax {
    /// Brackets within brackets, at most; as the decoder has it.
    static let deepest = 512

    private var rest: Slice<UnsafeBufferPointer<UInt8>>

    /// Whether the bytes, known to be UTF-8, are one JSON value.
    static func isValid(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { buffer in
            var syntax = JSONSyntax(rest: buffer[...])
            guard syntax.value(depth: 0) else { return false }
            syntax.skipSpace()
            return syntax.rest.isEmpty
        }
    }

    private mutating func value(depth: Int) -> Bool {
        skipSpace()
        switch rest.first {
        case UInt8(ascii: "{"):
            return members(until: UInt8(ascii: "}"), depth: depth) { syntax, depth in
                syntax.skipSpace()
                guard syntax.text() else { return false }
                syntax.skipSpace()
                return syntax.take(UInt8(ascii: ":")) && syntax.value(depth: depth)
            }
        case UInt8(ascii: "["):
            return members(until: UInt8(ascii: "]"), depth: depth) { syntax, depth in syntax.value(depth: depth) }
        case UInt8(ascii: "\""): return text()
        case UInt8(ascii: "t"): return word("true")
        case UInt8(ascii: "f"): return word("false")
        case UInt8(ascii: "n"): return word("null")
        default: return number()
        }
    }

    /// An opening bracket, members between commas, the closing bracket.
    private mutating func members(
        until end: UInt8, depth: Int, _ member: (inout JSONSyntax, _ depth: Int) -> Bool
    ) -> Bool {
        guard depth < Self.deepest else { return false }
        rest.removeFirst()
        skipSpace()
        if take(end) { return true }
        repeat {
            guard member(&self, depth + 1) else { return false }
            skipSpace()
        } while take(UInt8(ascii: ","))
        return take(end)
    }

    private mutating func text() -> Bool {
        guard take(UInt8(ascii: "\"")) else { return false }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return true
            case 0..<0x20: return false
            case UInt8(ascii: "\\"): guard escape() else { return false }
            default: break
            }
        }
        return false
    }

    /// What follows a backslash. Half of a surrogate pair alone is no character.
    private mutating func escape() -> Bool {
        guard let kind = rest.popFirst() else { return false }
        if kind != UInt8(ascii: "u") { return #""\/bfnrt"#.utf8.contains(kind) }
        guard let unit = codeUnit() else { return false }
        switch unit {
        case 0xD800..<0xDC00:
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let second = codeUnit() else { return false }
            return (0xDC00..<0xE000).contains(second)
        case 0xDC00..<0xE000: return false
        default: return true
        }
    }

    private mutating func codeUnit() -> UInt32? {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = rest.popFirst().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue }) else {
                return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        return unit
    }

    private mutating func number() -> Bool {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { guard digits() else { return false } }
        if take(UInt8(ascii: ".")) { guard digits() else { return false } }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            return digits()
        }
        return true
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
