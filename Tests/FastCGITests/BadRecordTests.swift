import ServerTestSupport
import Testing

/// What is not FastCGI, or FastCGI that nobody meant. Only a broken front end sends it, and it must not bring the shop
/// down.
struct BadRecordTests {
    private static let bad: [(name: String, bytes: [UInt8])] = [
        ("nothing at all", []),
        ("HTTP", Array("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n".utf8)),
        ("zeros", [UInt8](repeating: 0, count: 4_096)),
        ("ones", [UInt8](repeating: 0xff, count: 4_096)),
        ("half a header", [1, 1, 0]),
        ("another version", [9] + FastCGIRecord.begin().dropFirst()),
        ("an unknown type", FastCGIRecord.record(77, [1, 2, 3])),
        ("parameters before the beginning", FastCGIRecord.stream(FastCGIRecord.parameters, [1, 1, 65, 65])),
        ("an unknown role", FastCGIRecord.begin(role: 9)),
        ("the end of a request", FastCGIRecord.record(FastCGIRecord.endRequest, [UInt8](repeating: 0, count: 8))),
        ("a request that is aborted", FastCGIRecord.begin() + FastCGIRecord.record(FastCGIRecord.abortRequest, [])),
        (
            "a name longer than what follows",
            FastCGIRecord.begin() + FastCGIRecord.stream(FastCGIRecord.parameters, [0xff, 0xff, 0xff, 0xff, 1, 65])
        ),
        (
            "lengths whose sum overflows",
            FastCGIRecord.begin()
                + FastCGIRecord.stream(
                    FastCGIRecord.parameters, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 65, 65])
        ),
        (
            "a length near two gigabytes",
            FastCGIRecord.begin()
                + FastCGIRecord.stream(FastCGIRecord.parameters, [0xbf, 0xff, 0xff, 0xff, 0xbf, 0xff, 0xff, 0xf0, 65])
        ),
        (
            "lengths whose sum is two gigabytes",
            FastCGIRecord.begin()
                + FastCGIRecord.stream(FastCGIRecord.parameters, [0xc0, 0, 0, 0, 0xbf, 0xff, 0xff, 0xff, 65])
        ),
        (
            "the same in a record of the connection's own",
            FastCGIRecord.begin()
                + FastCGIRecord.record(9, [0xc0, 0, 0, 0, 0xbf, 0xff, 0xff, 0xff, 65], id: 0)
        ),
        (
            "a name without a value's length",
            FastCGIRecord.begin() + FastCGIRecord.stream(FastCGIRecord.parameters, [5])
        ),
        (
            "no parameters",
            FastCGIRecord.begin() + FastCGIRecord.stream(FastCGIRecord.parameters, [])
                + FastCGIRecord.stream(FastCGIRecord.input, [])
        ),
        (
            "another request's records in between",
            FastCGIRecord.begin() + FastCGIRecord.record(FastCGIRecord.parameters, [1, 1, 65, 65], id: 7)
                + FastCGIRecord.record(FastCGIRecord.beginRequest, [0, 1, 1, 0, 0, 0, 0, 0], id: 8)
        ),
    ]

    @Test func `malformed records do not stop the responder`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["JANGTEO_THREADS": "8"]
        }) { stack in
            for (name, bytes) in Self.bad {
                try send(bytes, to: stack)
                #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200, "after \(name)")
            }
            #expect(try stack.stopResponder() == 0)
        }
    }

    @Test func `noise does not stop the responder`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["JANGTEO_THREADS": "8"]
        }) { stack in
            var noise = Noise(state: 20_251_101)
            let good = FastCGIClient.head("GET", "/api/v1/products") + FastCGIRecord.stream(FastCGIRecord.input, [])
            for round in 0..<100 {
                var bytes = good
                for _ in 0..<(1 + round % 8) {
                    bytes[Int(noise.next() % UInt64(bytes.count))] = UInt8(noise.next() & 255)
                }
                try send(bytes, to: stack)
            }
            #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200)
            #expect(try stack.stopResponder() == 0)
        }
    }

    /// Sends it and goes away. The responder may hang up before everything was sent.
    private func send(_ bytes: [UInt8], to stack: Stack) throws {
        let connection = try stack.fastCGI()
        try? connection.wire.send(bytes)  // fine, as said above
    }

    /// SplitMix64: the same noise every time.
    private struct Noise {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    @Test func `a field of one megabyte is refused and the connection goes on`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connection = try stack.fastCGI()
            let long = String(repeating: "x", count: 1_000_000)
            let answer = try connection.send("GET", "/api/v1/balance", ["Authorization": "Bearer \(long)"])
            #expect(answer.status == 400)
            #expect(answer.code == "malformed_request")
            #expect(try connection.send("GET", "/api/v1/coupons").status == 200)
        }
    }

    /// 500,000 of them once ended the process; nginx lets a few thousand short ones through.
    @Test(arguments: [600, 500_000])
    func `too many fields are refused and the connection goes on`(count: Int) throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let parameters =
                [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/api/v1/coupons")]
                + (0..<count).map { ("HTTP_X_\($0)", "") }
            let request =
                FastCGIRecord.begin() + FastCGIRecord.stream(FastCGIRecord.parameters, FastCGIRecord.pairs(parameters))
                + FastCGIRecord.stream(FastCGIRecord.input, [])
            // Only now: a client that connects and says nothing is closed, and making this much may take a while.
            let connection = try stack.fastCGI()
            try connection.wire.send(request)
            #expect(try connection.answer().code == "malformed_request")
            #expect(try connection.send("GET", "/api/v1/coupons").status == 200)
        }
    }

    @Test func `management records and other roles get the answers of the specification`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connection = try stack.fastCGI()
            try connection.wire.send(FastCGIRecord.record(9, FastCGIRecord.pairs([("FCGI_MAX_REQS", "")]), id: 0))
            #expect(try connection.wire.receive() == FastCGIRecord.record(10, [], id: 0))
            try connection.wire.send(FastCGIRecord.record(77, [1], id: 0))
            #expect(try connection.wire.receive() == FastCGIRecord.record(11, [77, 0, 0, 0, 0, 0, 0, 0], id: 0))
            try connection.wire.send(FastCGIRecord.begin(role: 9))
            #expect(try connection.wire.receive() == FastCGIRecord.record(3, [0, 0, 0, 0, 3, 0, 0, 0]))
            #expect(try connection.send("GET", "/api/v1/coupons").status == 200)
        }
    }

    @Test func `a target over eight kibibytes is too long`() throws {
        try Stack.run { stack in
            let connection = try stack.fastCGI()
            let path = "/api/v1/products?q="
            let longest = path + String(repeating: "x", count: 8 * 1024 - path.utf8.count)
            #expect(try connection.send("GET", longest).status == 422)
            let direct = try connection.send("GET", longest + "x")
            #expect(direct.status == 414)
            #expect(direct.code == "uri_too_long")
            let throughNginx = try stack.client().send("GET", longest + "x")
            #expect(throughNginx.status == 414)
            #expect(throughNginx.code == "uri_too_long")
        }
    }

    @Test func `a request without method or target is malformed`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connection = try stack.fastCGI()
            for parameters in [[("REQUEST_URI", "/api/v1/coupons")], [("REQUEST_METHOD", "GET")], [("A", "B")]] {
                try connection.wire.send(
                    FastCGIRecord.begin()
                        + FastCGIRecord.stream(FastCGIRecord.parameters, FastCGIRecord.pairs(parameters))
                        + FastCGIRecord.stream(FastCGIRecord.input, []))
                #expect(try connection.answer().code == "malformed_request")
            }
        }
    }
}
