import Foundation
import TestSupport

/// An answer as received.
public struct HTTPAnswer: Sendable {
    public let status: Int
    public let reason: String
    public let fields: [(name: String, value: String)]
    public let body: [UInt8]

    public init(status: Int, reason: String, fields: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.reason = reason
        self.fields = fields
        self.body = body
    }

    /// Parses the lines of a head, without the status line.
    static func fields(_ lines: some Sequence<Substring>) throws -> [(name: String, value: String)] {
        try lines.map { line in
            let colon = try required(line.firstIndex(of: ":"), "a field without a colon: \(line)")
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            return (String(line[..<colon]), String(value))
        }
    }

    /// The field's value; the name's case does not matter.
    public subscript(name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as JSON; null if it is not JSON.
    public var json: JSON { (try? JSON(body)) ?? .null }

    /// A problem's code.
    public var code: String? { json["code"].text }

    public func id() throws -> Int64 { try required(json["id"].integer, "no id in \(self)") }
}

extension HTTPAnswer: CustomStringConvertible {
    public var description: String { "\(status) \(text)" }

    /// The whole answer as text: the status line, all fields sorted by name, the body. What differs between runs is
    /// replaced by `<what it is>`; the length is compared with the body's first, and nothing is left out.
    public var whole: String {
        let lines = fields.map { field in
            switch field.name.lowercased() {
            case "date": return "Date: <date>"
            case "x-request-id" where field.value.wholeMatch(of: /[0-9a-f]{32}/) != nil: return "X-Request-Id: <id>"
            case "content-length" where Int(field.value) == body.count: return "Content-Length: <length>"
            default: return "\(field.name): \(field.value)"
            }
        }
        let shown = text.replacing(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/, with: "\"<time>\"")
            .replacing(/"[A-Za-z0-9_-]{43}"/, with: "\"<token>\"")
        return "\(status) \(reason)\n" + lines.sorted().map { $0 + "\n" }.joined() + "\n" + shown
    }
}
