import HTTPTypes

/// A form with a file in it (`multipart/form-data`, RFC 7578), read from a body that need not be in memory.
///
/// Browsers write it in one way, and only that is read: each part with a `Content-Disposition` and a name, one file at most.
public struct MultipartForm: Sendable {
    /// A file in the form.
    public struct File: Sendable {
        /// The field's name.
        public let name: String
        /// Where it is in the body; empty if no file was chosen.
        public let range: Range<Int>
    }

    /// All but the file, in order.
    public let fields: [FormFields.Field]
    public let file: File?

    /// More than the shop's forms have.
    private static let mostParts = 30
    private static let longestHead = 2 * 1024
    private static let longestField = 64 * 1024

    /// Throws `RequestError` for what is no such form.
    public init(_ request: Request, _ content: BodyContent) throws {
        guard let boundary = Self.boundary(request.fields.first(.contentType)) else {
            throw RequestError.unsupportedMediaType
        }
        let first = Array("--\(boundary)".utf8)
        let next = Array("\r\n--\(boundary)".utf8)
        guard try Self.comes(first, in: content, at: 0) else { throw Self.malformed }
        var at = first.count
        var fields: [FormFields.Field] = []
        var file: File?
        while try !Self.comes(Array("--\r\n".utf8), in: content, at: at) {
            guard fields.count < Self.mostParts, try Self.comes(Array("\r\n".utf8), in: content, at: at) else {
                throw Self.malformed
            }
            let headStart = at + 2
            let headLimit = min(content.size, headStart + Self.longestHead)
            guard let headEnd = try content.find(Array("\r\n\r\n".utf8), from: headStart, to: headLimit),
                let end = try content.find(next, from: headEnd + 2, to: content.size)
            else { throw Self.malformed }
            let head = try Self.head(content.bytes(of: headStart..<headEnd))
            let range = min(headEnd + 4, end)..<end
            if head.isFile {
                guard file == nil else { throw Self.malformed }
                file = File(name: head.name, range: range)
            } else {
                guard range.count <= Self.longestField else { throw RequestError.payloadTooLarge }
                let value = try content.bytes(of: range)
                fields.append(FormFields.Field(name: head.name, value: String(utf8: value.span)))
            }
            at = end + next.count
        }
        self.fields = fields
        self.file = file
    }

    private static let malformed = RequestError.malformed("not a form with a file as browsers write it")

    private static func comes(_ bytes: [UInt8], in content: BodyContent, at offset: Int) throws -> Bool {
        guard content.size - offset >= bytes.count else { return false }
        return try content.bytes(of: offset..<offset + bytes.count) == bytes
    }

    /// nil for another media type, or a boundary that no browser makes.
    private static func boundary(_ type: String?) -> String? {
        guard let parts = type?.split(separator: ";").map({ $0.trimmed }), parts.count == 2,
            parts[0].lowercased() == "multipart/form-data", parts[1].lowercased().hasPrefix("boundary=")
        else { return nil }
        var boundary = parts[1].dropFirst("boundary=".count)
        if boundary.count >= 2, boundary.first == "\"", boundary.last == "\"" {
            boundary = boundary.dropFirst().dropLast()
        }
        let isPlain = boundary.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "'"),
                UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "="):
                true
            default: false
            }
        }
        return isPlain && (1...70).contains(boundary.utf8.count) ? String(boundary) : nil
    }

    private static func head(_ bytes: [UInt8]) throws -> (name: String, isFile: Bool) {
        guard let text = String(utf8: bytes.span) else { throw malformed }
        let lines = text.split(separator: "\r\n").map { String($0) }
        let disposition = "content-disposition: form-data;"
        guard let line = lines.first(where: { $0.lowercased().hasPrefix(disposition) }),
            let name = quoted("name", in: line)
        else { throw malformed }
        return (name, quoted("filename", in: line) != nil)
    }

    /// A parameter's value. Browsers write a quote in it as %22, so the next one ends it.
    private static func quoted(_ parameter: String, in line: String) -> String? {
        guard let start = line.firstRange(of: "; \(parameter)=\"") else { return nil }
        let value = line[start.upperBound...]
        return value.firstIndex(of: "\"").map { String(value[..<$0]) }
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}
