import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// More requests at once than threads. One test after another: each is a load.
@Suite(.serialized) struct LoadTests {
    /// Longer than nginx waits for an answer, so that a starving client cannot hide.
    private static let seconds = 16.0

    private static let fewThreads: @Sendable (inout Stack.Options) -> Void = { options in
        options.environment = ["JANGTEO_THREADS": "64"]
        options.nginxChanges = ["keepalive 256;": "keepalive 16;"]
    }

    private struct Tally: Sendable {
        var answers = 0
        var charged = 0
        var longest = 0.0
    }

    @Test func `more clients than threads all get their turn`() throws {
        try Stack.run(Self.fewThreads) { stack in
            let over = Flag()
            // Nobody can write while another process does, so more writes are in flight than there are threads.
            let other = Crowd(1) { _ in
                let sql = try stack.sql()
                while !over.isRaised {
                    try sql.execute("BEGIN IMMEDIATE")
                    usleep(300_000)
                    try sql.execute("COMMIT")
                    usleep(100_000)
                }
            }
            let load = Crowd(300) { number in
                var tally = Tally()
                let customer = stack.customer(number % stack.tokens.count)
                while !over.isRaised {
                    let took = try TestSupport.seconds { () throws in
                        if number.isMultiple(of: 3) {
                            try customer.charge(1_000)
                            tally.charged += 1
                        } else {
                            try customer.must(200, customer.get("/products"))
                        }
                    }
                    tally.answers += 1
                    tally.longest = max(tally.longest, took)
                    usleep(20_000)  // like a person between clicks; leaves a core for the other tests
                }
                return tally
            }
            usleep(useconds_t(Self.seconds * 1_000_000))
            over.raise()
            _ = try other.wait()
            let tallies = try load.wait()
            #expect(tallies.allSatisfy { $0.answers > 0 }, "nobody starves")
            #expect(tallies.map(\.longest).max() ?? .infinity < 3)
            #expect(
                try stack.number("SELECT count(*) FROM balance_entries") == tallies.reduce(0) { $0 + $1.charged })
        }
    }

    /// nginx closes each of its connections after a few requests; the responder never does.
    @Test func `no POST is lost while nginx rotates its connections`() throws {
        try Stack.run({ $0.nginxChanges = ["keepalive_requests 1000;": "keepalive_requests 8;"] }) { stack in
            try atOnce(64) { number in
                let customer = stack.customer(number)
                for _ in 0..<60 { try customer.charge(1_000) }
            }
            #expect(try stack.number("SELECT count(*) FROM balance_entries") == 64 * 60)
            #expect(try text(stack.folder("error.log")).isEmpty)
        }
    }

    /// One worker keeps as many idle connections as nginx may; the other worker's burst still gets threads.
    @Test func `idle kept connections hold nobody up`() throws {
        try Stack.run(Self.fewThreads) { stack in
            let idle = try (0..<32).map { _ in try stack.fastCGI() }
            for connection in idle { #expect(try connection.send("GET", "/api/v1/coupons").status == 200) }
            let took = try TestSupport.seconds { () throws in
                let answers = try atOnce(100) { number in try stack.customer(number).get("/balance") }
                #expect(answers.allSatisfy { $0.status == 200 })
            }
            #expect(took < 2)
            // They still work: the responder has closed none of them.
            for connection in idle { #expect(try connection.send("GET", "/api/v1/coupons").status == 200) }
        }
    }

    /// However many are kept and busy: their requests wait in the same queue.
    @Test func `a new connection is served while kept ones keep all threads busy`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["JANGTEO_THREADS": "2"]
        }) { stack in
            let over = Flag()
            let busy = Crowd(16) { _ in
                let kept = try stack.fastCGI()
                var answers = 0
                while !over.isRaised {
                    guard try kept.send("GET", "/api/v1/coupons").status == 200 else { throw Failure("no answer") }
                    answers += 1
                }
                return answers
            }
            for _ in 0..<20 { #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200) }
            over.raise()
            let answers = try busy.wait()
            #expect(answers.allSatisfy { $0 > 0 }, "nobody starves")
        }
    }

    /// While nobody can write for long, all writers are held up: far more than there are threads at first.
    @Test func `readers are served while many writers wait`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            let body = Array(#"{"amount":1000}"#.utf8)
            let writing = try (0..<150).map { number in
                let connection = try stack.fastCGI()
                let bearer = ["Authorization": "Bearer \(stack.tokens[number % stack.tokens.count])"]
                try connection.wire.send(
                    FastCGIClient.head("POST", "/api/v1/balance/charges", bearer, contentLength: body.count)
                        + FastCGIRecord.stream(FastCGIRecord.input, body))
                return connection
            }
            #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200)
            #expect(try stack.number("SELECT count(*) FROM balance_entries") == 0)
            try other.execute("COMMIT")
            for connection in writing { #expect(try connection.answer().status == 201) }
            #expect(try stack.number("SELECT count(*) FROM balance_entries") == 150)
            // The threads end again when there is little to do.
            let responder = try stack.responder
            try eventually("the threads are few again") {
                _ = try stack.fastCGI().send("GET", "/api/v1/coupons")
                return try FileManager.default.contentsOfDirectory(atPath: "/proc/\(responder.pid)/task").count < 100
            }
        }
    }

    /// Longer than a connection may be idle.
    @Test func `a connection with a request is not closed however long no thread is free`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["JANGTEO_THREADS": "2", "JANGTEO_BUSY_MILLISECONDS": "20000"]
        }) { stack in
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            let body = Array(#"{"amount":1000}"#.utf8)
            func ask(_ head: [UInt8], _ body: [UInt8]) throws -> FastCGIClient {
                let connection = try stack.fastCGI()
                try connection.wire.send(head + FastCGIRecord.stream(FastCGIRecord.input, body))
                return connection
            }
            let writing = try (0..<2).map { number in
                let bearer = ["Authorization": "Bearer \(stack.tokens[number])"]
                return try ask(
                    FastCGIClient.head("POST", "/api/v1/balance/charges", bearer, contentLength: body.count), body)
            }
            try eventually("both threads are held") { writing.allSatisfy { $0.wire.unread == 0 } }
            let waiting = try (0..<4).map { _ in try ask(FastCGIClient.head("GET", "/api/v1/coupons"), []) }
            usleep(4_500_000)
            try other.execute("COMMIT")
            for connection in writing { #expect(try connection.answer().status == 201) }
            for connection in waiting { #expect(try connection.answer().status == 200) }
        }
    }

    @Test func `silent peers hold a thread for seconds only`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["JANGTEO_THREADS": "2"]
        }) { stack in
            let silent = try (0..<2).map { _ in try stack.fastCGI() }
            let took = try TestSupport.seconds { () throws in
                #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200)
            }
            #expect(took < 8)
            withExtendedLifetime(silent) {}
        }
    }

    @Test func `without descriptors it waits and goes on`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["JANGTEO_THREADS": "8"]
        }) { stack in
            let responder = try stack.responder
            var waiting: [FastCGIClient] = []
            // Repeatedly: what was open only for a moment when they were counted leaves room for a connection.
            try eventually("it has run out of descriptors") {
                try limitFiles(of: responder, to: firstFreeDescriptor(of: responder))
                let connection = try stack.fastCGI()
                try connection.wire.send(
                    FastCGIClient.head("GET", "/api/v1/coupons", keepingConnection: false)
                        + FastCGIRecord.stream(FastCGIRecord.input, []))
                waiting.append(connection)
                return stack.log.contains("accepting failed")
            }
            #expect(responder.exitStatus == nil)
            try limitFiles(of: responder, to: 1_000)
            for connection in waiting { #expect(try connection.answer().status == 200) }
            // Every thread is still there.
            let answers = try atOnce(8) { _ in try stack.fastCGI().send("GET", "/api/v1/products") }
            #expect(answers.allSatisfy { $0.status == 200 })
        }
    }

    /// The number it would get next. It may have larger ones, inherited from its parent at the start.
    private func firstFreeDescriptor(of process: ChildProcess) throws -> Int {
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.pid)/fd")
        let numbers = Set(open.compactMap { Int($0) })
        return (0...numbers.count).first { !numbers.contains($0) } ?? numbers.count
    }

    /// Only the soft limit: not everybody could raise the hard one again.
    private func limitFiles(of process: ChildProcess, to count: Int) throws {
        let command = try ChildProcess("prlimit", ["--pid", "\(process.pid)", "--nofile=\(count):"])
        guard try command.wait() == 0 else { throw Failure("prlimit failed") }
    }
}
