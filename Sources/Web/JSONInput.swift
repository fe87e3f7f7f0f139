import HTTPTypes

/// Input that a client sends as a JSON object.
///
/// The initializer reads every field, so that a client hears of all its mistakes at once. For a wrong field it reads a
/// placeholder, which nobody sees: the input is refused as a whole.
public protocol JSONInput {
    init(_ fields: JSONFields)
}

extension Request {
    /// Parses the body as an input.
    ///
    /// Throws `RequestError` for another media type, a body that is too large, or one that is not JSON in UTF-8. Throws
    /// `ValidationError` for JSON that does not fit the input, has unknown fields, or has too many values.
    public func json<Input: JSONInput>(_: Input.Type = Input.self, mediaTypes: [String] = ["application/json"]) throws
        -> Input
    {
        let bytes = try bodyBytes()
        guard let type = fields.first(.contentType).map(MediaType.init), mediaTypes.contains(type.name),
            type.charset == nil || type.charset == "utf-8"
        else { throw RequestError.unsupportedMediaType }
        guard isUTF8(bytes.span) else { throw RequestError.malformed("body is not UTF-8") }
        guard let value = try JSONReader.value(of: bytes) else { throw RequestError.malformed("body is not JSON") }
        guard case .object(let members) = value else { throw ValidationError("", .type("object")) }
        return try JSONFields.read(members)
    }

    /// The body, if it arrived completely and is not too large.
    public func bodyBytes() throws -> [UInt8] {
        switch body {
        case .bytes(let bytes): return bytes
        case .file, .tooLarge: throw RequestError.payloadTooLarge
        case .incomplete: throw RequestError.malformed("the body is shorter than its Content-Length")
        }
    }
}

/// A `Content-Type` value, as far as it matters here.
struct MediaType {
    let name: String
    let charset: String?

    init(_ value: String) {
        if value == "application/json" {  // nearly every body has this type
            (name, charset) = (value, nil)
            return
        }
        let parts = value.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.trimmingSpaces().lowercased()
        }
        name = parts.first ?? ""
        charset = parts.dropFirst().first { $0.hasPrefix("charset=") }
            .map { $0.dropFirst("charset=".count).filter { $0 != "\"" } }
    }
}

/// The members of a JSON object, read by name; collects what is wrong with them.
public final class JSONFields {
    private let members: [JSONValue.Member]
    /// For each member, whether the input asked for it.
    private var isKnown: [Bool]
    private var errors: [FieldError] = []

    private init(_ members: [JSONValue.Member]) {
        self.members = members
        isKnown = Array(repeating: false, count: members.count)
    }

    /// Parses an object as an input; throws everything that is wrong with it.
    fileprivate static func read<Input: JSONInput>(_ members: [JSONValue.Member]) throws(ValidationError) -> Input {
        let fields = JSONFields(members)
        let input = Input(fields)
        fields.refuseRest()
        if !fields.errors.isEmpty { throw ValidationError(fields.errors) }
        return input
    }

    /// Refuses unknown and duplicate members; reports a limited number.
    private func refuseRest() {
        if isKnown.allSatisfy({ $0 }) { return }
        let all = zip(members, isKnown)
        let read = Set(all.filter(\.1).map(\.0.name))
        for member in all.lazy.filter({ !$0.1 }).map(\.0).prefix(20) {
            refuse(member.name, read.contains(member.name) ? .repeated : .unknown)
        }
    }

    /// Whether the member is there, even as null.
    public func has(_ name: String) -> Bool { find(name) != nil }

    /// Adds an error that only the input can detect.
    public func refuse(_ name: String, _ issue: FieldError.Issue) {
        errors.append(FieldError(name, issue))
    }

    public func integer(_ name: String, in range: ClosedRange<Int64> = .min ... .max) -> Int64 {
        guard let value = read(name, "integer", Self.integer) else { return range.lowerBound }
        if value < range.lowerBound {
            refuse(name, .below(range.lowerBound))
        } else if value > range.upperBound {
            refuse(name, .above(range.upperBound))
        }
        return value
    }

