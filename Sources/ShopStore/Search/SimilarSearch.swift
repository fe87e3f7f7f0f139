/// What a search that finds nothing may have meant: words that a name writes apart (철원쌀 for 철원 오대쌀), or one wrong
/// letter in a syllable (마눌 for 마늘).
struct SimilarSearch {
    /// Whether the index has a match for an expression.
    let exists: (String) throws -> Bool

    /// Words with more letters are neither split nor corrected: each letter costs index look-ups.
    private static let mostLetters = 10
    private static let mostWords = 4
    /// The most corrections that are tried for a word.
    private static let mostCorrections = 24

    /// nil if nothing similar is found. A word that occurs somewhere on its own is not changed: then it is the
    /// combination that nothing matches.
    func search(for words: [SearchIndex.Word]) throws -> Search? {
        guard (1...Self.mostWords).contains(words.count) else { return nil }
        var parts: [[Search.Alternative]] = []
        var isChanged = false
        for word in words {
            let typed = Search.Alternative(words: [word], isInName: false)
            if try exists(typed.expression) {
                parts.append([typed])
                continue
            }
            guard word.count <= Self.mostLetters, let others = try apart(word) ?? corrected(word) else { return nil }
            isChanged = true
            parts += others
        }
        let search = Search(parts)
        return try isChanged && exists(search.match) ? search : nil
    }

    // MARK: Splitting words

    private func apart(_ word: SearchIndex.Word) throws -> [[Search.Alternative]]? {
        let pieces = Self.pieces(word)
        let alternatives = pieces.map { piece in (pieces.count == 1 ? [] : [[piece]]) + Self.halves(piece) }
        if alternatives.contains([]) { return nil }
        let parts = alternatives.map { $0.map { Search.Alternative(words: $0, isInName: true) } }
        return try exists(Search(parts).match) ? parts : nil
    }

    /// Between syllables and digits or Latin letters, in either order, people need no space: 쌀10kg.
    private static func pieces(_ word: SearchIndex.Word) -> [SearchIndex.Word] {
        word.reduce(into: []) { pieces, letter in
            if let last = pieces.last?.last, Hangul.isSyllable(last) == Hangul.isSyllable(letter) {
                pieces[pieces.count - 1].append(letter)
            } else {
                pieces.append([letter])
            }
        }
    }

    /// All ways to split it into two words.
    private static func halves(_ piece: SearchIndex.Word) -> [[SearchIndex.Word]] {
        guard piece.count >= 3, piece.allSatisfy(Hangul.isSyllable) else { return [] }
        return (1..<piece.count).map { [Array(piece[..<$0]), Array(piece[$0...])] }
    }

    // MARK: Correcting words

    private func corrected(_ word: SearchIndex.Word) throws -> [[Search.Alternative]]? {
        guard word.count >= 2 else { return nil }
        let pairs = zip(word, word.dropFirst()).map { ($0, $1) }
        let isThere = try pairs.map { try exists(SearchIndex.pair($0, $1)) }
        var words: [SearchIndex.Word] = []
        for index in word.indices {
            // What no change in this place can fix.
            let others = isThere.indices.filter { $0 != index && $0 != index - 1 }
            guard others.allSatisfy({ isThere[$0] }) else { continue }
            for letter in Hangul.neighbours(of: word[index]) {
                var other = word
                other[index] = letter
                if try stands(other, at: index...index) { words.append(other) }
            }
        }
        for index in pairs.indices {
            guard let linked = Hangul.linked(word[index], word[index + 1]) else { continue }
            var other = word
            other.replaceSubrange(index...index + 1, with: linked)
            if try stands(other, at: index...index + 1) { words.append(other) }
        }
        if words.isEmpty { return nil }
        // In names, if that finds any: descriptions contain words of all kinds.
        for isInName in [true, false] {
            let part = words.prefix(Self.mostCorrections).map { Search.Alternative(words: [$0], isInName: isInName) }
            if try exists(Search([part]).match) { return [part] }
        }
        return nil
    }

    /// Whether the pairs that contain the changed letters exist.
    private func stands(_ word: SearchIndex.Word, at changed: ClosedRange<Int>) throws -> Bool {
        let first = max(0, changed.lowerBound - 1)
        let last = min(word.count - 2, changed.upperBound)
        return try (first...last).allSatisfy { try exists(SearchIndex.pair(word[$0], word[$0 + 1])) }
    }
}
