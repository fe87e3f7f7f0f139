/// A whole number as people type it: `5,000`, `５０００`, `5000원`, `₩5000`, `3개`.
///
/// Accepts a sign, a unit in front or behind, digits of any script, and single commas or spaces between them, as people
/// group digits. A decimal point is no grouping: nobody who meant five pays `5.000`.
struct TypedNumber {
    let value: Int64

    private static let marksInFront = ["₩", "￦", "KRW"]
    private static let marksBehind = ["원", "개", "won", "KRW"]

    /// nil if it is not a number, or too large.
    init?(_ text: String) {
        // Most are digits alone, and a file has thousands.
        if text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = Int64(text) {
            self.value = value
            return
        }
        // Keyboards and copied texts leave invisible characters between the visible ones.
        let visible = text.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }
        var rest = Substring(String(visible))
        var isNegative = Self.takeSign(&rest)
        let isMarked = Self.marksInFront.contains { Self.take($0, offFrontOf: &rest) }
        if isNegative == nil { isNegative = Self.takeSign(&rest) }
        if !isMarked { _ = Self.marksBehind.contains { Self.take($0, offEndOf: &rest) } }
        Self.trim(&rest)
        guard let digits = Self.digits(rest), let value = Int64((isNegative == true ? "-" : "") + digits) else {
            return nil
        }
        self.value = value
    }

    /// Whether the sign is a minus; nil if there is none.
    private static func takeSign(_ rest: inout Substring) -> Bool? {
        trim(&rest)
        switch rest.first {
        case "-", "\u{2212}", "\u{FF0D}":
            rest.removeFirst()
            return true
        case "+", "\u{FF0B}":
            rest.removeFirst()
            return false
        default: return nil
        }
    }

    private static func take(_ mark: String, offFrontOf rest: inout Substring) -> Bool {
        trim(&rest)
        guard rest.hasPrefix(mark) else { return false }
        rest.removeFirst(mark.count)
        return true
    }

    private static func take(_ mark: String, offEndOf rest: inout Substring) -> Bool {
        trim(&rest)
        guard rest.hasSuffix(mark) else { return false }
        rest.removeLast(mark.count)
        return true
    }

    private static func trim(_ rest: inout Substring) {
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
    }

    /// The digits alone, in ASCII.
    private static func digits(_ text: Substring) -> String? {
        var digits = ""
        var isBehindDigit = false
        for character in text {
            if let digit = digit(character) {
                digits.append(String(digit))
                isBehindDigit = true
            } else if isBehindDigit, character == "," || character == "，" || character == " " {
                isBehindDigit = false
            } else {
                return nil
            }
        }
        return isBehindDigit ? digits : nil
    }

    private static func digit(_ character: Character) -> Int? {
        guard character.unicodeScalars.count == 1, let properties = character.unicodeScalars.first?.properties,
            properties.numericType == .decimal
        else { return nil }
        return properties.numericValue.map { Int($0) }
    }
}
