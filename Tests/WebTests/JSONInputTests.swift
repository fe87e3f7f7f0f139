import HTTPTypes
import Testing

@testable import Web

/// What the tests below send: one member of each kind.
private struct Everything: JSONInput {
    struct Line: JSONInput {
        let id: Int64
        init(_ fields: JSONFields) { id = fields.integer("id", in: 1 ... .max) }
    }

    struct Inner: JSONInput {
        let flag: Bool
        let line: Line?
        init(_ fields: JSONFields) {
            flag = fields.boolean("flag")
            line = fields.optional("line") { fields.object($0) } ?? nil
        }
    }

    let amount: Int64
    let name: String
    let lines: [Line]
    let inner: Inner?
    let note: String?

    init(_ fields: JSONFields) {
        amount = fields.integer("amount", in: 1...100)
        name = fields.text("name", length: 2...4) { $0 != "!" }
        lines = fields.array("lines", count: 1...2)
        inner = fields.optional("inner") { fields.object($0) } ?? nil
        note = fields.optional("note") { fields.text($0, length: 0...3) }
    }
}

/// One integer of any size.
private struct Number: JSONInput {
    let n: Int64
    init(_ fields: JSONFields) { n = fields.integer("n") }
}

struct JSONInputTests {
    private func request(
        _ body: [UInt8], type: String? = "application/json", _ wrapped: (([UInt8]) -> Request.Body) = { .bytes($0) }
    ) -> Request {
        var fields = HTTPFields()
        if let type { fields[.contentType] = type }
        return Request(method: .post, target: "/x", fields: fields, body: wrapped(body))
    }

    private func read(_ text: String) throws -> Everything { try request(Array(text.utf8)).json() }

    /// What is wrong, as `field: issue`, with the valid input after one replacement.
    private func issues(_ text: String) -> [FieldError] {
        do {
            _ = try read(text)
            return []
        } catch let error as ValidationError {
            return error.errors
        } catch {
            Issue.record("\(error)")
            return []
        }
    }

