import Testing
import Web

struct CSVWriterTests {
    private func line(_ cells: String?...) -> String {
        var csv = CSVWriter()
        for cell in cells { csv.text(cell) }
        csv.endRow()
        return String(decoding: csv.take(), as: UTF8.self)
    }

    @Test func `a cell is quoted where it has to be, and a quote in it doubled`() {
        #expect(line("a", "", nil, "사과") == "a,,,사과\r\n")
        #expect(
            line("a,b", "say \"a\"", "one\ntwo", "one\r\ntwo")
                == "\"a,b\",\"say \"\"a\"\"\",\"one\ntwo\",\"one\r\ntwo\"\r\n")
        #expect(line("\"") == "\"\"\"\"\r\n")
    }

    @Test(arguments: [
        "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", "=\u{301}1", "'=1", "''=1",
    ])
    func `what a spreadsheet would run is defused, and comes back as it was`(_ text: String) {
        #expect(CSVText.defused(text) == "'" + text)
        #expect(line(text).hasPrefix("'") || line(text).hasPrefix("\"'"))
        #expect(CSVText.original(CSVText.defused(text)) == text)
    }

    @Test(arguments: ["", "a=1", "1-1", "'", "''", "'a", "' =1", " =1", "사과"])
    func `other text stays as it is, both ways`(_ text: String) {
        #expect(CSVText.defused(text) == text)
        #expect(CSVText.original(text) == text)
    }

    @Test func `a number is no formula`() {
        var csv = CSVWriter()
        csv.head(["id", "change"])
        csv.number(-5_000)
        csv.number(nil)
        csv.endRow()
        #expect(Array("\u{feff}id,change\r\n-5000,\r\n".utf8) == csv.take())
        #expect(csv.take().isEmpty)
    }
}
