import Pictures
import Shop
import Testing

/// What a file is by its first bytes, whatever it is called.
struct PictureHeadTests {
    private static func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        number(content.count, 4) + Array(name.utf8) + content + [0, 0, 0, 0]
    }

    private static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]

    private static func png(_ width: Int, _ height: Int, between: [UInt8] = []) -> [UInt8] {
        signature + chunk("IHDR", number(width, 4) + number(height, 4) + [8, 2, 0, 0, 0]) + between
            + chunk("IDAT", [1, 2, 3])
    }

    private static func jpeg(_ width: Int, _ height: Int, before: [UInt8] = []) -> [UInt8] {
        [0xff, 0xd8] + before + [0xff, 0xc4, 0, 4, 1, 2, 0xff, 0xff, 0xc2, 0, 11, 8] + number(height, 2)
            + number(width, 2)
    }

    private static func webp(_ chunk: String, _ content: [UInt8]) -> [UInt8] {
        Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBP".utf8) + Array(chunk.utf8) + [0, 0, 0, 0] + content
    }

    private func size(_ bytes: [UInt8]) throws -> [Int] {
        let head = try PictureHead(bytes)
        return [head.width, head.height]
    }

    @Test func `the size of each kind is read`() throws {
        #expect(try size(Self.png(640, 480)) == [640, 480])
        #expect(try size(Self.jpeg(640, 480)) == [640, 480])
        let exif: [UInt8] = [0xff, 0xe1, 0xff, 0xff] + [UInt8](repeating: 7, count: 65_533)
        #expect(try size(Self.jpeg(4_000, 3_000, before: exif + exif)) == [4_000, 3_000])
        #expect(try size(Self.webp("VP8 ", [0, 0, 0, 0x9d, 1, 0x2a, 0x80, 2, 0xe0, 1])) == [640, 480])
        #expect(try size(Self.webp("VP8L", [0x2f, 0x7f, 0xc2, 0x77, 0])) == [640, 480])
        #expect(try size(Self.webp("VP8X", [0x10, 0, 0, 0, 0x7f, 2, 0, 0xdf, 1, 0])) == [640, 480])
    }

    @Test(arguments: [
        "", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
        "<!DOCTYPE html><script>alert(1)</script>", "GIF89a", "\0\0\0\u{18}ftypheic", "%PDF-1.7", "RIFF1234WAVE",
    ])
    func `what is none of the three is refused`(_ text: String) {
        #expect(throws: PictureFlaw.unknown) { try PictureHead(Array(text.utf8)) }
    }

    @Test func `so many pixels are refused, before anything is decoded`() throws {
        for bytes in [
            Self.png(20_000, 20_000), Self.jpeg(20_000, 20_000), Self.png(10_000, 5_001), Self.png(16_001, 1),
        ] {
            #expect(throws: PictureFlaw.tooManyPixels) { try PictureHead(bytes) }
        }
        #expect(throws: PictureFlaw.tooManyPixels) { try PictureHead(Self.png(Int(UInt32.max), Int(UInt32.max))) }
        #expect(try size(Self.png(10_000, 5_000)) == [10_000, 5_000])
        #expect(try size(Self.png(16_000, 1)) == [16_000, 1])
    }

    @Test func `films are refused`() {
        let control = Self.chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0])
        #expect(throws: PictureFlaw.moving) { try PictureHead(Self.png(10, 10, between: control)) }
        #expect(throws: PictureFlaw.moving) {
            try PictureHead(Self.webp("VP8X", [0x02, 0, 0, 0, 9, 0, 0, 9, 0, 0]))
        }
    }

    @Test func `a head that ends too early, or makes no sense, is damaged`() {
        for whole in [Self.png(640, 480), Self.jpeg(640, 480), Self.webp("VP8L", [0x2f, 0x7f, 0xc2, 0x77, 0])] {
            for count in 12..<(whole.count - 1) where PictureHeadTests.isCut(whole, count) {
                #expect(throws: PictureFlaw.damaged, "\(count)") { try PictureHead(whole.prefix(count)) }
            }
        }
        #expect(throws: PictureFlaw.damaged) { try PictureHead(Self.png(0, 480)) }
        #expect(throws: PictureFlaw.damaged) { try PictureHead([0xff, 0xd8, 0xff, 0xe0, 0, 1]) }
        #expect(throws: PictureFlaw.damaged) { try PictureHead([0xff, 0xd8, 0xff, 0xd9, 0, 2]) }
    }

    /// A PNG says all that is asked before its pixels.
    private static func isCut(_ whole: [UInt8], _ count: Int) -> Bool { !whole.starts(with: signature) || count < 41 }
}
