import Foundation
import SQLite
import ServerTestSupport
import TestSupport
import Testing

/// Stopping, and what it must not lose.
struct StopTests {
    @Test func `it stops on TERM although its parent has blocked it`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.blocked = [SIGTERM, SIGINT, SIGPIPE, SIGUSR1]
        }) { stack throws in
            #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200)
            #expect(try stack.stopResponder(within: 2) == 0)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `it stops while idle connections are kept`(signal: Int32) throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let kept = try stack.fastCGI()
            #expect(try kept.send("GET", "/api/v1/coupons").status == 200)
            let responder = try stack.responder
            let took = try seconds { () throws in
                responder.send(signal)
                #expect(try responder.wait(seconds: 5) == 0)
            }
            #expect(took < 2)
            #expect(stack.log.contains("<5>stopped"))
        }
    }

    @Test func `requests in flight are answered before it ends`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            // All writes wait for this one.
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            let connections = try (0..<16).map { _ in try stack.fastCGI() }
            let body = Array(#"{"amount":1000}"#.utf8)
            for (number, connection) in connections.enumerated() {
                let bearer = ["Authorization": "Bearer \(stack.tokens[number])"]
                try connection.wire.send(
                    FastCGIClient.head("POST", "/api/v1/balance/charges", bearer, contentLength: body.count)
                        + FastCGIRecord.stream(FastCGIRecord.input, body))
            }
            try eventually("all requests are read") { connections.allSatisfy { $0.wire.unread == 0 } }

            let responder = try stack.responder
            let took = try seconds { () throws in
                responder.send(SIGTERM)
                usleep(400_000)  // how long the writes are held up
                #expect(responder.exitStatus == nil, "it still owes answers")
                try other.execute("COMMIT")
                for connection in connections { #expect(try connection.answer().status == 201) }
                #expect(try responder.wait(seconds: 5) == 0)
            }
            #expect(took < 2)
            #expect(try stack.number("SELECT count(*) FROM balance_entries") == 16)
        }
    }

    @Test func `a client connected before a stop is still answered`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connected = try (0..<8).map { _ in try stack.fastCGI() }
            try stack.responder.send(SIGTERM)
            for connection in connected {
                #expect(try connection.send("GET", "/api/v1/coupons", keepingConnection: false).status == 200)
            }
            #expect(try stack.responder.wait(seconds: 2) == 0)
        }
    }

    @Test func `a kept connection is served while it stops`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let kept = try stack.fastCGI()
            #expect(try kept.send("GET", "/api/v1/coupons").status == 200)
            try stack.responder.send(SIGTERM)
            try eventually("it is stopping") { stack.log.contains("<5>stopping") }
            #expect(try kept.send("GET", "/api/v1/coupons").status == 200)
        }
    }

    /// Whatever was answered with success is there, and the other way round.
    @Test func `a stop under load loses no request`() throws {
        try Stack.run { stack in
            let over = Flag()
            let load = Crowd(32) { number in try charges(of: number, in: stack, until: over) }
            try eventually("the load is on") { try stack.number("SELECT count(*) FROM balance_entries") > 200 }
            let took = try seconds { () throws in #expect(try stack.stopResponder() == 0) }
            #expect(took < 2)
            over.raise()
            let charged = try load.wait().reduce(0, +)
            #expect(try stack.number("SELECT count(*) FROM balance_entries") == charged)
        }
    }

    /// With a socket that outlives the server, as under systemd, nobody even notices.
    @Test func `a restart under load loses no request`() throws {
        try Stack.run({ $0.passesSocket = true }) { stack in
            let over = Flag()
            let load = Crowd(32) { number in
                try charges(of: number, in: stack, until: over, acceptingRefusals: false)
            }
            for round in 1...2 {
                try eventually("the load is on") {
                    try stack.number("SELECT count(*) FROM balance_entries") > round * 200
                }
                let first = try stack.responder
                first.send(SIGTERM)
                if round == 1 {
                    // The next one starts while the first still stops, and again after it has ended.
                    try stack.startResponder()
                    #expect(try first.wait(seconds: 3) == 0)
                } else {
                    #expect(try first.wait(seconds: 3) == 0)
                    try stack.startResponder()
                }
            }
            try eventually("the load goes on") { try stack.number("SELECT count(*) FROM balance_entries") > 600 }
            over.raise()
            let charged = try load.wait().reduce(0, +)
            #expect(try stack.number("SELECT count(*) FROM balance_entries") == charged)
        }
    }

    /// Charges repeatedly; returns how often the answer was 201.
    private func charges(
        of number: Int, in stack: Stack, until over: Flag, acceptingRefusals: Bool = true
    ) throws -> Int {
        let customer = stack.customer(number)
        var charged = 0
        while !over.isRaised {
            let answer = try customer.post("/balance/charges", #"{"amount":1000}"#)
            if answer.status == 201 {
                charged += 1
            } else if !acceptingRefusals || answer.status != 503 {
                throw Failure("a charge was answered \(answer)")
            } else {
                usleep(10_000)
            }
        }
        return charged
    }
}
