import Foundation
import ServerTestSupport
import Testing

/// The listening socket: whose it is, and what is at its path.
struct SocketTests {
    @Test func `a stale socket is replaced`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            try stack.responder.end()
            #expect(FileManager.default.fileExists(atPath: stack.socket), "killed, it could not tidy up")
            try stack.startResponder()
            #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200)
        }
    }

    @Test func `the socket is for its group only and gone after a stop`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let attributes = try FileManager.default.attributesOfItem(atPath: stack.socket)
            #expect(attributes[.posixPermissions] as? Int == 0o660)
            #expect(try stack.stopResponder(within: 2) == 0)
            #expect(!FileManager.default.fileExists(atPath: stack.socket))
        }
    }

    @Test func `a second server on one socket says so and leaves the first alone`() throws {
        try Stack.run { stack in
            let second = try stack.jangteo("serve", "--socket", stack.socket)
            #expect(second.status != 0)
            #expect(second.errorLines.count == 1, "\(second.errors)")
            #expect(second.errors.contains("another server is listening on \(stack.socket)"))
            #expect(try stack.visitor().get("/coupons").status == 200)
            #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200)
        }
    }

    @Test func `a socket that another program listens on is left alone`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.starts = false
        }) { stack in
            let other = try Listener(path: stack.socket)
            let outcome = try stack.jangteo("serve", "--socket", stack.socket)
            #expect(outcome.status != 0)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            _ = try Wire(path: stack.socket)
            withExtendedLifetime(other) {}
        }
    }

    @Test func `a file that is not a socket is not removed`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.starts = false
        }) { stack in
            try write("precious", to: stack.socket)
            let outcome = try stack.jangteo("serve", "--socket", stack.socket)
            #expect(outcome.status != 0)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(try text(stack.socket) == "precious")
        }
    }

    @Test(arguments: ["no-such-folder/s", String(repeating: "long", count: 40)])
    func `an impossible path is refused in one line`(path: String) throws {
        try Stack.run({
            $0.hasNginx = false
            $0.starts = false
        }) { stack in
            let outcome = try stack.jangteo("serve", "--socket", stack.folder(path))
            #expect(outcome.status != 0)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains(path))
        }
    }

    @Test func `without a socket it says what to do`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.starts = false
        }) { stack in
            let outcome = try stack.jangteo("serve")
            #expect(outcome.status != 0)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("--socket PATH"))
        }
    }

    @Test func `a socket of the parent's outlives the server`() throws {
        try Stack.run({
            $0.hasNginx = false
            $0.passesSocket = true
        }) { stack in
            #expect(try stack.fastCGI().send("GET", "/api/v1/coupons").status == 200)
            #expect(try stack.stopResponder(within: 2) == 0)
            // Nobody is there now: clients wait for the next server.
            let early = try stack.fastCGI()
            try early.wire.send(
                FastCGIClient.head("GET", "/api/v1/coupons") + FastCGIRecord.stream(FastCGIRecord.input, []))
            try stack.startResponder()
            #expect(try early.answer().status == 200)
            #expect(FileManager.default.fileExists(atPath: stack.socket))
        }
    }
}
