import Testing

@testable import ShopWeb

/// The QR code is the standard's. That cameras read it is tested where there is one: with the pages in a browser.
struct QRCodeTests {
    private func rows(_ code: QRCode) -> [String] {
        (0..<code.size).map { row in (0..<code.size).map { code[row, $0] ? "#" : "." }.joined() }
    }

    @Test func `a text of two syllables is this picture`() throws {
        let code = try #require(QRCode("장터"))
        #expect(
            rows(code) == [
                "#######...##..#######",
                "#.....#.#..##.#.....#",
                "#.###.#..###..#.###.#",
                "#.###.#...#.#.#.###.#",
                "#.###.#.#..##.#.###.#",
                "#.....#..#.#..#.....#",
                "#######.#.#.#.#######",
                ".........#...........",
                "#.#.#.#...#.#...#..#.",
                "##.#.#.#.###.#.#..#..",
                "##.##.#.####.###.....",
                ".......#..####.#####.",
                "###.####.###.###...#.",
                "........##....##...##",
                "#######..##.#...####.",
                "#.....#..#....##..###",
                "#.###.#.###.#.#.#..##",
                "#.###.#..###.#..#.##.",
                "#.###.#.#..#.##..##.#",
                "#.....#...####.#.###.",
                "#######.#.##.####.###",
            ])
    }

    /// How many bytes each version holds at level M, after table 7 of the standard.
    @Test func `each size holds what the standard says`() {
        let capacities = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331]
        #expect(QRVersion.all.map(\.capacity) == capacities)
        for (version, capacity) in zip(QRVersion.all, capacities) {
            #expect(QRVersion.holding(capacity) == version)
            #expect(QRCode(String(repeating: "a", count: capacity))?.size == 17 + 4 * version.number)
        }
        #expect(QRCode(String(repeating: "a", count: 332)) == nil)
    }

    @Test func `the outline has the dark modules and no others`() throws {
        let code = try #require(QRCode("otpauth://totp/x"))
        var drawn = Set<[Int]>()
        for run in code.path(margin: 4).matches(of: /M(\d+) (\d+)h(\d+)v1h-(\d+)z/) {
            #expect(run.output.3 == run.output.4)
            guard let x = Int(run.output.1), let y = Int(run.output.2), let length = Int(run.output.3) else { continue }
            for column in x..<x + length { drawn.insert([y - 4, column - 4]) }
        }
        let dark = (0..<code.size).flatMap { row in (0..<code.size).map { [row, $0] } }.filter { code[$0[0], $0[1]] }
        #expect(drawn == Set(dark))
    }

    @Test func `an address with the longest login fits`() {
        #expect(QRCode(String(repeating: "x", count: 15 + 18 + 1 + 3 * 64 + 8 + 32 + 8 + 18)) != nil)
    }
}
