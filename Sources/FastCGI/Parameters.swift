import Glibc
import HTTPTypes
import Web

/// The parameters of one request, common to FastCGI and CGI.
struct Parameters {
    private(set) var method: HTTPRequest.Method?
    private(set) var target: String?
    private(set) var contentLength = 0
    private(set) var fields = HTTPFields()
    private(set) var remoteAddress = ""
    private(set) var requestID = ""
    private(set) var isSecure = false
    /// When the front end received the request, in milliseconds since 1970.
    private(set) var readAt: Int64?
    /// What is wrong with them, if anything.
    private(set) var error: RequestError?

    /// More header fields than nginx lets through; each one costs only memory.
    private static let mostFields = 500

    /// From CGI: C strings `NAME=VALUE`, ended by a null pointer.
    init(_ environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        var next = environment
        while let pair = next.pointee {
            next += 1
            let bytes = UnsafeBufferPointer(
                start: UnsafeRawPointer(pair).assumingMemoryBound(to: UInt8.self), count: strlen(pair))
            guard let sign = bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
            take(UnsafeBufferPointer(rebasing: bytes[..<sign]), UnsafeBufferPointer(rebasing: bytes[(sign + 1)...]))
        }
        findMissing()
    }

    /// From FastCGI: pairs, each preceded by both lengths.
    init(_ connection: borrowing FrontConnection) {
        if connection.hasTooManyParameters {
            error = .malformed("more than \(FrontConnection.parameterBytes) bytes of parameters")
            return
        }
        connection.parameters.withUnsafeBufferPointer { takeAll($0) }
        findMissing()
    }

    private mutating func takeAll(_ encoded: UnsafeBufferPointer<UInt8>) {
        var at = 0
        while at < encoded.count {
            guard let name = Self.length(encoded, &at), let value = Self.length(encoded, &at),
                name + value <= encoded.count - at
            else {
                error = .malformed("a parameter is longer than what follows")
                return
            }
            let middle = at + name
            let end = middle + value
            take(
                UnsafeBufferPointer(rebasing: encoded[at..<middle]),
                UnsafeBufferPointer(rebasing: encoded[middle..<end]))
            at = end
        }
    }

