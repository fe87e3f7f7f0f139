import Testing
import Web

struct UTF8TextTests {
    @Test(
        arguments: [
            "", "a", "장터", "👨‍👩‍👧", "e\u{301}", "\u{0}", "\u{7F}", "\u{FFFD}",
        ])
    func `valid UTF-8 is accepted unchanged, and nothing else`(_ text: String) {
        #expect(String(utf8: Array(text.utf8).span).map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x9F, 0x91],
            [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFF], [0x61, 0xE2, 0x82, 0x61],
        ] as [[UInt8]])
    func `malformed text is refused, never repaired`(_ bytes: [UInt8]) {
        #expect(String(validating: bytes, as: UTF8.self) == nil)
        #expect(String(utf8: bytes.span) == nil)
    }
}
