import Shop

/// What a search asks for: each word has to stand in the name or the description, also inside a longer word.
struct Search {
    /// Words that may stand for one of those that were typed.
    struct Alternative {
        let words: [SearchIndex.Word]
        /// Whether they are to stand in the name; one letter may be anywhere.
        let isInName: Bool

        var expression: String {
            let parts = words.map { isInName && $0.count > 1 ? SearchIndex.inName($0) : SearchIndex.anywhere($0) }
            return parts.count == 1 ? parts[0] : "(\(parts.joined(separator: " AND ")))"
        }
    }

    /// What tells most of it, as a query of the index.
    let match: String
    /// The same in parts, the best first, each without what is in those before.
    let ranks: [String]
    /// Whether the index is asked for all of it. Otherwise what it finds is to be looked at.
    let isWhole: Bool
    /// The words as they were typed.
    let words: [SearchIndex.Word]
    /// For each of the words, what may stand for it.
    private let alternatives: [[Alternative]]
    /// Looked for only where there are no words.
    private let signs: Set<Unicode.Scalar>

    /// The index is asked for so many words at most, the longest, and of a long one for so many letters at its beginning
    /// and its end, where an article's number tells most: each costs it a walk through its products.
    private static let mostWords = 6
    private static let mostLetters = 16

    /// nil where nothing is asked for.
    init?(_ texts: [String]) {
        let text = SearchText(texts.joined(separator: " "))
        words = text.words.reduce(into: []) { unique, word in if !unique.contains(word) { unique.append(word) } }
        alternatives = words.map { [Alternative(words: [$0], isInName: false)] }
        signs = words.isEmpty ? text.signs : []
        if words.isEmpty {
            if signs.isEmpty { return nil }
            let telling = signs.sorted().prefix(Self.mostWords)
            match = telling.map { SearchIndex.anywhere([$0]) }.joined(separator: " AND ")
            ranks = [match]
            isWhole = telling.count == signs.count
            return
        }
        let parts = Set(words.flatMap(Self.ends))
        let telling = parts.sorted { one, other in
            one.count != other.count ? one.count > other.count : one.lexicographicallyPrecedes(other)
        }.prefix(Self.mostWords)
        let match = telling.map(SearchIndex.anywhere).joined(separator: " AND ")
        self.match = match
        isWhole = Set(telling) == Set(words)
        let whole = telling.map(SearchIndex.whole).joined(separator: " AND ")
        let inName = telling.map(SearchIndex.inName).joined(separator: " AND ")
        ranks = isWhole ? [whole, "(\(inName)) NOT (\(whole))", "(\(match)) NOT (\(inName))"] : [match]
    }

    /// For each word, one of its alternatives.
    init(_ alternatives: [[Alternative]]) {
        match = alternatives.map { alternatives in
            "(\(alternatives.map(\.expression).joined(separator: " OR ")))"
        }.joined(separator: " AND ")
        ranks = [match]
        isWhole = true
        words = []
        self.alternatives = alternatives
        signs = []
    }

    private static func ends(of word: SearchIndex.Word) -> [SearchIndex.Word] {
        if word.count <= mostLetters { return [word] }
        return [Array(word.prefix(mostLetters)), Array(word.suffix(mostLetters))]
    }

    /// Whether the product is found.
    func matches(_ product: Product) -> Bool {
        var (name, description) = (product.name, product.description)
        return name.withUTF8 { name in description.withUTF8 { matches(name, $0) } }
    }

    /// Whether a product with this name and description is found.
    func matches(_ name: UnsafeBufferPointer<UInt8>, _ description: UnsafeBufferPointer<UInt8>) -> Bool {
        if !signs.isEmpty {
            let texts = [name, description].map { SearchText(String(decoding: $0, as: UTF8.self)).signs }
            return signs.isSubset(of: texts[0].union(texts[1]))
        }
        let texts = [SearchText.letters(of: name), SearchText.letters(of: description)]
        return alternatives.allSatisfy { alternatives in
            alternatives.contains { alternative in
                alternative.words.allSatisfy { word in
                    let places = alternative.isInName && word.count > 1 ? texts.prefix(1) : texts[...]
                    return places.contains { Self.contains($0, word) }
                }
            }
        }
    }

    /// Whether the letters hold the word; one of three letters or more also over the borders between them.
    private static func contains(_ letters: [Unicode.Scalar], _ word: SearchIndex.Word) -> Bool {
        letters.withUnsafeBufferPointer { letters in
            word.withUnsafeBufferPointer { word in
                letters.indices.contains { start in letters[start] == word[0] && begins(letters[start...], word) }
            }
        }
    }

    private static func begins(
        _ letters: Slice<UnsafeBufferPointer<Unicode.Scalar>>, _ word: UnsafeBufferPointer<Unicode.Scalar>
    ) -> Bool {
        var found = 0
        for letter in letters {
            if letter == word[found] {
                found += 1
                if found == word.count { return true }
            } else if word.count < 3 || letter != SearchText.border {
                return false
            }
        }
        return false
    }
}
