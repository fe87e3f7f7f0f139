import Glibc
import HTTPTypes
import Web

/// The parameters of one request, as FastCGI and CGI both have them: C strings `NAME=VALUE`, ended by a null pointer.
struct Parameters {
    private(set) var method: HTTPRequest.Method?
    private(set) var target: String?
    private(set) var contentLength = 0
    private(set) var fields = HTTPFields()
    private(set) var remoteAddress = ""
    private(set) var requestID = ""
    private(set) var isSecure = false
    /// What is wrong with them, when something is.
    private(set) var error: RequestError?

    init(_ environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) {
        var next = environment
        while let pair = next.pointee {
            next += 1
            take(UnsafeRawPointer(pair).assumingMemoryBound(to: UInt8.self))
        }
        if error == nil, method == nil || target == nil { error = .malformed("no REQUEST_METHOD or REQUEST_URI") }
    }

    private mutating func take(_ pair: UnsafePointer<UInt8>) {
        var count = 0
        while pair[count] != UInt8(ascii: "="), pair[count] != 0 { count += 1 }
        guard pair[count] != 0 else { return }
        let name = UnsafeBufferPointer(start: pair, count: count)
        let value = UnsafePointer<CChar>(OpaquePointer(pair + count + 1))
        if count > 5, UnsafeBufferPointer(rebasing: name[..<5]).spells("HTTP_") {
            let field = UnsafeBufferPointer(rebasing: name[5...])
            // The body's own fields come as parameters of their own, and from some front ends in this form as well.
            if field.spells("CONTENT_TYPE") || field.spells("CONTENT_LENGTH") { return }
            add(FieldNames.name(field), value)
            return
        }
        // Told apart by their length first: most of the two dozen parameters are none of these.
        switch count {
        case 5 where name.spells("HTTPS"): isSecure = strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0
        case 10 where name.spells("REQUEST_ID"): requestID = String(cString: value)
        case 11 where name.spells("REQUEST_URI"): takeTarget(value)
        case 11 where name.spells("REMOTE_ADDR"): remoteAddress = String(cString: value)
        case 12 where name.spells("CONTENT_TYPE"): if value.pointee != 0 { add(.contentType, value) }
        case 14 where name.spells("REQUEST_METHOD"): takeMethod(value)
        case 14 where name.spells("CONTENT_LENGTH"): takeLength(value)
        default: break
        }
    }

    private mutating func add(_ name: HTTPField.Name?, _ value: UnsafePointer<CChar>) {
        guard let name else { return }
        guard let value = String(validatingCString: value) else {
            // Another program on the same host may have set it: that is no reason to turn somebody away.
            if name == .cookie { return }
            error = .malformed("the field \(name) is not UTF-8")
            return
        }
        fields.append(HTTPField(name: name, value: value))
    }

    private mutating func takeTarget(_ value: UnsafePointer<CChar>) {
        guard let text = String(validatingCString: value) else {
            error = .malformed("the target is not UTF-8")
            return
        }
        if text.utf8.count > RequestLimits.targetBytes { error = .targetTooLong }
        target = text
    }

    private mutating func takeMethod(_ value: UnsafePointer<CChar>) {
        method = HTTPRequest.Method(rawValue: String(cString: value))
        if method == nil { error = .malformed("method") }
    }

    private mutating func takeLength(_ value: UnsafePointer<CChar>) {
        let text = String(cString: value)
        if text.isEmpty { return }
        guard let length = Int(text), length >= 0 else {
            error = .malformed("CONTENT_LENGTH is \(text)")
            return
        }
        contentLength = length
    }

    /// The request, once its body has been read.
    func request(_ body: Request.Body) throws(RequestError) -> Request {
        if let error { throw error }
        guard let method, let target else { throw RequestError.malformed("no method or target") }
        return Request(
            method: method, target: target, fields: fields, body: body, remoteAddress: remoteAddress, id: requestID,
            isSecure: isSecure)
    }
}

/// The names of header fields, as they are spelled in parameters (`ACCEPT_LANGUAGE`).
private enum FieldNames {
    /// Making a name checks and copies it; for those that nearly every request has it is done once.
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
    /// Compares in one piece: the standard library would go byte by byte, and there are two dozen names a request.
    fileprivate func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count, let bytes = baseAddress, let others = other.baseAddress else { return false }
        return memcmp(bytes, others, count) == 0
    }

    fileprivate func spells(_ name: StaticString) -> Bool { name.withUTF8Buffer(equals) }
}
