public import HTTPTypes

/// One HTTP answer. It is complete, with its length known before its first byte is sent, unless it has a `rest`.
public struct Response: Sendable, Equatable {
    public var status: HTTPResponse.Status
    public var fields: HTTPFields
    public var body: [UInt8]
    /// What follows the body, made while it is sent; nil for nearly every answer.
    public var rest: ResponseRest?

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

/// The part of a long answer that is made while it is sent, so that it never is in memory as a whole.
public final class ResponseRest: Sendable, Equatable {
    /// Takes the next piece on its way; throws if nobody reads any more.
    public typealias Send = ([UInt8]) throws -> Void

    private let make: @Sendable (Send) throws -> Void

    /// - Parameter make: sends the pieces, in order. If it throws, the answer breaks off, and no client takes it for whole.
    public init(_ make: @escaping @Sendable (Send) throws -> Void) { self.make = make }

    /// Makes and sends all of it.
    public func write(to send: Send) throws { try make(send) }

    public static func == (one: ResponseRest, other: ResponseRest) -> Bool { one === other }
}

/// Nobody reads an answer any more.
public struct ReaderGoneError: Error {
    public init() {}
}

/// Answers requests, always: failures become answers, too.
public protocol Responder: Sendable {
    func respond(to request: Request) -> Response
    /// Room for the body of this request, which is larger than memory has room for and of which nothing was read yet: its
    /// `body` says that it is too large. nil if it is not to be kept.
    func room(forBodyOf request: Request) -> BodyRoom?
    /// Answers what could not be parsed as a request; `fields` are those that could be read.
    func respond(to error: RequestError, fields: HTTPFields) -> Response
}

extension Responder {
    public func room(forBodyOf request: Request) -> BodyRoom? { nil }
}
