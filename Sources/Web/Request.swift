public import HTTPTypes

/// One HTTP request, however it arrived (FastCGI, CGI).
public struct Request: Sendable {
    /// A request's body, read to its end whether wanted or not.
    public enum Body: Sendable {
        case bytes([UInt8])
        /// Larger than memory has room for; the responder has given a file for it.
        case file(BodyFile)
        /// Larger than this server accepts; read and discarded.
        case tooLarge
        /// Shorter than the client promised.
        case incomplete
    }

    public var method: HTTPRequest.Method
    /// The target up to the question mark, still percent-encoded.
    public var path: String
    /// The target after the question mark, still percent-encoded; "" if there is none.
    public var query: String
    public var fields: HTTPFields
    public var body: Body
    /// The client's address, as the front end saw it.
    public var remoteAddress: String
    /// Identifies this request in the front end's log and in ours.
    public var id: String
    /// Whether the client reached the front end over TLS.
    public var isSecure: Bool
    /// How long it has waited in a queue that does not get shorter; zero if there is none.
    public var waited: Duration

    public init(
        method: HTTPRequest.Method, target: String, fields: HTTPFields = [:], body: Body = .bytes([]),
        remoteAddress: String = "", id: String = "", isSecure: Bool = false, waited: Duration = .zero
    ) {
        self.method = method
        if let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = String(target[..<mark])
            query = String(target[target.utf8.index(after: mark)...])
        } else {
            path = target
            query = ""
        }
        self.fields = fields
        self.body = body
        self.remoteAddress = remoteAddress
        self.id = id
        self.isSecure = isSecure
        self.waited = waited
    }
}

/// What is wrong with a request before any of the shop's rules applies.
public enum RequestError: Error, Equatable {
    /// Not HTTP, not UTF-8, not JSON; the text is for the log.
    case malformed(String)
    case notFound
    /// The path exists, but not with this method; it has these.
    case methodNotAllowed([HTTPRequest.Method])
    case payloadTooLarge
    case targetTooLong
    case unsupportedMediaType
}

/// Bounds on what a client may send, checked before anything is read into memory.
public enum RequestLimits {
    public static let bodyBytes = 1024 * 1024
    public static let targetBytes = 8 * 1024
}

extension HTTPFields {
    /// The value of a field that may occur only once; the first one if a client sent several. The subscript joins them,
    /// which is slower and only right for lists.
    public func first(_ name: HTTPField.Name) -> String? {
        first { $0.name == name }?.value
    }
}