    /// A length of one byte, or of four if its highest bit is set.
    private static func length(_ encoded: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int? {
        guard at < encoded.count else { return nil }
        let first = Int(encoded[at])
        if first < 128 {
            at += 1
            return first
        }
        guard at + 4 <= encoded.count else { return nil }
        defer { at += 4 }
        return (first & 127) << 24 | Int(encoded[at + 1]) << 16 | Int(encoded[at + 2]) << 8 | Int(encoded[at + 3])
    }

    private mutating func findMissing() {
        if error == nil, method == nil || target == nil { error = .malformed("no REQUEST_METHOD or REQUEST_URI") }
    }

    private mutating func take(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        let count = name.count
        if count > 5, UnsafeBufferPointer(rebasing: name[..<5]).spells("HTTP_") {
            let field = UnsafeBufferPointer(rebasing: name[5...])
            // The body's own fields have parameters of their own; some front ends send them in this form as well.
            if field.spells("CONTENT_TYPE") || field.spells("CONTENT_LENGTH") { return }
            add(FieldNames.name(field), value)
            return
        }
        // Compares lengths first: most of the two dozen parameters are none of these.
        switch count {
        case 5 where name.spells("HTTPS"): isSecure = value.spells("on") || value.spells("ON") || value.spells("1")
        case 10 where name.spells("REQUEST_ID"): requestID = value.text
        case 11 where name.spells("REQUEST_URI"): takeTarget(value)
        case 11 where name.spells("REMOTE_ADDR"): remoteAddress = value.text
        case 12 where name.spells("CONTENT_TYPE"): if !value.isEmpty { add(.contentType, value) }
        case 14 where name.spells("REQUEST_METHOD"): takeMethod(value)
        case 14 where name.spells("CONTENT_LENGTH"): takeLength(value)
        case 15 where name.spells("REQUEST_READ_AT"): readAt = Self.milliseconds(value)
        default: break
        }
    }

    /// Parses seconds with three decimals; nil for anything else.
    private static func milliseconds(_ value: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard value.count > 4, value.count < 16, value[value.count - 4] == UInt8(ascii: ".") else { return nil }
        var milliseconds: Int64 = 0
        for (index, byte) in value.enumerated() where index != value.count - 4 {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            milliseconds = milliseconds * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return milliseconds
    }

    private mutating func add(_ name: HTTPField.Name?, _ value: UnsafeBufferPointer<UInt8>) {
        guard let name else { return }
        guard let value = String(utf8: value.span) else {
            // Another program on the same host may have set it: that is no reason to turn the client away.
            if name == .cookie { return }
            error = .malformed("the field \(name) is not UTF-8")
            return
        }
        guard fields.count < Self.mostFields else {
            error = .malformed("more than \(Self.mostFields) header fields")
            return
        }
        fields.append(HTTPField(name: name, value: value))
    }

    private mutating func takeTarget(_ value: UnsafeBufferPointer<UInt8>) {
        guard let text = String(utf8: value.span) else {
            error = .malformed("the target is not UTF-8")
            return
        }
        if text.utf8.count > RequestLimits.targetBytes { error = .targetTooLong }
        target = text
    }

    private mutating func takeMethod(_ value: UnsafeBufferPointer<UInt8>) {
        method = HTTPRequest.Method(rawValue: value.text)
        if method == nil { error = .malformed("method") }
    }

    private mutating func takeLength(_ value: UnsafeBufferPointer<UInt8>) {
        if value.isEmpty { return }
        guard let length = Int(value.text), length >= 0 else {
            error = .malformed("CONTENT_LENGTH is \(value.text)")
            return
        }
        contentLength = length
    }

    /// The responder's room for a large body.
    func room(_ responder: any Responder) -> BodyRoom? {
        // What is wrong with the head is answered when the body has been read.
        guard let request = try? request(.tooLarge) else { return nil }
        return responder.room(forBodyOf: request)
    }

    /// The request, once its body has been read.
    func request(_ body: Request.Body, waited: Duration = .zero) throws(RequestError) -> Request {
        if let error { throw error }
        guard let method, let target else { throw RequestError.malformed("no method or target") }
        return Request(
            method: method, target: target, fields: fields, body: body, remoteAddress: remoteAddress, id: requestID,
            isSecure: isSecure, waited: waited)
    }
}

/// The names of header fields as spelled in parameters (`ACCEPT_LANGUAGE`).
private enum FieldNames {
    /// Making a name checks and copies it; for those in nearly every request, that is done only once.
    private static let known: [(spelled: [UInt8], name: HTTPField.Name)] = [
        HTTPField.Name.accept, .acceptEncoding, .acceptLanguage, .authorization, .connection, .cookie, .userAgent,
        .referer, .origin, .cacheControl,
        HTTPField.Name("Host"), HTTPField.Name("Idempotency-Key"), HTTPField.Name("Priority"),
    ].compactMap { name in
        name.map { (Array($0.canonicalName.uppercased().utf8.map { $0 == 0x2d ? 0x5f : $0 }), $0) }
    }

    static func name(_ spelled: UnsafeBufferPointer<UInt8>) -> HTTPField.Name? {
        for (candidate, name) in known where candidate.withUnsafeBufferPointer(spelled.equals) { return name }
        return HTTPField.Name(String(decoding: spelled.map { $0 == 0x5f ? 0x2d : $0 }, as: UTF8.self))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Compares all at once: the standard library would go byte by byte, for two dozen names a request.
    fileprivate func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count, let bytes = baseAddress, let others = other.baseAddress else { return false }
        return memcmp(bytes, others, count) == 0
    }

    fileprivate var text: String { String(decoding: self, as: UTF8.self) }

    fileprivate func spells(_ name: StaticString) -> Bool { name.withUTF8Buffer(equals) }
}
