import Foundation
import Mustache
import Shop
import Web

/// The words of one language: a file of keys and texts. Templates say `{{t.key}}`, the program names a `WordKey`.
struct Words: Sendable, MustacheParent {
    let language: Language
    private let texts: [String: String]
    private let sentences: [WordKey: Sentence]

    /// Throws a `StorefrontError` if the file is missing, broken, or lacks a word that the program uses.
    init(_ folder: String, _ language: Language) throws {
        self.language = language
        let path = "\(folder)/\(language.rawValue).json"
        do {
            texts = try JSONDecoder().decode([String: String].self, from: Data(Storefront.text(path).utf8))
        } catch is DecodingError {
            throw StorefrontError("\(path): has to be an object of texts in JSON")
        }
        var sentences: [WordKey: Sentence] = [:]
        for key in WordKey.allCases {
            guard let text = texts[key.rawValue] else {
                throw StorefrontError("\(path): there is no \(key.rawValue)")
            }
            sentences[key] = Sentence(text)
        }
        self.sentences = sentences
    }

    /// The names of the placeholders in each text.
    var places: [String: Set<String>] { texts.mapValues { Set(Sentence($0).places) } }

    func child(named name: String) -> Any? { texts[name] }

    /// The text of a key put together from a kind and one of its values, both of this program.
    func named(_ key: String) -> String {
        guard let text = texts[key] else { preconditionFailure("no word \(key)") }
        return text
    }

    /// The text with `{name}` replaced by its value, and `{name:one|other}` by the form that the number requires.
    func callAsFunction(_ key: WordKey, _ values: KeyValuePairs<String, Phrase.Value> = [:]) -> String {
        guard let sentence = sentences[key] else { preconditionFailure("no word \(key)") }
        return sentence.text { name, form in
            guard let value = values.first(where: { $0.key == name })?.value else { return nil }
            guard let form else { return text(value) }
            return if case .number(1) = value { form.one } else { form.other }
        }
    }

    func callAsFunction(_ phrase: Phrase) -> String { self(phrase.key, phrase.values) }

    private func text(_ value: Phrase.Value) -> String {
        switch value {
        case .text(let text): text
        case .number(let number): self.number(number)
        case .won(let won): self.won(won)
        case .word(let key): self(key)
        }
    }

    /// 29,500원 in Korean, ₩29,500 in English.
    func won(_ won: Won) -> String {
        (won < .zero ? "-" : "") + self(.won, ["amount": .text(Self.grouped(won.amount.magnitude))])
    }

    /// 29,500.
    func number(_ number: Int64) -> String { (number < 0 ? "-" : "") + Self.grouped(number.magnitude) }

    private static func grouped(_ amount: UInt64) -> String {
        var text = ""
        let digits = String(amount)
        for (index, digit) in digits.utf8.enumerated() {
            if index > 0, (digits.utf8.count - index).isMultiple(of: 3) { text.append(",") }
            text.unicodeScalars.append(Unicode.Scalar(digit))
        }
        return text
    }
}

/// One of the texts, parsed once.
private struct Sentence {
    private enum Part {
        case text(String)
        /// For a value; or for one of two words, chosen by it.
        case place(String, PluralForms?)
    }

    private var parts: [Part] = []

    init(_ text: String) {
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            parts.append(Self.place(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
    }

    private static func place(_ text: Substring) -> Part {
        let forms = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard forms.count == 2 else { return .place(String(text), nil) }
        let words = forms[1].split(separator: "|", omittingEmptySubsequences: false).map { String($0) }
        guard words.count == 2 else { return .place(String(text), nil) }
        return .place(String(forms[0]), PluralForms(one: words[0], other: words[1]))
    }

    var places: [String] {
        parts.compactMap { if case .place(let name, _) = $0 { name } else { nil } }
    }

    /// Fills each placeholder once: values are not scanned again. A placeholder without a value stays as it is.
    func text(_ value: (String, PluralForms?) -> String?) -> String {
        parts.reduce(into: "") { result, part in
            switch part {
            case .text(let text): result += text
            case .place(let name, let forms): result += value(name, forms) ?? "{\(name)}"
            }
        }
    }
}

/// A language's form for one, and for any other number.
private struct PluralForms {
    let one: String
    let other: String
}
