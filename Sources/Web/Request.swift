public import HTTPTypes

/// One HTTP request, whatever brought it here (FastCGI, CGI).
public struct Request: Sendable {
    /// A request's body, read to its end whether it is wanted or not.
    public enum Body: Sendable {
        case bytes([UInt8])
        /// Larger than this server takes; read and thrown away.
        case tooLarge
        /// The client promised more than it sent.
        case incomplete
    }

    public var method: HTTPRequest.Method
    /// The target up to the question mark, still percent-encoded.
    public var path: String
    /// The target behind the question mark, still percent-encoded; "" where there is none.
    public var query: String
    public var fields: HTTPFields
    public var body: Body
    /// The client's address, as the front end saw it.
    public var remoteAddress: String
    /// Names this request in the front end's log and in ours.
    public var id: String
    /// Whether the client came to the front end through TLS.
    public var isSecure: Bool
    /// How long it has waited for its turn, in a queue that does not become shorter; zero where there is none.
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

/// What is wrong with a request before any rule of the shop is asked.
public enum RequestError: Error, Equatable {
    /// Not HTTP, not UTF-8, not JSON; the text is for the log.
    case malformed(String)
    case notFound
    /// The path is there, the method is not; these are.
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
    /// The value of a field that may be there once; the first, where a client sent more. The subscript joins them, which
    /// takes longer and is right for lists only.
    public func first(_ name: HTTPField.Name) -> String? {
        first { $0.name == name }?.value
    }
}
