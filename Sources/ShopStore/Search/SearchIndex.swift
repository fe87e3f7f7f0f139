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

    /// The tokens of a product. Made while the writer waits: thousands at a time, when a file of products comes in.
    static func tokens(name: String, description: String) -> String {
        let (name, description) = (SearchText(name), SearchText(description))
        var text = TokenText(letters: name.letters.count + description.letters.count)
        var once: [Token] = []
        for part in [name, description] {
            for pair in pairs(part.letters.filter { $0 != SearchText.border }) { text.append(pair) }
            text.append(Token(end))
            for word in part.words {
                for pair in pairs(word) { once.append(pair.marked(insideWord)) }
                for letter in word { once.append(Token(letter)) }
            }
            for sign in part.signs { once.append(Token(sign)) }
        }
        for pair in pairs(name.letters.filter { $0 != SearchText.border }) { text.append(pair.marked(inName)) }
        for word in name.words where word.count <= longestWhole { once.append(Token(word + [wholeWord])) }
        // Sorted, so that the same text always gives the same tokens.
        once.sort()
        var last: Token?
        for token in once where token != last {
            text.append(token)
            last = token
        }
        return text.text
    }

    private static func pairs(_ letters: some Collection<Unicode.Scalar>) -> some Sequence<Token> {
        zip(letters, letters.dropFirst()).lazy.map { Token($0, $1) }
    }

    /// A token's scalars, in whose order tokens are sorted: nearly all have three at most, for which no array is made.
    private struct Token: Comparable {
        /// The first three, 21 bits each; 0 where there are fewer.
        private var first: UInt64
        private var others: Word = []

        private static let bits: UInt64 = 21
        private static let mask: UInt64 = 1 << bits - 1

        init(_ one: Unicode.Scalar, _ other: Unicode.Scalar? = nil) {
            first = UInt64(one.value) << (2 * Self.bits) | UInt64(other?.value ?? 0) << Self.bits
        }

        init(_ scalars: Word) {
            first = 0
            for place in 0..<3 {
                first = first << Self.bits | (place < scalars.count ? UInt64(scalars[place].value) : 0)
            }
            if scalars.count > 3 { others = Array(scalars.dropFirst(3)) }
        }

        /// A pair with a mark behind it.
        func marked(_ mark: Unicode.Scalar) -> Token {
            var token = self
            token.first |= UInt64(mark.value)
            return token
        }

        static func < (one: Token, other: Token) -> Bool {
            one.first == other.first
                ? one.others.lexicographicallyPrecedes(other.others) : one.first < other.first
        }

        func forEachScalar(_ take: (Unicode.Scalar) -> Void) {
            for place: UInt64 in [2, 1, 0] {
                let value = first >> (place * Self.bits) & Self.mask
                if value != 0, let scalar = Unicode.Scalar(UInt32(value)) { take(scalar) }
            }
            others.forEach(take)
        }
    }

    /// Tokens one behind the other, in UTF-8.
    private struct TokenText {
        private var bytes: [UInt8] = []

        /// - Parameter letters: how many letters the texts have, of each of which a few tokens of some bytes are made.
        init(letters: Int) { bytes.reserveCapacity(letters * 32) }

        init(_ tokens: some Sequence<Token>) {
            for token in tokens { append(token) }
        }

        var text: String { String(decoding: bytes, as: UTF8.self) }

        mutating func append(_ token: Token) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            token.forEachScalar { bytes.append(contentsOf: moved($0).utf8) }
        }
    }

    private static func moved(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        let isOfTokens = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar) || !scalar.isASCII
        return isOfTokens ? scalar : Unicode.Scalar(signsMovedTo + scalar.value) ?? scalar
    }

    // MARK: Queries, as FTS5 expressions

    /// The word anywhere: from three letters on, across spaces too.
    static func anywhere(_ word: Word) -> String {
        switch word.count {
        case 1: phrase([Token(word)])
        case 2: phrase(pairs(word).map { $0.marked(insideWord) })
        default: phrase(pairs(word))
        }
    }

    /// The word in a name; a single letter only as a word of its own.
    static func inName(_ word: Word) -> String {
        let pairs = phrase(pairs(word).map { $0.marked(inName) })
        return switch word.count {
        case 1: whole(word)
        case 2: "(\(anywhere(word)) AND \(pairs))"
        default: pairs
        }
    }

    /// A whole word in a name.
    static func whole(_ word: Word) -> String { phrase([Token(word + [wholeWord])]) }

    /// Two adjacent letters, across a space too.
    static func pair(_ one: Unicode.Scalar, _ other: Unicode.Scalar) -> String { phrase([Token(one, other)]) }

    private static func phrase(_ tokens: some Sequence<Token>) -> String { "\"\(TokenText(tokens).text)\"" }
}
