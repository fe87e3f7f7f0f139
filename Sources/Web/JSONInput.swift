import FoundationEssentials
import HTTPTypes

/// Input that a client sends as a JSON object.
///
/// The initializer reads every field, so that a client hears of all its mistakes at once. What it reads where a field is
/// wrong is a stand-in that nobody sees: the input is refused as a whole.
public protocol JSONInput {
    init(_ fields: JSONFields)
}

extension Request {
    /// The body as an input.
    ///
    /// Throws `RequestError` for another media type, a body too large, or one that is not JSON in UTF-8, and
    /// `ValidationError` for JSON that is not what the input asks for; a field that it does not know is an error too.
    public func json<Input: JSONInput>(_: Input.Type = Input.self, mediaTypes: [String] = ["application/json"]) throws
        -> Input
    {
        let bytes = try bodyBytes()
        guard let type = fields.first(.contentType).map(MediaType.init), mediaTypes.contains(type.name),
            type.charset == nil || type.charset == "utf-8"
        else { throw RequestError.unsupportedMediaType }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw RequestError.malformed("body is not UTF-8") }
        guard JSONSyntax.isValid(bytes) else { throw RequestError.malformed("body is not JSON") }
        do {
            return try JSONDecoder().decode(Decoded<Input>.self, from: Data(bytes)).input
        } catch let error as ValidationError {
            throw error
        } catch DecodingError.typeMismatch, DecodingError.valueNotFound {
            throw ValidationError("", .type("object"))
        } catch {
            throw RequestError.malformed("body is not JSON")
        }
    }

    /// The body, where all of it came and it is not too large.
    public func bodyBytes() throws -> [UInt8] {
        switch body {
        case .bytes(let bytes): return bytes
        case .tooLarge: throw RequestError.payloadTooLarge
        case .incomplete: throw RequestError.malformed("the body is shorter than its Content-Length")
        }
    }
}

/// A `Content-Type` field's value, as far as it matters here.
struct MediaType {
    let name: String
    let charset: String?

    init(_ value: String) {
        if value == "application/json" {  // nearly every body's
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

private struct Decoded<Input: JSONInput>: Decodable {
    let input: Input

    init(from decoder: any Decoder) throws {
        let fields = try JSONFields(decoder)
        input = Input(fields)
        try fields.finish()
    }
}

/// The members of a JSON object, read by name; collects what is wrong with them.
public final class JSONFields {
    private let container: KeyedDecodingContainer<Key>
    private var known: Set<String> = []
    private var errors: [FieldError] = []

    fileprivate init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: Key.self)
    }

    /// Whether the member is there, be it null.
    public func has(_ name: String) -> Bool {
        known.insert(name)
        return container.contains(Key(name))
    }

    /// Adds an error that only the input itself can see.
    public func refuse(_ name: String, _ issue: FieldError.Issue) {
        errors.append(FieldError(name, issue))
    }

    public func integer(_ name: String, in range: ClosedRange<Int64> = .min ... .max) -> Int64 {
        guard let value = read(name, Int64.self, "integer") else { return range.lowerBound }
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
        guard let value = read(name, String.self, "string") else { return "" }
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
        read(name, Bool.self, "boolean") ?? false
    }

    /// The member's value, or nil where it is not there; null is a value of the wrong type.
    public func optional<Value>(_ name: String, _ value: (String) -> Value) -> Value? {
        has(name) ? value(name) : nil
    }

    public func object<Input: JSONInput>(_ name: String, _: Input.Type = Input.self) -> Input? {
        read(name, Decoded<Input>.self, "object")?.input
    }

    public func array<Input: JSONInput>(_ name: String, count: ClosedRange<Int>, of _: Input.Type = Input.self)
        -> [Input]
    {
        guard has(name) else {
            refuse(name, .missing)
            return []
        }
        // Whatever fails here, it is because there is no array.
        guard var elements = try? container.nestedUnkeyedContainer(forKey: Key(name)) else {
            refuse(name, .type("array"))
            return []
        }
        let there = elements.count ?? 0
        if there < count.lowerBound {
            refuse(name, .fewer(count.lowerBound))
        } else if there > count.upperBound {
            refuse(name, .more(count.upperBound))
            return []
        }
        var inputs: [Input] = []
        while !elements.isAtEnd {
            do {
                inputs.append(try elements.decode(Decoded<Input>.self).input)
            } catch let error as ValidationError {
                adopt(error, below: "\(name).\(inputs.count)")
                return []
            } catch {
                refuse("\(name).\(inputs.count)", .type("object"))
                return []
            }
        }
        return inputs
    }

    /// Throws what was collected, after a look for members that nobody asked for.
    fileprivate func finish() throws {
        for key in container.allKeys where !known.contains(key.stringValue) {
            errors.append(FieldError(key.stringValue, .unknown))
        }
        if !errors.isEmpty { throw ValidationError(errors) }
    }

    private func read<Value: Decodable>(_ name: String, _ type: Value.Type, _ typeName: String) -> Value? {
        guard has(name) else {
            refuse(name, .missing)
            return nil
        }
        do {
            return try container.decode(type, forKey: Key(name))
        } catch let error as ValidationError {
            adopt(error, below: name)
        } catch {
            refuse(name, .type(typeName))
        }
        return nil
    }

    private func adopt(_ error: ValidationError, below path: String) {
        errors += error.errors.map { FieldError($0.field.isEmpty ? path : "\(path).\($0.field)", $0.issue) }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}
