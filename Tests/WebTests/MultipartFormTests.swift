import Foundation
import HTTPTypes
import Testing

@testable import Web

/// A form with a file in it, as browsers send it, and everything else.
struct MultipartFormTests {
    private static let text = """
        --x1\r\nContent-Disposition: form-data; name="csrf"\r\n\r\nabc\r\n\
        --x1\r\nContent-Disposition: form-data; name="text"\r\n\r\n사과\r\n\
        --x1\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n\
        \u{1}\r\n--x\r\n2\r\n--x1--\r\n
        """

    private func form(
        _ body: String = text, type: String? = "multipart/form-data; boundary=x1"
    ) throws -> (form: MultipartForm, file: String?) {
        var request = Request(method: .post, target: "/", body: .bytes(Array(body.utf8)))
        request.fields[.contentType] = type
        let content = try BodyContent(request)
        let form = try MultipartForm(request, content)
        return (form, try form.file.map { String(decoding: try content.bytes(of: $0.range), as: UTF8.self) })
    }

    @Test func `its fields and its file are found`() throws {
        let (form, file) = try form()
        #expect(form.fields == [.init(name: "csrf", value: "abc"), .init(name: "text", value: "사과")])
        #expect(form.file?.name == "file")
        // What looks like the beginning of a boundary is none.
        #expect(file == "\u{1}\r\n--x\r\n2")
    }

    @Test func `a file that was not chosen is empty`() throws {
        let body = "--x1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--x1--\r\n"
        let (form, file) = try form(body, type: "multipart/form-data; boundary=\"x1\"")
        #expect(form.fields == [] && file == "")
    }

    @Test(arguments: [
        nil, "application/x-www-form-urlencoded", "multipart/mixed; boundary=x1", "multipart/form-data",
        "multipart/form-data; boundary=", "multipart/form-data; boundary=x 1", "multipart/form-data; charset=utf-8",
    ])
    func `another type is no such form`(_ type: String?) {
        #expect(throws: RequestError.unsupportedMediaType) { try form(type: type) }
    }

    @Test func `what is cut anywhere is refused`() {
        let whole = Array(Self.text.utf8)
        for count in 0..<(whole.count - 2) {
            #expect(throws: RequestError.self, "\(count)") {
                try form(String(decoding: whole.prefix(count), as: UTF8.self))
            }
        }
    }

    @Test(arguments: [
        "\r\n" + text, text.replacing("Content-Disposition: form-data; name=\"csrf\"", with: "A: b"),
        text.replacing("name=\"csrf\"", with: "nam=\"csrf\""),
        text.replacing("name=\"text\"", with: "name=\"t\"; filename=\"b\""),
        text.replacing("form-data; name=\"csrf\"", with: "attachment; name=\"csrf\""),
        text.replacing("abc", with: String(repeating: "a", count: 70_000)),
        text.replacing("image/jpeg", with: String(repeating: "a", count: 3_000)),
        String(repeating: "--x1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n", count: 40) + "--x1--\r\n",
    ])
    func `what no browser sends is refused`(_ body: String) {
        #expect(throws: RequestError.self) { try form(body) }
    }

    /// A body in a file is read in windows: what lies across the end of one is found.
    @Test func `a boundary is found wherever it lies, in memory and in a file`() throws {
        let path = NSTemporaryDirectory() + "body-\(UInt64.random(in: 0 ... .max))"
        defer { unlink(path) }
        for length in [0, 1, 65_000, 65_300, 65_400, 65_450, 65_500, 65_536, 131_000, 200_000] {
            let content = String(repeating: "\r\n--x", count: length / 5)
            let body = Array(Self.text.replacing("\u{1}", with: content).utf8)
            try Data(body).write(to: URL(fileURLWithPath: path))
            let file = BodyFile(descriptor: open(path, O_RDONLY), size: body.count)
            var request = Request(method: .post, target: "/", body: .file(file))
            request.fields[.contentType] = "multipart/form-data; boundary=x1"
            #expect(throws: RequestError.payloadTooLarge) { try request.bodyBytes() }
            for each in [try BodyContent(request), BodyContent(body)] {
                let form = try MultipartForm(request, each)
                #expect(form.file?.range.count == content.utf8.count + 8, "\(length)")
            }
        }
    }
}
