import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// One kind of work must not take the shop from the others.
@Suite(.serialized) struct PressureTests {
    @Test func `a flood of log-ins and sign-ups does not take the shop`() throws {
        // A hash that costs enough to fill all cores, and more clients than may wait.
        try Stack.run({ $0.environment = ["JANGTEO_PASSWORD_COST": "11", "JANGTEO_PASSWORD_QUEUE": "4"] }) { stack in
            _ = try stack.admin().addProduct()
            let first = stack.visitor()
            try first.must(201, first.post("/users", #"{"login":"kim","password":"long enough","name":"김"}"#))
            let over = Flag()
            let flood = Crowd(48) { number in
                let visitor = stack.visitor()
                var statuses: [Int] = []
                while !over.isRaised {
                    let login = number.isMultiple(of: 2) ? "kim" : "flood-\(number)-\(statuses.count)"
                    let answer =
                        number.isMultiple(of: 2)
                        ? try visitor.post("/tokens", #"{"login":"\#(login)","password":"long enough"}"#)
                        : try visitor.post("/users", #"{"login":"\#(login)","password":"long enough","name":"x"}"#)
                    if answer.status == 503, answer["Retry-After"] == nil { throw Failure("no Retry-After") }
                    statuses.append(answer.status)
                    // Like a client that respects Retry-After a little.
                    if answer.status == 503 { usleep(100_000) }
                }
                return statuses
            }
            let visitor = stack.visitor()
            let took = try (0..<60).map { _ in
                usleep(20_000)
                return try seconds { () throws in try visitor.must(200, visitor.get("/products")) }
            }
            over.raise()
            let statuses = Set(try flood.wait().joined())
            #expect(statuses == [201, 503], "some get in, the rest are told to come back")
            #expect(took.sorted()[30] < 0.2)
            #expect(took.max() ?? .infinity < 2)
        }
    }

    /// Each hash takes 16 MiB, which is returned afterwards, whichever thread it ran on.
    @Test func `the memory of passwords is given back`() throws {
        try Stack.run({ $0.environment = ["JANGTEO_PASSWORD_COST": "14"] }) { stack in
            let first = stack.visitor()
            try first.must(201, first.post("/users", #"{"login":"kim","password":"long enough","name":"김"}"#))
            let before = try residentBytes(of: stack.responder.pid)
            // Two at once: on a busy machine more would wait for each other for longer than nginx does.
            let crowd = Crowd(2) { _ in
                for _ in 0..<4 {
                    let visitor = stack.visitor()
                    try visitor.must(201, visitor.post("/tokens", #"{"login":"kim","password":"long enough"}"#))
                }
            }
            _ = try crowd.wait()
            // As much as one hash, for what else the threads have allocated meanwhile.
            try eventually("the memory is given back") {
                try residentBytes(of: stack.responder.pid) < before + 16 << 20
            }
        }
    }

    private func residentBytes(of pid: pid_t) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let kib = line?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Failure("no VmRSS in \(status)")
        }
        return kib << 10
    }

    @Test func `the batch gets through while the server writes`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct(price: 1_000, stock: 1_000_000)
            let over = Flag()
            let load = Crowd(32) { number in
                let customer = stack.customer(number)
                while !over.isRaised {
                    try customer.charge(1_000)
                    let order = try customer.order(product)
                    try customer.must(201, customer.post("/orders/\(order)/payment"))
                }
            }
            try eventually("the load is on") { try stack.number("SELECT count(*) FROM payments") > 100 }
            for _ in 0..<3 {
                let took = try seconds { () throws in #expect(try stack.jangteo("popular").status == 0) }
                #expect(took < 5)
            }
            over.raise()
            _ = try load.wait()
            let popular = try stack.visitor().get("/products/popular").json
            #expect(popular["items"][0]["product"]["id"] == .integer(product))
            #expect((popular["items"][0]["sales"].integer ?? 0) > 100)
            #expect(try stack.auditDifferences() == nil)
        }
    }

    /// More descriptors than `select` has room for, 1,024: nothing may trip over them.
    @Test func `more than a thousand connections are kept`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connections = try (0..<1_100).map { _ in try stack.fastCGI() }
            for round in 0..<2 {
                for connection in connections {
                    #expect(try connection.send("GET", "/api/v1/coupons").status == 200, "round \(round)")
                }
            }
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(stack.responder.pid)/fd")
            #expect(open.compactMap { Int($0) }.max() ?? 0 > 1_024)
        }
    }
}
