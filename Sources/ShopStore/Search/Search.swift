import Shop

/// A parsed search: each word must occur in the name or the description, even inside a longer word.
struct Search {
    /// Words that may replace one of the typed ones.
    struct Alternative {
        let words: [SearchIndex.Word]
        /// Whether they must be in the name; a single letter may be anywhere.
        let isInName: Bool

        var expression: String {
            let parts = words.map { isInName && $0.count > 1 ? SearchIndex.inName($0) : SearchIndex.anywhere($0) }
            return parts.count == 1 ? parts[0] : "(\(parts.joined(separator: " AND ")))"
        }
    }

    /// The most selective part of the search, as an index query.
    let match: String
    /// The same in parts, best first, each excluding those before it.
    let ranks: [String]
    /// Whether the index query covers the whole search. Otherwise its matches have to be checked.
    let isWhole: Bool
    /// The words as typed.
    let words: [SearchIndex.Word]
    /// For each word, what may replace it.
    private let alternatives: [[Alternative]]
    /// Only searched for if there are no words.
    private let signs: Set<Unicode.Scalar>

    /// Bounds on the index query: the longest words, and the letters at either end of a long one, where an article number
    /// is most distinctive. Each costs a walk through its products.
    private static let mostWords = 6
    private static let mostLetters = 16

    /// nil if there is nothing to search for.
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

    /// For each word, its alternatives, one of which must occur.
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

    /// Whether the letters contain the word; a word of three letters or more also across word borders.
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