    /// - Parameter length: in characters, as JSON Schema counts them (Unicode scalars).
    public func text(_ name: String, length: ClosedRange<Int>, allowed: (Unicode.Scalar) -> Bool = { _ in true })
        -> String
    {
        let value = read(name, "string") { value in if case .text(let text) = value { text } else { nil } }
        guard let value else { return "" }
        let count = value.unicodeScalars.count
        if count < length.lowerBound {
            refuse(name, .shorter(length.lowerBound))
        } else if count > length.upperBound {
            refuse(name, .longer(length.upperBound))
        } else if !value.unicodeScalars.allSatisfy({ allowed($0) && $0 != "\0" }) {
            refuse(name, .characters)
        }
        return value
    }

    public func boolean(_ name: String) -> Bool {
        read(name, "boolean") { value in if case .boolean(let boolean) = value { boolean } else { nil } } ?? false
    }

    /// The member's value, or nil if it is missing; null is a value of the wrong type.
    public func optional<Value>(_ name: String, _ value: (String) -> Value) -> Value? {
        has(name) ? value(name) : nil
    }

    /// The member's value; nil if it is missing, `.some(nil)` for null, which takes away what was there.
    public func removable<Value>(_ name: String, _ value: (String) -> Value?) -> Value?? {
        guard let member = find(name) else { return nil }
        return member == .null ? .some(nil) : .some(value(name))
    }

    public func object<Input: JSONInput>(_ name: String, _: Input.Type = Input.self) -> Input? {
        read(name, "object", Self.members).flatMap { input($0, at: name) }
    }

    public func array<Input: JSONInput>(_ name: String, count: ClosedRange<Int>, of _: Input.Type = Input.self)
        -> [Input]
    {
        let elements = read(name, "array") { value in if case .array(let elements) = value { elements } else { nil } }
        guard let elements else { return [] }
        if elements.count < count.lowerBound {
            refuse(name, .fewer(count.lowerBound))
        } else if elements.count > count.upperBound {
            refuse(name, .more(count.upperBound))
            return []
        }
        var inputs: [Input] = []
        for (index, element) in elements.enumerated() {
            guard let members = Self.members(element) else {
                refuse("\(name).\(index)", .type("object"))
                return []
            }
            guard let input = input(members, at: "\(name).\(index)", as: Input.self) else { return [] }
            inputs.append(input)
        }
        return inputs
    }

    private func find(_ name: String) -> JSONValue? {
        guard let index = members.firstIndex(where: { $0.name == name }) else { return nil }
        isKnown[index] = true
        return members[index].value
    }

    /// The member's value as `type`; nil if it is missing or of another type, which is then reported.
    private func read<Value>(_ name: String, _ type: String, _ value: (JSONValue) -> Value?) -> Value? {
        guard let member = find(name) else {
            refuse(name, .missing)
            return nil
        }
        guard let value = value(member) else {
            refuse(name, .type(type))
            return nil
        }
        return value
    }

    private func input<Input: JSONInput>(_ members: [JSONValue.Member], at path: String, as _: Input.Type = Input.self)
        -> Input?
    {
        do {
            return try JSONFields.read(members)
        } catch {
            errors += error.errors.map { FieldError("\(path).\($0.field)", $0.issue) }
            return nil
        }
    }

    private static func members(_ value: JSONValue) -> [JSONValue.Member]? {
        if case .object(let members) = value { members } else { nil }
    }

    /// A whole number in any notation; exact or nil.
    private static func integer(_ value: JSONValue) -> Int64? {
        guard case .number(let text) = value else { return nil }
        if let integer = Int64(text) { return integer }
        // With a fraction or an exponent: only below 2^53, where a `Double` holds every integer.
        guard let number = Double(text), abs(number) < 0x1p53 else { return nil }
        return Int64(exactly: number)
    }
}
