import Shop

/// The words that a search asks for: each has to stand in the name or the description, also inside a longer word.
struct Search {
    /// What tells most of it, as a query of the index of pairs.
    let match: String
    /// Whether the index is asked for all of it. Otherwise what it finds is to be looked at.
    let isWhole: Bool
    private let words: [[UInt8]]

    /// The index is asked for so many words at most, the longest, and of a long one for so many characters at its beginning
    /// and its end, where an article's number tells most: each costs it a walk through its products.
    private static let mostWords = 6
    private static let mostCharacters = 16

    /// nil where nothing is asked for.
    init?(_ words: [String]) {
        let words = Set(words)
        let parts = Set(words.flatMap(Self.ends))
        let telling = parts.sorted { ($1.unicodeScalars.count, $0) < ($0.unicodeScalars.count, $1) }.prefix(
            Self.mostWords)
        guard let match = SearchPairs.query(Array(telling)) else { return nil }
        self.match = match
        isWhole = Set(telling) == words
        self.words = words.map { Array($0.lowercased().utf8) }
    }

    private static func ends(of word: String) -> [String] {
        let characters = word.unicodeScalars
        if characters.count <= mostCharacters { return [word] }
        return [characters.prefix(mostCharacters), characters.suffix(mostCharacters)].map { String($0) }
    }

    /// Whether the product is found.
    func matches(_ product: Product) -> Bool {
        var (name, description) = (product.name, product.description)
        return name.withUTF8 { name in description.withUTF8 { matches(name, $0) } }
    }

    /// Whether a product with this name and description is found. Words hold no white space, so none is found across two
    /// of a text's.
    func matches(_ name: UnsafeBufferPointer<UInt8>, _ description: UnsafeBufferPointer<UInt8>) -> Bool {
        words.allSatisfy { word in
            word.withUnsafeBufferPointer { Self.contains(name, $0) || Self.contains(description, $0) }
        }
    }

    /// Whether the text holds the word, which is in lower case, in any case.
    private static func contains(_ text: UnsafeBufferPointer<UInt8>, _ word: UnsafeBufferPointer<UInt8>) -> Bool {
        guard hasCaseBeyondASCII(text) else { return containsFoldingASCII(text, word) }
        var lower = String(decoding: text, as: UTF8.self).lowercased()
        return lower.withUTF8 { containsFoldingASCII($0, word) }
    }

    /// Most of a Korean shop's letters have no case: to see that takes a look at their first bytes.
    private static func hasCaseBeyondASCII(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while index < text.count {
            switch text[index] {
            // ASCII and what continues a letter; U+3000 to U+9FFF (kana, Chinese); U+B000 to U+D7FF (Hangul).
            case 0x00..<0xc0, 0xe3...0xe9, 0xeb...0xed: break
            // Hangul begins at U+AC00.
            case 0xea where index + 1 < text.count && text[index + 1] >= 0xb0: break
            default: return true
            }
            index += 1
        }
        return false
    }

    private static func containsFoldingASCII(
        _ text: UnsafeBufferPointer<UInt8>, _ word: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard let last = word.last, text.count >= word.count else { return false }
        // A letter's last byte tells more than its first, which all of Hangul shares.
        var end = word.count - 1
        while end < text.count {
            if folded(text[end]) == last {
                let start = end - (word.count - 1)
                var at = 0
                while at < word.count, folded(text[start + at]) == word[at] { at += 1 }
                if at == word.count { return true }
            }
            end += 1
        }
        return false
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
