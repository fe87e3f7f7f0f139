import ServerTestSupport
import TestSupport
import Testing

/// Front ends that stall: they occupy a thread for a bounded time, and nobody suffers.
struct StalledPeerTests {
    private static let twoThreads: @Sendable (inout Stack.Options) -> Void = { options in
        options.hasNginx = false
        options.environment = ["JANGTEO_THREADS": "2", "JANGTEO_STALLED_SECONDS": "1"]
    }

    /// Both threads are occupied; the next client waits for less than this.
    private func isServed(_ stack: Stack) throws {
        let took = try seconds { () throws in
            #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200)
        }
        #expect((0.1..<8).contains(took), "held up for \(took) s")
    }

    @Test(arguments: [4, 8, 20])
    func `an unfinished request holds a thread for seconds only`(bytes: Int) throws {
        try Stack.run(Self.twoThreads) { stack in
            let stalled = try (0..<2).map { _ in try stack.fastCGI() }
            for connection in stalled {
                try connection.wire.send(Array(FastCGIClient.head("GET", "/api/v1/coupons").prefix(bytes)))
            }
            try eventually("both are read") { stalled.allSatisfy { $0.wire.unread == 0 } }
            try isServed(stack)
        }
    }

    @Test func `an unfinished body holds a thread for seconds only`() throws {
        try Stack.run(Self.twoThreads) { stack in
            let stalled = try (0..<2).map { _ in try stack.fastCGI() }
            for connection in stalled {
                try connection.wire.send(
                    FastCGIClient.head("POST", "/api/v1/users", contentLength: 100)
                        + FastCGIRecord.record(FastCGIRecord.input, Array("{".utf8)))
            }
            try eventually("both are read") { stalled.allSatisfy { $0.wire.unread == 0 } }
            try isServed(stack)
        }
    }

    /// More answers than the socket holds, and nobody reads them.
    @Test func `answers that nobody takes hold a thread for seconds only`() throws {
        try Stack.run(Self.twoThreads) { stack in
            let requests =
                FastCGIClient.head("GET", "/api/v1/products?limit=100") + FastCGIRecord.stream(FastCGIRecord.input, [])
            let deaf = try (0..<2).map { _ in try stack.fastCGI() }
            for connection in deaf {
                try connection.wire.send(Array(repeatElement(requests, count: 400).joined()))
            }
            try isServed(stack)
        }
    }
}
