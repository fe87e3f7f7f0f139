/// A whole number as people type it: `5,000`, `５０００`, `5000원`, `₩5000`, `3개`.
///
/// A sign, what is counted in front of it or behind it, digits of any script, and single commas or spaces between them, as
/// people group them. A decimal point is not taken for one: nobody pays `5.000` who meant five.
struct TypedNumber {
    let value: Int64

    private static let marksInFront = ["₩", "￦", "KRW"]
    private static let marksBehind = ["원", "개", "won", "KRW"]

    /// nil for what is no number, or a larger one than there is room for.
    init?(_ text: String) {
        // What a keyboard or a copied text leaves between letters without showing it.
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

    /// Whether it is a minus; nil where there is no sign.
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

    /// The digits alone, as ASCII has them.
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
