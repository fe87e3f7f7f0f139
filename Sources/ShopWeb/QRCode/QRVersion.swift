/// The sizes of a QR code and what each holds with error correction of level M, after tables 1, 9 and E.1 of ISO/IEC
/// 18004.
struct QRVersion: Equatable {
    let number: Int
    /// All codewords, those of the error correction among them.
    let codewords: Int
    /// The codewords of error correction in each block.
    let correction: Int
    let blocks: Int

    /// From 1 on, as large as an address needs that is still read off a screen.
    static let all: [QRVersion] = [
        (26, 10, 1), (44, 16, 1), (70, 26, 1), (100, 18, 2), (134, 24, 2), (172, 16, 4), (196, 18, 4), (242, 22, 4),
        (292, 22, 5), (346, 26, 5), (404, 30, 5), (466, 22, 8), (532, 22, 9),
    ].enumerated().map { index, values in
        QRVersion(number: index + 1, codewords: values.0, correction: values.1, blocks: values.2)
    }

    /// The smallest that holds so many bytes; nil if none does.
    static func holding(_ bytes: Int) -> QRVersion? { all.first { bytes <= $0.capacity } }

    /// The codewords that carry data.
    var dataCodewords: Int { codewords - correction * blocks }

    /// How many bytes of text it holds.
    var capacity: Int { (dataCodewords * 8 - 4 - countBits) / 8 }

    /// How many bits say how long the text is.
    var countBits: Int { number < 10 ? 8 : 16 }

    /// In modules, each way.
    var size: Int { 17 + 4 * number }

    /// Where the middles of the alignment patterns are, across and down.
    var alignment: [Int] {
        let last = size - 7
        switch number {
        case 1: return []
        case ..<7: return [6, last]
        default: return [6, (6 + last) / 2, last]
        }
    }
}
