/// A QR code (ISO/IEC 18004) of a text's bytes, with error correction of level M: still read with a seventh of it gone.
struct QRCode {
    private let version: QRVersion
    /// Row by row; true is dark.
    private var modules: [Bool]
    /// Which modules are patterns for the reader, not the text's.
    private var isPattern: [Bool]

    /// nil for a text that is too long.
    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let version = QRVersion.holding(bytes.count) else { return nil }
        self.version = version
        modules = Array(repeating: false, count: version.size * version.size)
        isPattern = modules
        drawPatterns()
        draw(QRCodewords.of(bytes, in: version))
        let masked = QRMask.allCases.map { mask in with(mask) }
        guard let best = masked.min(by: { $0.penalty < $1.penalty }) else { return nil }
        modules = best.modules
    }

    /// In modules, each way, without the margin.
    var size: Int { version.size }

    subscript(row: Int, column: Int) -> Bool { modules[row * size + column] }

    /// As an outline for SVG, in modules: for each run of dark modules a rectangle, moved by the margin.
    func path(margin: Int) -> String {
        var path = ""
        for row in 0..<size {
            var column = 0
            while column < size {
                let start = column
                while column < size, self[row, column] { column += 1 }
                if column > start {
                    path += "M\(start + margin) \(row + margin)h\(column - start)v1h-\(column - start)z"
                } else {
                    column += 1
                }
            }
        }
        return path
    }

    // MARK: Patterns

    private mutating func setPattern(_ row: Int, _ column: Int, _ isDark: Bool) {
        modules[row * size + column] = isDark
        isPattern[row * size + column] = true
    }

    private mutating func drawPatterns() {
        for place in 0..<size {
            setPattern(6, place, place.isMultiple(of: 2))
            setPattern(place, 6, place.isMultiple(of: 2))
        }
        for (row, column) in [(3, 3), (3, size - 4), (size - 4, 3)] { drawFinder(row, column) }
        let middles = version.alignment
        for row in middles {
            for column in middles where !isFinder(row, column) { drawAlignment(row, column) }
        }
        drawVersion()
        // Kept free for the format, which names the mask.
        drawFormat(0)
    }

    private func isFinder(_ row: Int, _ column: Int) -> Bool {
        let last = size - 7
        return (row, column) == (6, 6) || (row, column) == (6, last) || (row, column) == (last, 6)
    }

    /// Three squares in each other, and a light border.
    private mutating func drawFinder(_ row: Int, _ column: Int) {
        for down in -4...4 {
            for across in -4...4 {
                let distance = max(abs(down), abs(across))
                let (y, x) = (row + down, column + across)
                if (0..<size).contains(y), (0..<size).contains(x) {
                    setPattern(y, x, distance != 2 && distance != 4)
                }
            }
        }
    }

    private mutating func drawAlignment(_ row: Int, _ column: Int) {
        for down in -2...2 {
            for across in -2...2 {
                setPattern(row + down, column + across, max(abs(down), abs(across)) != 1)
            }
        }
    }

    /// Twice beside the finders, from version 7 on: 6 bits and a (18, 6) Golay code.
    private mutating func drawVersion() {
        guard version.number >= 7 else { return }
        let bits = version.number << 12 | Self.remainder(version.number, by: 0x1f25, bits: 12)
        for bit in 0..<18 {
            let isDark = bits >> bit & 1 == 1
            let (far, near) = (size - 11 + bit % 3, bit / 3)
            setPattern(near, far, isDark)
            setPattern(far, near, isDark)
        }
    }

    /// Twice around the finders: the level (00 is M), the mask, and a (15, 5) BCH code.
    private mutating func drawFormat(_ mask: Int) {
        let bits = (mask << 10 | Self.remainder(mask, by: 0x537, bits: 10)) ^ 0b101_0100_0001_0010
        for bit in 0..<15 {
            let isDark = bits >> bit & 1 == 1
            // Around the finder above on the left, past the timing patterns …
            switch bit {
            case ..<6: setPattern(bit, 8, isDark)
            case 6: setPattern(7, 8, isDark)
            case 7: setPattern(8, 8, isDark)
            case 8: setPattern(8, 7, isDark)
            default: setPattern(8, 14 - bit, isDark)
            }
            // … and split between the other two.
            if bit < 8 { setPattern(8, size - 1 - bit, isDark) } else { setPattern(size - 15 + bit, 8, isDark) }
        }
        setPattern(size - 8, 8, true)
    }

    /// The check bits of a cyclic code.
    private static func remainder(_ value: Int, by generator: Int, bits: Int) -> Int {
        var remainder = value
        for _ in 0..<bits { remainder = remainder << 1 ^ (remainder >> (bits - 1)) * generator }
        return remainder
    }

    // MARK: The text

    /// Two columns at a time from the right, up and down in turn, past the patterns.
    private mutating func draw(_ codewords: [UInt8]) {
        var bit = 0
        var right = size - 1
        var goesUp = true
        while right > 0 {
            if right == 6 { right -= 1 }
            for step in 0..<size {
                let row = goesUp ? size - 1 - step : step
                for column in [right, right - 1] where !isPattern[row * size + column] {
                    // The few modules that remain stay light.
                    guard bit < codewords.count * 8 else { continue }
                    modules[row * size + column] = codewords[bit / 8] >> (7 - bit % 8) & 1 == 1
                    bit += 1
                }
            }
            right -= 2
            goesUp.toggle()
        }
    }

    private func with(_ mask: QRMask) -> QRCode {
        var code = self
        for row in 0..<size {
            for column in 0..<size where !isPattern[row * size + column] && mask.turns(row, column) {
                code.modules[row * size + column].toggle()
            }
        }
        code.drawFormat(mask.rawValue)
        return code
    }
}

