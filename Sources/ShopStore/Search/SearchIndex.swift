/// Turns texts into tokens of neighbouring letters, so that a part of a word is found from two letters on: Korean words are
/// short, and a word's inside counts as much as its start.
///
/// "장터 A1" becomes
/// - 장터 터a a1: the pairs of all letters, over the spaces between words too, in the order of the text. The pairs of three
///   letters or more stand in a row exactly where they stand in the text, whether with spaces or without;
/// - 장터₂ a1₂: the pairs inside words, for words of two letters: over a space, two letters are found everywhere;
/// - 장 터 a 1, and what is no letter: each once, for a search of one letter. To put together all pairs that begin with it
///   takes the index longer than everything else;
/// - of a name, the first kind once more as 장터ₙ and each word whole, which is what results are ranked by.
enum SearchIndex {
    typealias Word = [Unicode.Scalar]

    // From the private use area, which a search text has none of.
    private static let insideWord: Unicode.Scalar = "\u{F8FE}"
    private static let inName: Unicode.Scalar = "\u{F8FD}"
    private static let wholeWord: Unicode.Scalar = "\u{F8FC}"
    /// Stands between texts, so that no pairs follow each other over it.
    private static let end: Unicode.Scalar = "\u{F8FF}"
    /// Signs of ASCII would separate tokens: they are moved out of the tokenizer's sight, to the private use area.
    private static let signsMovedTo: UInt32 = 0xE000
    /// A longer word than this is known by its parts alone.
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
        // Sorted, so that the same text is always the same tokens.
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

    // MARK: What is asked, as FTS5's expressions

    /// The word anywhere: from three letters on also over the spaces of a text.
    static func anywhere(_ word: Word) -> String {
        switch word.count {
        case 1: phrase([word])
        case 2: phrase([word + [insideWord]])
        default: phrase(pairs(word))
        }
    }

    /// The word in a name; one letter as a word of its own.
    static func inName(_ word: Word) -> String {
        switch word.count {
        case 1: whole(word)
        case 2: "(\(anywhere(word)) AND \(phrase([word + [inName]])))"
        default: phrase(pairs(word).map { $0 + [inName] })
        }
    }

    /// A whole word of a name.
    static func whole(_ word: Word) -> String { phrase([word + [wholeWord]]) }

    /// Two letters beside each other, over a space too.
    static func pair(_ one: Unicode.Scalar, _ other: Unicode.Scalar) -> String { phrase([[one, other]]) }

    private static func phrase(_ tokens: [Word]) -> String {
        "\"" + tokens.map { token in String(String.UnicodeScalarView(token.map(moved))) }.joined(separator: " ") + "\""
    }
}
