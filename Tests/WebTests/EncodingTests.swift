import Testing

@testable import Web

struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("abc", "abc"), ("%41%62", "Ab"), ("%ea%B0%80", "가"), ("가", "가"), ("a%00b", "a\0b"), ("%2B", "+"),
        ("%F0%9F%9B%92", "🛒"), ("%25", "%"), ("%2541", "%41"),
    ])
    func `well-formed text is decoded once`(_ text: String, _ decoded: String) {
        #expect(PercentEncoding.decode(text, plusIsSpace: false) == decoded)
    }

    @Test(arguments: [
        "%", "a%", "%4", "%4g", "%g4", "%%", "% 41", "%+1", "%-1", "%80", "%C0%80", "%ED%A0%80", "%F5%80%80%80",
        "%EA%B0",
        "가%EA",
    ])
    func `anything else is refused, not guessed`(_ text: String) {
        #expect(PercentEncoding.decode(text, plusIsSpace: false) == nil)
        #expect(PercentEncoding.decode(text, plusIsSpace: true) == nil)
    }

    @Test func `a plus is a space in forms only`() {
        #expect(PercentEncoding.decode("a+b%2Bc", plusIsSpace: true) == "a b+c")
        #expect(PercentEncoding.decode("a+b", plusIsSpace: false) == "a+b")
    }
}

struct FormFieldsTests {
    private func fields(_ text: String) throws -> [String] {
        try FormFields(text).fields.map { "\($0.name)=\($0.value ?? "nil")" }
    }

    @Test func `names and values keep their order, repeated ones too`() throws {
        #expect(try fields("b=2&a=1&b=3") == ["b=2", "a=1", "b=3"])
    }

    @Test func `a name without a value has an empty one`() throws {
        #expect(try fields("a&b=&=c") == ["a=", "b=", "=c"])
        #expect(try fields("") == [])
        #expect(try fields("&&a=1&") == ["a=1"])
    }

    @Test func `only the first equals sign divides`() throws {
        #expect(try fields("a=b=c%3D") == ["a=b=c="])
    }

    @Test func `names and values are decoded`() throws {
        #expect(try fields("%EA%B0%80=%EB%82%98+%26") == ["가=나 &"])
    }

    @Test func `a malformed value is nil, its neighbours are read`() throws {
        #expect(try fields("a=%ff&b=1") == ["a=nil", "b=1"])
    }

    @Test(arguments: ["%ff=1", "a=1&%=2", "%4"])
    func `a malformed name makes the form malformed`(_ text: String) {
        #expect(throws: RequestError.self) { try FormFields(text) }
    }
}
