/// Turns text into pairs of neighbouring characters, so that a part of a word is found from two characters on: Korean
/// words are short, and a word's inside counts as much as its start.
///
/// "장터 A1" becomes 장터 터⏹ a1 1⏹ 1 a 장 터: each word's pairs, then its last character with an end mark; behind all of
/// them each character once. Pairs that follow each other overlap, and no pair reaches over an end mark, so the pairs of a
/// word's part stand in a row exactly where the part stands in the text. A single character is looked up as itself: to put
/// together all pairs that begin with it takes the index longer than everything else.
enum SearchPairs {
    /// Stands behind the last character of a word: from the private use area, so in no text that a person types.
    private static let end: Unicode.Scalar = "\u{F8FF}"
    /// Signs of ASCII would separate tokens: they are moved out of the tokenizer's sight, to the private use area.
    private static let signsMovedTo: UInt32 = 0xE000

    /// What is indexed for a product.
    static func index(_ texts: String...) -> String {
        var tokens = String.UnicodeScalarView()
        var characters: Set<Unicode.Scalar> = []
        for word in texts.lazy.flatMap(words(in:)) {
            for (first, second) in zip(word, word.dropFirst() + [end]) {
                tokens.append(contentsOf: [first, second, " "])
                characters.insert(first)
            }
        }
        // Sorted, so that the same text is always the same tokens.
        for character in characters.sorted() { tokens.append(contentsOf: [character, " "]) }
        return String(tokens)
    }

    /// The FTS5 query for texts that hold each of these, or nil where nothing is asked for.
    static func query(_ words: [String]) -> String? {
        let phrases = words.flatMap(Self.words(in:)).map { word -> String in
            if word.count == 1 { return "\"\(String(word[0]))\"" }
            let pairs = zip(word, word.dropFirst()).map { first, second in
                String(String.UnicodeScalarView([first, second]))
            }
            return "\"\(pairs.joined(separator: " "))\""
        }
        return phrases.isEmpty ? nil : phrases.joined(separator: " AND ")
    }

    private static func words(in text: String) -> [[Unicode.Scalar]] {
        text.lowercased().unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { word in
            word.map { scalar in
                guard scalar.isASCII, !scalar.properties.isAlphabetic, !scalar.properties.numericType.isDecimal else {
                    return scalar
                }
                return Unicode.Scalar(signsMovedTo + scalar.value) ?? scalar
            }
        }
    }
}

extension Unicode.NumericType? {
    fileprivate var isDecimal: Bool { self == .decimal }
}
