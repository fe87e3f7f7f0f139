import Shop

/// Something to say in a language not known yet: a word, and the values of its placeholders.
struct Phrase: Sendable {
    enum Value: Sendable {
        case text(String)
        /// Written with thousands separators.
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
