public import HTTPTypes

/// One complete HTTP answer: its length is known before its first byte is sent.
public struct Response: Sendable, Equatable {
    public var status: HTTPResponse.Status
    public var fields: HTTPFields
    public var body: [UInt8]

    public init(_ status: HTTPResponse.Status, fields: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// An answer in JSON that no cache may store.
    public static func json(_ status: HTTPResponse.Status, _ body: [UInt8]) -> Response {
        Response(status, fields: Response.jsonFields, body: body)
    }

    /// Shared by all JSON answers: building fields costs more than copying a reference to them.
    private static let jsonFields: HTTPFields = [
        .contentType: "application/json",
        .cacheControl: "no-store",
    ]
}

/// Answers requests, always: failures become answers, too.
public protocol Responder: Sendable {
    func respond(to request: Request) -> Response
    /// Answers what could not be parsed as a request; `fields` are those that could be read.
    func respond(to error: RequestError, fields: HTTPFields) -> Response
}
