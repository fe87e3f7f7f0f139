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

    /// Whether a product with this name and description is found. Words hold no white space, so none is found across two
    /// of a text's.
    func matches(_ name: UnsafeBufferPointer<UInt8>, _ description: UnsafeBufferPointer<UInt8>) -> Bool {
        let name = Self.lowercased(name)
        let description = Self.lowercased(description)
        for word in words where !Self.contains(name, word) && !Self.contains(description, word) { return false }
        return true
    }

    /// The text in lower case. Most of a Korean shop's letters have no case: to see that takes a look at their first bytes.
    private static func lowercased(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for (index, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): bytes.append(byte | 0x20)
            // ASCII and what continues a letter; U+3000 to U+9FFF (kana, Chinese); U+AC00 to U+D7FF (Hangul).
            case 0x00..<0xc0, 0xe3...0xe9, 0xeb...0xed: bytes.append(byte)
            case 0xea where index + 1 < text.count && text[index + 1] >= 0xb0: bytes.append(byte)
            default: return Array(String(decoding: text, as: UTF8.self).lowercased().utf8)
            }
        }
        return bytes
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
