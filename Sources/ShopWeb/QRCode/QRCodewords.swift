/// A text as the codewords of a QR code: its bytes, padded, with Reed-Solomon's error correction, the blocks mixed.
enum QRCodewords {
    static func of(_ text: [UInt8], in version: QRVersion) -> [UInt8] {
        let data = data(text, in: version)
        let generator = generator(version.correction)
        // The last blocks are a codeword longer if it does not come out even.
        let length = version.dataCodewords / version.blocks
        let short = version.blocks - version.dataCodewords % version.blocks
        var blocks: [ArraySlice<UInt8>] = []
        var rest = data[...]
        for number in 0..<version.blocks {
            let block = rest.prefix(number < short ? length : length + 1)
            blocks.append(block)
            rest = rest.dropFirst(block.count)
        }
        return mixed(blocks.map { Array($0) }) + mixed(blocks.map { remainder(of: $0, by: generator) })
    }

    /// The mode (bytes), the length, the text, and what fills the rest.
    private static func data(_ text: [UInt8], in version: QRVersion) -> [UInt8] {
        var bits: [Bool] = []
        func add(_ value: Int, _ count: Int) {
            for bit in (0..<count).reversed() { bits.append(value >> bit & 1 == 1) }
        }
        add(0b0100, 4)
        add(text.count, version.countBits)
        for byte in text { add(Int(byte), 8) }
        let room = version.dataCodewords * 8
        add(0, min(4, room - bits.count))
        add(0, (8 - bits.count % 8) % 8)
        for filling in 0..<(room - bits.count) / 8 { add(filling.isMultiple(of: 2) ? 0xec : 0x11, 8) }
        return stride(from: 0, to: room, by: 8).map { start in
            bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) }
        }
    }

    /// The first codeword of each block, then the second of each …
    private static func mixed(_ blocks: [[UInt8]]) -> [UInt8] {
        (0..<(blocks.map(\.count).max() ?? 0)).flatMap { place in
            blocks.compactMap { place < $0.count ? $0[place] : nil }
        }
    }

    // MARK: Reed-Solomon over the field of 256 with x⁸ + x⁴ + x³ + x² + 1

    private static func times(_ one: UInt8, _ other: UInt8) -> UInt8 {
        var product = 0
        for bit in (0..<8).reversed() {
            product = product << 1 ^ (product >> 7) * 0x11d
            if other >> bit & 1 == 1 { product ^= Int(one) }
        }
        return UInt8(product)
    }

    /// The coefficients below the highest of (x - 1)(x - 2)(x - 4) …
    private static func generator(_ degree: Int) -> [UInt8] {
        var coefficients = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in coefficients.indices {
                coefficients[index] = times(coefficients[index], root)
                if index + 1 < degree { coefficients[index] ^= coefficients[index + 1] }
            }
            root = times(root, 2)
        }
        return coefficients
    }

    private static func remainder(of data: ArraySlice<UInt8>, by generator: [UInt8]) -> [UInt8] {
        var remainder = [UInt8](repeating: 0, count: generator.count)
        for byte in data {
            let factor = byte ^ remainder.removeFirst()
            remainder.append(0)
            for index in generator.indices { remainder[index] ^= times(generator[index], factor) }
        }
        return remainder
    }
}
