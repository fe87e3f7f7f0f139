import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// Files of any length, through nginx.
struct LongFileTests {
    private func withTrace(of lines: Int, _ test: (Stack, Caller) throws -> Void) throws {
        try Stack.run { stack in
            // Whether the hashes are right is the audit's business.
            try stack.sql().execute(
                """
                WITH RECURSIVE n (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < \(lines))
                INSERT INTO trace (id, at, user_id, login, role, way, address, action, subject, subject_id, hash)
                SELECT id + (SELECT count(*) FROM trace), 1700000000000, NULL, '가게 ' || id, NULL, 'shell', '',
                       'product-changed', 'product', 1, zeroblob(32) FROM n
                """)
            try test(stack, try stack.admin())
        }
    }

    @Test func `a file of thirty thousand lines arrives whole`() throws {
        try withTrace(of: 30_000) { stack, admin in
            let answer = try admin.get("/admin/trace.csv")
            #expect(answer.status == 200)
            #expect(answer["Transfer-Encoding"] == "chunked" && answer["Content-Length"] == nil)
            let lines = answer.text.split(separator: "\r\n")
            #expect(lines.count == 30_001 + (try stack.number("SELECT count(*) FROM trace_changes")))
            #expect(lines.contains { $0.contains(",가게 30000,") } && lines.contains { $0.contains(",가게 1,") })
            #expect(try stack.customer().get("/admin/trace.csv").code == "forbidden")
        }
    }

    @Test func `one that breaks off is not taken for whole`() throws {
        try withTrace(of: 300_000) { stack, admin in
            let wire = try Wire(port: stack.port)
            let token = try required(admin.token, "no token")
            try wire.send(
                Array(
                    "GET /api/v1/admin/trace.csv HTTP/1.1\r\nHost: shop\r\nAuthorization: Bearer \(token)\r\n\r\n".utf8)
            )
            var came = try wire.receive()
            #expect(came.starts(with: "HTTP/1.1 200".utf8))
            try stack.responder.send(SIGKILL)
            while true {
                let more = try wire.receive()
                if more.isEmpty { break }
                came += more
            }
            // The last chunk is an empty one.
            #expect(!came.suffix(7).elementsEqual("\r\n0\r\n\r\n".utf8))
        }
    }
}