/// The patterns that keep large areas of one colour out of a QR code.
enum QRMask: Int, CaseIterable {
    case squares, rows, columns, diagonals, bricks, crosses, flowers, weave

    /// Whether this module is turned over.
    func turns(_ row: Int, _ column: Int) -> Bool {
        let product = row * column
        switch self {
        case .squares: return (row + column).isMultiple(of: 2)
        case .rows: return row.isMultiple(of: 2)
        case .columns: return column.isMultiple(of: 3)
        case .diagonals: return (row + column).isMultiple(of: 3)
        case .bricks: return (row / 2 + column / 3).isMultiple(of: 2)
        case .crosses: return product % 2 + product % 3 == 0
        case .flowers: return (product % 2 + product % 3).isMultiple(of: 2)
        case .weave: return ((row + column) % 2 + product % 3).isMultiple(of: 2)
        }
    }
}

extension QRCode {
    /// How hard it is to read, by the standard's four rules: the mask with the least is taken.
    var penalty: Int {
        var penalty = 0
        let lines = (0..<size).map { row in (0..<size).map { self[row, $0] } }
        let columns = (0..<size).map { column in (0..<size).map { self[$0, column] } }
        for line in lines + columns { penalty += Self.runs(line) + Self.finderLike(line) }
        for row in 1..<size {
            for column in 1..<size {
                let corner = self[row, column]
                if self[row - 1, column] == corner, self[row, column - 1] == corner, self[row - 1, column - 1] == corner
                {
                    penalty += 3
                }
            }
        }
        let dark = modules.count { $0 }
        // Ten for each twentieth away from half.
        return penalty + abs(dark * 20 - modules.count * 10) / modules.count * 10
    }

    /// Three for five modules of one colour in a row, and one for each further one.
    private static func runs(_ line: [Bool]) -> Int {
        var penalty = 0
        var length = 0
        for (place, module) in line.enumerated() {
            length = place > 0 && line[place - 1] == module ? length + 1 : 1
            if length == 5 { penalty += 3 } else if length > 5 { penalty += 1 }
        }
        return penalty
    }

    /// Forty for each place that looks like a finder's middle with light on one side of it.
    private static func finderLike(_ line: [Bool]) -> Int {
        let middle = [true, false, true, true, true, false, true]
        let light = [Bool](repeating: false, count: 4)
        let patterns = [light + middle, middle + light]
        return (0...line.count - 11).reduce(0) { penalty, start in
            penalty + (patterns.contains { line[start..<start + 11].elementsEqual($0) } ? 40 : 0)
        }
    }
}
