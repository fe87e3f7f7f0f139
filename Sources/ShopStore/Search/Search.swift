/// The words that a search asks for: each has to stand in the name or the description, also inside a longer word.
struct Search {
    /// The same as a query of the index of pairs.
    let match: String
    /// Whether one of the words is a single character.
    let hasSingleCharacter: Bool
    private let words: [[UInt8]]

    /// nil where nothing is asked for.
    init?(_ words: [String]) {
        guard let match = SearchPairs.query(words) else { return nil }
        self.match = match
        hasSingleCharacter = words.contains { $0.unicodeScalars.count == 1 }
        self.words = words.map { Array($0.lowercased().utf8) }
    }

    /// Whether a product with these texts is found. Words hold no white space, so none is found across two of a text's.
    func matches(_ texts: String...) -> Bool {
        let texts = texts.map { Array($0.lowercased().utf8) }
        return words.allSatisfy { word in texts.contains { Self.contains($0, word) } }
    }

    private static func contains(_ text: [UInt8], _ word: [UInt8]) -> Bool {
        text.withUnsafeBufferPointer { text in
            guard let first = word.first, text.count >= word.count else { return false }
            for start in 0...text.count - word.count where text[start] == first {
                if text[start..<start + word.count].elementsEqual(word) { return true }
            }
            return false
        }
    }
}
