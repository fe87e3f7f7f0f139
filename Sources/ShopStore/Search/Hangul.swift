/// Syllables and the letters (jamo) they consist of.
enum Hangul {
    private static let first: UInt32 = 0xAC00
    private static let (initials, vowels, finals): (UInt32, UInt32, UInt32) = (19, 21, 28)
    /// ㅇ as an initial, which is silent.
    private static let silent: UInt32 = 11
    /// The initial that a final turns into before a syllable that starts with a silent one.
    private static let initialOfFinal: [UInt32: UInt32] = [
        1: 0, 2: 1, 4: 2, 7: 3, 8: 5, 16: 6, 17: 7, 19: 9, 20: 10, 22: 12, 23: 14, 24: 15, 25: 16, 26: 17, 27: 18,
    ]
    private static let finalOfInitial = Dictionary(uniqueKeysWithValues: initialOfFinal.map { ($1, $0) })

    static func isSyllable(_ scalar: Unicode.Scalar) -> Bool { ("\u{AC00}"..."\u{D7A3}").contains(scalar) }

    /// The syllables that differ from this one in one letter, including a final added or removed.
    static func neighbours(of syllable: Unicode.Scalar) -> [Unicode.Scalar] {
        guard let (initial, vowel, final) = letters(of: syllable) else { return [] }
        let initials = (0..<initials).filter { $0 != initial }.map { self.syllable($0, vowel, final) }
        let vowels = (0..<vowels).filter { $0 != vowel }.map { self.syllable(initial, $0, final) }
        let finals = (0..<finals).filter { $0 != final }.map { self.syllable(initial, vowel, $0) }
        return (initials + vowels + finals).compactMap { $0 }
    }

    /// Two syllables that sound the same when the letter between them moves from one to the other: 만을, 마늘.
    static func linked(_ one: Unicode.Scalar, _ other: Unicode.Scalar) -> [Unicode.Scalar]? {
        guard let left = letters(of: one), let right = letters(of: other) else { return nil }
        let pair: [Unicode.Scalar?]
        if right.initial == silent, let initial = initialOfFinal[left.final] {
            pair = [syllable(left.initial, left.vowel, 0), syllable(initial, right.vowel, right.final)]
        } else if left.final == 0, let final = finalOfInitial[right.initial] {
            pair = [syllable(left.initial, left.vowel, final), syllable(silent, right.vowel, right.final)]
        } else {
            return nil
        }
        return pair.compactMap { $0 }
    }

    private static func letters(of syllable: Unicode.Scalar) -> (initial: UInt32, vowel: UInt32, final: UInt32)? {
        guard isSyllable(syllable) else { return nil }
        let number = syllable.value - first
        return (number / finals / vowels, number / finals % vowels, number % finals)
    }

    private static func syllable(_ initial: UInt32, _ vowel: UInt32, _ final: UInt32) -> Unicode.Scalar? {
        Unicode.Scalar(first + (initial * vowels + vowel) * finals + final)
    }
}
