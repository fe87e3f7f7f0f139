import HTTPTypes
import Logging
import ServerTestSupport
import TestSupport
import Testing
import Web

@testable import FastCGI

/// Answers that are made while they are sent.
struct LongAnswerTests {
    /// Answers with pieces, and breaks off where it is told to.
    private struct Pieces: Responder {
        struct Broken: Error {}

        let count: Int
        let breaksAt: Int?

        func respond(to request: Request) -> Response {
            var response = Response(.ok, fields: [.contentType: "text/csv"], body: Array("head\n".utf8))
            response.rest = ResponseRest { send in
                for piece in 0..<count {
                    if piece == breaksAt { throw Broken() }
                    try send(Self.piece(piece))
                    try send([])
                }
            }
            return response
        }

        func respond(to error: RequestError, fields: HTTPFields) -> Response { Response(.badRequest) }

        /// Longer than a record, and each another.
        static func piece(_ number: Int) -> [UInt8] {
            [UInt8](repeating: UInt8(ascii: "a") + UInt8(number % 26), count: 70_000) + [0x0a]
        }
    }

    private func serve(_ responder: Pieces, _ test: (_ path: String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        let server = try FastCGIServer(
            ListeningSocket(path: folder("s")), responder: responder,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try server.start()
        let outcome = Result { try test(folder("s")) }
        #expect(server.stop(), "a request was not over")
        try outcome.get()
    }

    @Test(arguments: [0, 1, 100])
    func `every piece arrives, in order, and the connection is kept`(_ count: Int) throws {
        try serve(Pieces(count: count, breaksAt: nil)) { path in
            let client = try FastCGIClient(path: path)
            let expected = Array("head\n".utf8) + (0..<count).flatMap { Pieces.piece($0) }
            for _ in 0..<2 {
                let answer = try client.send("GET", "/")
                #expect(answer.status == 200 && answer["Content-Length"] == nil)
                #expect(answer.body == expected)
            }
            let head = try client.send("HEAD", "/")
            #expect(head.status == 200 && head.body.isEmpty)
        }
    }

    @Test func `one that breaks off is never ended, so that nobody takes it for whole`() throws {
        try serve(Pieces(count: 5, breaksAt: 3)) { path in
            let client = try FastCGIClient(path: path)
            #expect(throws: Failure.self) { try client.send("GET", "/") }
        }
    }

    @Test func `it ends where nobody reads any more`() throws {
        try serve(Pieces(count: 1_000_000, breaksAt: nil)) { path in
            do {
                let client = try FastCGIClient(path: path)
                try client.wire.send(FastCGIClient.head("GET", "/") + FastCGIRecord.stream(FastCGIRecord.input, []))
                #expect(try !client.wire.receive().isEmpty)
            }
            // The server's stop waits for this request, which would go on for minutes.
        }
    }
}
