import Testing
import Web

struct CSVReaderTests {
    private func rows(_ bytes: [UInt8], pieces: Int = 1_000) throws -> [CSVReader.Row] {
        var reader = CSVReader()
        var rows: [CSVReader.Row] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try reader.read(bytes[start..<min(bytes.count, start + pieces)]) { rows.append($0) }
        }
        try reader.finish { rows.append($0) }
        return rows
    }

    private func cells(_ text: String, pieces: Int = 1_000) throws -> [[String]] {
        try rows(Array(text.utf8), pieces: pieces).map(\.cells)
    }

    @Test(arguments: [1, 2, 3, 1_000])
    func `cells with quotes, separators, line ends and Korean come whole, however the file comes`(_ pieces: Int) throws
    {
        let text = "\u{feff}a,b\r\n사과,\"\"\"햇것\"\", \n한 상자\r\n둘\"\r\n,\r\n"
        #expect(
            try cells(text, pieces: pieces) == [["a", "b"], ["사과", "\"햇것\", \n한 상자\r\n둘"], ["", ""]])
        #expect(try cells("a\n\nb", pieces: pieces) == [["a"], [""], ["b"]])
        #expect(try cells("a\rb\r\rc\r\nd", pieces: pieces) == [["a"], ["b"], [""], ["c"], ["d"]])
        #expect(try rows(Array(text.utf8), pieces: pieces).map(\.number) == [1, 2, 3])
        #expect(try cells("", pieces: pieces) == [])
        #expect(try cells("\u{feff}", pieces: pieces) == [])
        #expect(try cells("a,", pieces: pieces) == [["a", ""]])
    }

    @Test func `the first row says what parts the cells`() throws {
        #expect(try cells("a;b,c;d\n1,5;2;3") == [["a", "b,c", "d"], ["1,5", "2", "3"]])
        #expect(try cells("a\tb\n1\t2,3") == [["a", "b"], ["1", "2,3"]])
        #expect(try cells("\"a;b;c\",d\n1;2,3") == [["a;b;c", "d"], ["1;2", "3"]])
        #expect(try cells("a\n1,2") == [["a"], ["1", "2"]])
    }

    @Test func `a quote inside of a cell is text`() throws {
        #expect(try cells("a\n5\" pipe") == [["a"], ["5\" pipe"]])
    }

    @Test(arguments: [1, 1_000])
    func `what cannot be read is told with its row`(_ pieces: Int) throws {
        func fault(_ bytes: [UInt8]) -> CSVReader.Fault? {
            do {
                _ = try rows(bytes, pieces: pieces)
                return nil
            } catch {
                return error as? CSVReader.Fault
            }
        }
        #expect(fault(Array("a,b\n\"c,d\ne".utf8)) == .quotes(row: 2))
        #expect(fault(Array("a,b\n\"c\"d,e\n".utf8)) == .quotes(row: 2))
        // EUC-KR, and UTF-16 with and without its mark.
        #expect(fault(Array("a\nb\n".utf8) + [0xbb, 0xe7, 0xb0, 0xfa]) == .encoding(row: 3))
        #expect(fault([0xff, 0xfe] + "a\n".utf8.flatMap { [$0, 0] }) == .encoding(row: 1))
        #expect(fault("a,b\n".utf8.flatMap { [$0, 0] }) == .encoding(row: 1))
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000)
        #expect(fault(Array("a\n".utf8) + long) == .tooLong(row: 2))
        #expect(fault(long) == .tooLong(row: 1))
        #expect(fault(Array("a\n\"".utf8) + long) == .tooLong(row: 2))
    }
}