    private func issues(
        amount: String = "5", name: String = #""가나""#, lines: String = #"[{"id":1}]"#, more: String = ""
    ) -> [FieldError] {
        issues(#"{"amount":\#(amount),"name":\#(name),"lines":\#(lines)\#(more)}"#)
    }

    @Test func `a valid input is read`() throws {
        let read = try read(
            #"{"amount":5,"name":"가나","lines":[{"id":1},{"id":2}],"inner":{"flag":true,"line":{"id":3}},"note":""}"#)
        #expect(read.amount == 5)
        #expect(read.name == "가나")
        #expect(read.lines.map(\.id) == [1, 2])
        #expect(read.inner?.flag == true)
        #expect(read.inner?.line?.id == 3)
        #expect(read.note == "")
    }

    @Test func `an optional member may be missing`() throws {
        let read = try read(#"{"amount":5,"name":"가나","lines":[{"id":1}]}"#)
        #expect(read.inner == nil)
        #expect(read.note == nil)
    }

    @Test func `all mistakes are reported at once`() {
        let found = issues(#"{"amount":0,"name":"가","lines":[],"extra":1}"#)
        #expect(Set(found.map(\.field)) == ["amount", "name", "lines", "extra"])
        #expect(issues("{}").map(\.issue) == [.missing, .missing, .missing])
    }

    @Test(arguments: [
        ("0", FieldError.Issue.below(1)), ("-9223372036854775808", .below(1)), ("101", .above(100)),
        ("9223372036854775807", .above(100)), ("9223372036854775808", .type("integer")), ("1.5", .type("integer")),
        ("1e400", .type("integer")), ("-1e400", .type("integer")), (#""5""#, .type("integer")),
        ("true", .type("integer")),
        ("null", .type("integer")), ("[]", .type("integer")), ("{}", .type("integer")),
        ("123456789012345678901234567890", .type("integer")), ("0.1e-400", .below(1)),
    ])
    func `an invalid integer is reported at its field`(_ json: String, _ issue: FieldError.Issue) {
        #expect(issues(amount: json) == [FieldError("amount", issue)])
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "0", "-0", "9007199254740993"])
    func `integers are exact to the ends of their range`(_ json: String) throws {
        let number: Number = try request(Array(#"{"n":\#(json)}"#.utf8)).json()
        #expect(number.n == (json == "-0" ? 0 : Int64(json)))
    }

    @Test(arguments: [
        (#""가""#, FieldError.Issue.shorter(2)), (#""""#, .shorter(2)), (#""가나다라마""#, .longer(4)),
        (#""가!""#, .characters), (#""가\u0000""#, .characters), ("5", .type("string")), ("null", .type("string")),
        ("[]", .type("string")), ("false", .type("string")),
    ])
    func `an invalid text is reported at its field`(_ json: String, _ issue: FieldError.Issue) {
        #expect(issues(name: json) == [FieldError("name", issue)])
    }

    @Test func `text is counted in scalars`() {
        #expect(issues(name: #""🛒🛒🛒🛒""#) == [])
        #expect(issues(name: #""e\u0301e\u0301""#) == [])
        #expect(issues(name: #""e\u0301e\u0301e""#) == [FieldError("name", .longer(4))])
        #expect(issues(name: #""\ud83d\uded2a""#) == [])
    }

    @Test(arguments: [
        ("[]", FieldError("lines", .fewer(1))), (#"[{"id":1},{"id":1},{"id":1}]"#, FieldError("lines", .more(2))),
        ("{}", FieldError("lines", .type("array"))), ("null", FieldError("lines", .type("array"))),
        (#""x""#, FieldError("lines", .type("array"))), ("[1]", FieldError("lines.0", .type("object"))),
        (#"[{"id":1},null]"#, FieldError("lines.1", .type("object"))),
        (#"[{"id":1},{"id":0}]"#, FieldError("lines.1.id", .below(1))),
        (#"[{"id":1},{}]"#, FieldError("lines.1.id", .missing)),
        (#"[{"id":1,"x":2}]"#, FieldError("lines.0.x", .unknown)), (#"[[]]"#, FieldError("lines.0", .type("object"))),
    ])
    func `an invalid array is reported down to the element`(_ json: String, _ error: FieldError) {
        #expect(issues(lines: json) == [error])
    }

    @Test(arguments: [
        (#"{"flag":1}"#, FieldError("inner.flag", .type("boolean"))), ("{}", FieldError("inner.flag", .missing)),
        ("[]", FieldError("inner", .type("object"))), ("null", FieldError("inner", .type("object"))),
        (#"{"flag":true,"line":{"id":"x"}}"#, FieldError("inner.line.id", .type("integer"))),
        (#"{"flag":true,"line":{"id":1,"y":1}}"#, FieldError("inner.line.y", .unknown)),
    ])
    func `an invalid nested object is reported down to the member`(_ json: String, _ error: FieldError) {
        #expect(issues(more: #","inner":\#(json)"#) == [error])
    }

    @Test func `null does not stand for a missing optional member`() {
        #expect(issues(more: #","note":null"#) == [FieldError("note", .type("string"))])
    }

    @Test func `a member that was not asked for is unknown, whatever its value`() {
        for json in ["1", "null", "{}", "[[[]]]", "1e400"] {
            #expect(issues(more: #","admin":\#(json)"#) == [FieldError("admin", .unknown)])
        }
        #expect(issues(more: #","":1"#) == [FieldError("", .unknown)])
        #expect(issues(more: #","Amount":1"#) == [FieldError("Amount", .unknown)])
    }

    @Test(arguments: [
        #""\\\/\b\f\n\r\t""#, " {\t\"a\" : [ 1 , -0.5e+7 ]\r\n} ", "[[],{},\"\\u00e9\\uD83D\\uDE00\",true,false,null]",
        "0", "-1E-2",
    ])
    func `what RFC 8259 calls JSON is JSON`(_ text: String) throws {
        #expect(try JSONReader.value(of: Array(text.utf8)) != nil)
    }

    @Test(arguments: ["[]", "1", #""x""#, "null", "true", "[{}]"])
    func `JSON that is not an object is reported for the whole input`(_ json: String) {
        #expect(issues(json) == [FieldError("", .type("object"))])
    }

    @Test(arguments: [
        "", " ", "{", "}", "{]", #"{"amount":5"#, #"{'amount':5}"#, "{amount:5}", #"{"amount":05}"#,
        #"{"amount":+5}"#, #"{"amount":.5}"#, #"{"amount":NaN}"#, #"{"amount":5}x"#, "{}{}", #"{"name":"a"#,
        #"{"name":"\x"}"#, #"{"name":"\u12"}"#, "{\"name\":\"a\nb\"}", "//\n{}", #"{"name":"\ud800"}"#,
        #"{"amount":5,}"#, "[1,]", "[,1]", "[1 2]", "tru", "nul", "-", "1.", "1e", "1e+", "--1",
        #"{"name":"\udc00\ud800"}"#, #"{"name":"\ud800x"}"#, #"{"name":"\ud800\u0041"}"#,
    ])
    func `what is not JSON is malformed`(_ text: String) {
        #expect(throws: RequestError.malformed("body is not JSON")) { try read(text) }
    }

    @Test(
        arguments: [[0xff], [0x7b, 0x22, 0xc0, 0x80, 0x22, 0x7d], [0xed, 0xa0, 0x80], [0x22, 0xea, 0xb0, 0x22]]
            as [[UInt8]])
    func `broken UTF-8 is malformed`(_ bytes: [UInt8]) {
        #expect(throws: RequestError.malformed("body is not UTF-8")) { try request(bytes).json(Everything.self) }
    }

    @Test func `JSON in an encoding other than UTF-8 is malformed`() {
        let text = #"{"n":1}"#
        let little: [UInt8] = [0xff, 0xfe] + text.utf8.flatMap { [$0, 0] as [UInt8] }
        let big: [UInt8] = [0xfe, 0xff] + text.utf8.flatMap { [0, $0] as [UInt8] }
        let bigWithoutMark = text.utf8.flatMap { [0, $0] as [UInt8] }
        let wide = text.utf8.flatMap { [0, 0, 0, $0] as [UInt8] }
        for bytes in [little, big, bigWithoutMark, wide] {
            #expect(throws: RequestError.self) { try request(bytes).json(Number.self) }
        }
    }

    @Test(arguments: [100_000, 500_000]) func `endless nesting is malformed, and no crash`(_ depth: Int) {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let deep = String(repeating: open, count: depth)
            for text in [deep, deep + "1" + String(repeating: close, count: depth)] {
                #expect(throws: RequestError.malformed("body is not JSON")) { try read(text) }
            }
        }
    }

    @Test func `escapes stand for what RFC 8259 says`() throws {
        let text = Array(#""\"\\\/\b\f\n\r\t\u00e9\uac00\uD83D\uDE00가""#.utf8)
        #expect(try JSONReader.value(of: text) == .text("\"\\/\u{8}\u{c}\n\r\t\u{e9}가😀가"))
    }

    @Test func `whole numbers may be written with a fraction or an exponent`() throws {
        let whole = [("5.0", 5), ("1e3", 1_000), ("-2.5e1", -25), ("9007199254740991.0", 9_007_199_254_740_991)]
        for (json, value) in whole {
            let number: Number = try request(Array(#"{"n":\#(json)}"#.utf8)).json()
            #expect(number.n == Int64(value))
        }
        for json in ["9007199254740993.0", "1e18", "0.5", "1e-1"] {
            #expect(throws: ValidationError("n", .type("integer"))) {
                try request(Array(#"{"n":\#(json)}"#.utf8)).json(Number.self)
            }
        }
    }

    /// Intermediaries may have read either of the two.
    @Test func `the same member twice is refused`() throws {
        #expect(throws: ValidationError("n", .repeated)) {
            try request(Array(#"{"n":1,"n":2}"#.utf8)).json(Number.self)
        }
    }

    @Test func `more values than anybody needs are refused, though they are valid JSON`() throws {
        let most = "[" + String(repeating: "1,", count: JSONReader.mostValues - 2) + "1]"
        #expect(try JSONReader.value(of: Array(most.utf8)) != nil)
        #expect(throws: ValidationError("", .more(JSONReader.mostValues))) {
            try JSONReader.value(of: Array(("[1," + most.dropFirst()).utf8))
        }
    }

    // MARK: Around the JSON

    @Test(arguments: [
        "application/json", "Application/JSON", "application/json;charset=utf-8", "application/json; charset=\"UTF-8\"",
        "application/json ; x=y",
    ])
    func `JSON may declare its encoding`(_ type: String) throws {
        #expect(try request(Array(#"{"n":1}"#.utf8), type: type).json(Number.self).n == 1)
    }

    @Test(arguments: [
        nil, "", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=euc-kr",
        "application/jsonp", "application/problem+json", ";application/json", "application/merge-patch+json",
    ])
    func `any other media type is not supported`(_ type: String?) {
        #expect(throws: RequestError.unsupportedMediaType) {
            try request(Array(#"{"n":1}"#.utf8), type: type).json(Number.self)
        }
    }

    @Test func `a caller may accept further media types`() throws {
        let patch = request(Array(#"{"n":1}"#.utf8), type: "application/merge-patch+json")
        #expect(try patch.json(Number.self, mediaTypes: ["application/merge-patch+json"]).n == 1)
    }

    @Test func `a body too large or cut short is refused before it is parsed`() {
        #expect(throws: RequestError.payloadTooLarge) { try request([]) { _ in .tooLarge }.json(Number.self) }
        #expect(throws: RequestError.malformed("the body is shorter than its Content-Length")) {
            try request([]) { _ in .incomplete }.json(Number.self)
        }
    }
}
