import Foundation

/// A text as a search sees it: NFKC, lower case, no punctuation. Both the index and the queries are made through this
/// alone.
struct SearchText {
    /// Letters and digits in order; `border` between words.
    let letters: [Unicode.Scalar]
    /// What was left out, for searches that consist of nothing else.
    let signs: Set<Unicode.Scalar>

    static let border: Unicode.Scalar = " "

    init(_ text: String) {
        var signs: Set<Unicode.Scalar> = []
        letters = Self.letters(Self.folded(text)) { signs.insert($0) }
        self.signs = signs
    }

    /// Only the letters, for a text that is scanned once.
    static func letters(of text: UnsafeBufferPointer<UInt8>) -> [Unicode.Scalar] {
        letters(folded(String(decoding: text, as: UTF8.self))) { _ in }
    }

    var words: [[Unicode.Scalar]] { letters.split(separator: Self.border).map(Array.init) }

    /// Most texts in a Korean shop are ASCII and syllables already.
    private static func folded(_ text: String) -> String.UnicodeScalarView {
        let isUsual = text.unicodeScalars.allSatisfy { $0.isASCII || Hangul.isSyllable($0) }
        if isUsual { return text.lowercased().unicodeScalars }
        // The first mapping alone leaves letters apart that only it has made composable: ㅁㅏ.
        let composed = text.precomposedStringWithCompatibilityMapping.precomposedStringWithCanonicalMapping
        return composed.lowercased().unicodeScalars
    }

    private enum Kind {
        case letter, border, joiner, hidden, sign
    }

    private static func letters(_ text: String.UnicodeScalarView, sign: (Unicode.Scalar) -> Void) -> [Unicode.Scalar] {
        var letters: [Unicode.Scalar] = []
        letters.reserveCapacity(text.count)
        var isBorder = false
        var wasDigit = false
        var index = text.startIndex
        while index < text.endIndex {
            let scalar = text[index]
            text.formIndex(after: &index)
            var kind = kind(scalar)
            // A point between digits distinguishes 1.5 kg from 15; a comma there only groups them.
            if scalar == "." || scalar == ",", wasDigit, index < text.endIndex, isDigit(text[index]) {
                kind = scalar == "." ? .letter : .joiner
            }
            wasDigit = isDigit(scalar)
            switch kind {
            case .letter:
                if isBorder, !letters.isEmpty { letters.append(border) }
                isBorder = false
                letters.append(scalar)
            case .border: isBorder = true
            case .joiner: sign(scalar)
            case .hidden: break
            case .sign:
                sign(scalar)
                isBorder = true
            }
        }
        return letters
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar {
        case "a"..."z", "0"..."9", "+": return .letter  // "+" as in 1+1
        case " ", "\t", "\n", "\r": return .border
        case "-", "'", ".", "_", "\u{2019}", "\u{2010}"..."\u{2015}": return .joiner
        case _ where scalar.isASCII: return scalar.properties.generalCategory == .control ? .hidden : .sign
        case _ where Hangul.isSyllable(scalar): return .letter
        default: break
        }
        let properties = scalar.properties
        if properties.isWhitespace { return .border }
        if properties.isDefaultIgnorableCodePoint { return .hidden }
        switch properties.generalCategory {
        case .control: return .hidden
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation, .privateUse:
            return .sign
        default: return .letter
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
}
