import Testing

@testable import Web

struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        write(&json)
        return String(decoding: json.finish(), as: UTF8.self)
    }

    private func written(_ text: String) -> String { written { $0.value(text) } }

    @Test func `members and elements are separated by commas`() {
        let text = written { json in
            json.object { json in
                json.member("a", Int64(1))
                json.name("b")
                json.array([1, 2, 3] as [Int64]) { json, element in json.value(element) }
                json.member("c", true)
                json.null("d")
                json.name("e")
                json.object { _ in }
                json.name("f")
                json.array([] as [Int64]) { json, element in json.value(element) }
                json.member("g", "x")
            }
        }
        #expect(text == #"{"a":1,"b":[1,2,3],"c":true,"d":null,"e":{},"f":[],"g":"x"}"#)
    }

    @Test func `objects in an array are separated by commas`() {
        let text = written { json in
            json.array(["x", "y"]) { json, element in json.object { json in json.member("n", element) } }
        }
        #expect(text == #"[{"n":"x"},{"n":"y"}]"#)
    }

    @Test func `JSON written earlier is inserted with its commas`() {
        let text = written { json in
            json.array([Array("{}".utf8), Array("[1]".utf8)]) { json, element in json.raw(element) }
        }
        #expect(text == "[{},[1]]")
    }

    @Test func `numbers reach the ends of their range`() {
        for number in [Int64.min, -10, -1, 0, 9, 10, .max] { #expect(written { $0.value(number) } == "\(number)") }
    }

    @Test func `quotes, backslashes and control characters are escaped`() {
        #expect(written(#"a"b\c"#) == #""a\"b\\c""#)
        #expect(written("\n\r\t") == #""\n\r\t""#)
        #expect(written("\u{0}\u{1}\u{8}\u{c}\u{1b}\u{1f}") == #""\u0000\u0001\u0008\u000c\u001b\u001f""#)
    }

    @Test func `everything else is left as it is`() {
        for text in ["", "장터 🛒", "\u{7f}\u{2028}\u{2029}", "/<>&'", "e\u{301}", "\u{10FFFF}"] {
            #expect(written(text) == "\"\(text)\"")
        }
    }

    @Test func `an escape at each place leaves its neighbours alone`() {
        #expect(written("\"가\"나\"") == #""\"가\"나\"""#)
    }
}
