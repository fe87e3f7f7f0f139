/// Turns texts into tokens of adjacent letters, so that parts of words are found from two letters on: Korean words are
/// short, and the inside of a word matters as much as its start.
///
/// "장터 A1" becomes
/// - 장터 터a a1: the pairs of all letters, across spaces too, in the order of the text. The pairs of three or more
///   letters are consecutive exactly where the letters are, with or without spaces;
/// - 장터₂ a1₂: the pairs inside words, for two-letter words: across spaces, two letters occur everywhere;
/// - 장 터 a 1, and non-letters: each once, for one-letter searches. Combining all pairs that start with the letter takes
///   the index longer than everything else;
/// - for a name, the first kind again as 장터ₙ, and each word whole, for ranking the results.
enum SearchIndex {
    typealias Word = [Unicode.Scalar]

    // From the private use area, which does not occur in a search text.
    private static let insideWord: Unicode.Scalar = "\u{F8FE}"
    private static let inName: Unicode.Scalar = "\u{F8FD}"
    private static let wholeWord: Unicode.Scalar = "\u{F8FC}"
    /// Separates texts, so that no pairs are consecutive across them.
    private static let end: Unicode.Scalar = "\u{F8FF}"
    /// ASCII signs would separate tokens: they are moved to the private use area, out of the tokenizer's sight.
    private static let signsMovedTo: UInt32 = 0xE000
    /// A word longer than this is indexed by its parts alone.
    private static let longestWhole = 32

    // MARK: What is indexed

    /// The tokens of a product.
    static func tokens(name: String, description: String) -> String {
        let (name, description) = (SearchText(name), SearchText(description))
        var tokens = Tokens()
        var set: Set<Word> = []
        for text in [name, description] {
            tokens.append(pairs(text.letters.filter { $0 != SearchText.border }))
            tokens.append([[end]])
            for word in text.words {
                for pair in pairs(word) { set.insert(pair + [insideWord]) }
                for letter in word { set.insert([letter]) }
            }
            for sign in text.signs { set.insert([sign]) }
        }
        tokens.append(pairs(name.letters.filter { $0 != SearchText.border }).map { $0 + [inName] })
        for word in name.words where word.count <= longestWhole { set.insert(word + [wholeWord]) }
        // Sorted, so that the same text always gives the same tokens.
        tokens.append(set.sorted { $0.lexicographicallyPrecedes($1) })
        return tokens.text
    }

    private struct Tokens {
        private var scalars = String.UnicodeScalarView()

        var text: String { String(scalars) }

        mutating func append(_ tokens: [Word]) {
            for token in tokens {
                scalars.append(contentsOf: token.lazy.map(moved))
                scalars.append(" ")
            }
        }
    }

    private static func pairs(_ letters: Word) -> [Word] { zip(letters, letters.dropFirst()).map { [$0, $1] } }

    private static func moved(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let isOfTokens = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || !scalar.isASCII
        return isOfTokens ? scalar : Unicode.Scalar(signsMovedTo + scalar.value) ?? scalar
    }

    // MARK: Queries, as FTS5 expressions

    /// The word anywhere: from three letters on, across spaces too.
    static func anywhere(_ word: Word) -> String {
        switch word.count {
        case 1: phrase([word])
        case 2: phrase([word + [insideWord]])
        default: phrase(pairs(word))
        }
    }

    /// The word in a name; a single letter only as a word of its own.
    static func inName(_ word: Word) -> String {
        switch word.count {
        case 1: whole(word)
        case 2: "(\(anywhere(word)) AND \(phrase([word + [inName]])))"
        default: phrase(pairs(word).map { $0 + [inName] })
        }
    }

    /// A whole word in a name.
    static func whole(_ word: Word) -> String { phrase([word + [wholeWord]]) }

    /// Two adjacent letters, across a space too.
    static func pair(_ one: Unicode.Scalar, _ other: Unicode.Scalar) -> String { phrase([[one, other]]) }

    private static func phrase(_ tokens: [Word]) -> String {
        "\"" + tokens.map { token in String(String.UnicodeScalarView(token.map(moved))) }.joined(separator: " ") + "\""
    }
}
