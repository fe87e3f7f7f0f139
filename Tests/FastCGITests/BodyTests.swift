import ServerTestSupport
import TestSupport
import Testing

/// Bodies over FastCGI, sent to the responder directly: nginx would refuse some of these itself.
struct BodyTests {
    @Test func `a body that nobody wants is still read to its end`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connection = try stack.fastCGI()
            let body = [UInt8](repeating: 0x20, count: 600_000)
            #expect(try connection.send("POST", "/api/v1/nowhere", body: body).status == 404)
            #expect(try connection.send("GET", "/api/v1/products", body: body).status == 200)
            // If a byte had been left in the connection, this would not be understood.
            #expect(try connection.send("GET", "/api/v1/coupons").text == #"{"items":[]}"#)
        }
    }

    @Test func `a body over one mebibyte is refused and read to its end`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connection = try stack.fastCGI()
            let bearer = ["Authorization": "Bearer \(stack.tokens[0])"]
            let tooMuch = [UInt8](repeating: 0x20, count: 3 * 1024 * 1024)
            let refused = try connection.send("POST", "/api/v1/balance/charges", bearer, body: tooMuch)
            #expect(refused.status == 413)
            #expect(refused.code == "payload_too_large")
            let charged = try connection.send(
                "POST", "/api/v1/balance/charges", bearer, body: Array(#"{"amount":1000}"#.utf8))
            #expect(charged.status == 201)
        }
    }

    @Test func `a body of exactly one mebibyte is accepted`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connection = try stack.fastCGI()
            let json = Array(#"{"amount":1000}"#.utf8)
            let padded = json + [UInt8](repeating: 0x20, count: 1024 * 1024 - json.count)
            let bearer = ["Authorization": "Bearer \(stack.tokens[0])"]
            #expect(try connection.send("POST", "/api/v1/balance/charges", bearer, body: padded).status == 201)
            let oneMore = try connection.send("POST", "/api/v1/balance/charges", bearer, body: padded + [0x20])
            #expect(oneMore.status == 413)
        }
    }

    @Test func `a body shorter than promised changes nothing`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connection = try stack.fastCGI()
            let bearer = ["Authorization": "Bearer \(stack.tokens[0])"]
            let json = Array(#"{"amount":1000}"#.utf8)
            try connection.wire.send(
                FastCGIClient.head("POST", "/api/v1/balance/charges", bearer, contentLength: json.count + 1)
                    + FastCGIRecord.stream(FastCGIRecord.input, json))
            let answer = try connection.answer()
            #expect(answer.status == 400)
            #expect(answer.code == "malformed_request")
            #expect(try stack.number("SELECT count(*) FROM balance_entries") == 0)
        }
    }

    @Test func `clients gone in the middle cost no thread`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["JANGTEO_THREADS": "4"]
        }) { stack in
            let bearer = ["Authorization": "Bearer \(stack.tokens[0])"]
            let head = FastCGIClient.head("POST", "/api/v1/balance/charges", bearer, contentLength: 1_000)
            for _ in 0..<12 {
                // Gone after half the parameters, after half the body, before the answer.
                try stack.fastCGI().wire.send(Array(head.prefix(40)))
                try stack.fastCGI().wire.send(head + FastCGIRecord.record(FastCGIRecord.input, Array("{".utf8)))
                try stack.fastCGI().wire.send(
                    FastCGIClient.head("GET", "/api/v1/products") + FastCGIRecord.stream(FastCGIRecord.input, []))
            }
            let answers = try atOnce(4) { _ in
                try stack.fastCGI().send(
                    "POST", "/api/v1/balance/charges", bearer, body: Array(#"{"amount":1000}"#.utf8))
            }
            #expect(answers.map(\.status) == [201, 201, 201, 201])
            #expect(try stack.number("SELECT count(*) FROM balance_entries") == 4)
            #expect(!stack.log.contains("<3>"), "that a client went away is no error")
        }
    }

    @Test func `a request takes effect although the client is gone`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            let body = Array(#"{"amount":1000}"#.utf8)
            for number in 0..<8 {
                let connection = try stack.fastCGI()
                let bearer = ["Authorization": "Bearer \(stack.tokens[number])"]
                try connection.wire.send(
                    FastCGIClient.head("POST", "/api/v1/balance/charges", bearer, contentLength: body.count)
                        + FastCGIRecord.stream(FastCGIRecord.input, body))
                // Held up by the lock, it cannot be answered yet; the client goes once the request has been read.
                try eventually("it is read") { connection.wire.unread == 0 }
            }
            try other.execute("COMMIT")
            try eventually("all is done") { try stack.number("SELECT count(*) FROM balance_entries") == 8 }
            #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200)
            #expect(!stack.log.contains("<3>"))
        }
    }

    @Test func `a connection is kept until it has been idle for long`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["JANGTEO_IDLE_SECONDS": "1"]
        }) { stack in
            let kept = try stack.fastCGI()
            #expect(try kept.send("GET", "/api/v1/coupons").status == 200)
            let took = try seconds { () throws in #expect(try kept.wire.receive().isEmpty, "the end, and nothing else")
            }
            #expect(took > 0.9)
            #expect(took < 5)
        }
    }
}
