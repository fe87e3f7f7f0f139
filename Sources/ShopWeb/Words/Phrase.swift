import Shop

/// Something to say, before it is known in which language: a word, and what stands in its places.
struct Phrase: Sendable {
    enum Value: Sendable {
        case text(String)
        /// Written in groups of thousands.
        case number(Int64)
        case won(Won)
        case word(WordKey)
    }

    let key: WordKey
    let values: KeyValuePairs<String, Value>

    init(_ key: WordKey, _ values: KeyValuePairs<String, Value> = [:]) {
        self.key = key
        self.values = values
    }
}
