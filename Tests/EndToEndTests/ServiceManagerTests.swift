import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// What systemd is told: that the shop is ready, that it stops, and in between that it is alive.
@Suite(.serialized) struct ServiceManagerTests {
    /// Runs a shop that is told of a socket; the test gets both.
    private func run(
        _ environment: [String: String] = [:], _ test: (Stack, NotifySocket) throws -> Void
    ) throws {
        let folder = try TemporaryFolder()
        let socket = try NotifySocket(path: folder("notify"))
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["NOTIFY_SOCKET": folder("notify")].merging(environment) { $1 }
        }) { try test($0, socket) }
    }

    @Test func `the service is ready once and stops once`() throws {
        try run { stack, systemd throws in
            #expect(systemd.next() == "READY=1")
            #expect(try stack.fastCGI().send("GET", "/healthz").status == 200)
            #expect(systemd.next(within: 0.5) == nil, "without a watchdog nothing more is told")
            #expect(try stack.stopResponder() == 0)
            #expect(systemd.next() == "STOPPING=1")
            #expect(systemd.next(within: 0.1) == nil)
        }
    }

    @Test func `with a watchdog it is alive again and again`() throws {
        try run(["WATCHDOG_USEC": "1000000"]) { stack, systemd throws in
            #expect(systemd.next() == "READY=1")
            let took = seconds { for _ in 0..<4 { #expect(systemd.next() == "WATCHDOG=1") } }
            #expect((1..<8).contains(took), "every half of a second")
            #expect(try stack.stopResponder() == 0)
            systemd.drain()
        }
    }

    @Test func `a watchdog of another process is not fed`() throws {
        try run(["WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"]) { _, systemd throws in
            #expect(systemd.next() == "READY=1")
            #expect(systemd.next(within: 0.5) == nil)
        }
    }

    /// A restart releases nobody's lock, whether the writer has given up waiting for it or not.
    @Test(arguments: ["50", "60000"])
    func `somebody else's write lock does not stop the watchdog`(milliseconds: String) throws {
        try run(["WATCHDOG_USEC": "8000000", "JANGTEO_BUSY_MILLISECONDS": milliseconds]) { stack, systemd throws in
            #expect(systemd.next() == "READY=1")
            #expect(systemd.next() == "WATCHDOG=1")
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            let answer = try stack.fastCGI().send("GET", "/readyz")
            #expect(answer.status == 503)
            #expect(answer.text.contains("lock"), "\(answer.text)")
            systemd.drain()
            for _ in 0..<3 { #expect(systemd.next() == "WATCHDOG=1") }
            #expect(!stack.log.contains("the writer is stuck"), "\(stack.log)")
            #expect(!stack.log.contains("nothing can be written"), "\(stack.log)")
            try other.execute("COMMIT")
            try eventually("it is ready again") { try stack.fastCGI().send("GET", "/readyz").status == 200 }
        }
    }

    /// A restart frees no space, and would prevent reading as well.
    @Test func `a full disk does not stop the watchdog`() throws {
        try SmallDisk.run(megabytes: 4) { disk in
            let folder = try TemporaryFolder()
            let systemd = try NotifySocket(path: folder("notify"))
            try Stack.run({
                $0.data = disk("data")
                $0.hasNginx = false
                $0.environment = ["NOTIFY_SOCKET": folder("notify"), "WATCHDOG_USEC": "1000000"]
            }) { stack throws in
                #expect(systemd.next() == "READY=1")
                try disk.fill()
                try eventually("the shop cannot write") { try stack.fastCGI().send("GET", "/readyz").status == 503 }
                systemd.drain()
                for _ in 0..<3 { #expect(systemd.next() == "WATCHDOG=1") }
                #expect(try stack.fastCGI().send("GET", "/api/v1/products").status == 200)
                try disk.free()
                try eventually("it can again") { try stack.fastCGI().send("GET", "/readyz").status == 200 }
            }
        }
    }

    @Test func `the watchdog stops if no worker answers`() throws {
        try run(["WATCHDOG_USEC": "1000000", "JANGTEO_THREADS": "2"]) { stack, systemd throws in
            #expect(systemd.next() == "READY=1")
            #expect(systemd.next() == "WATCHDOG=1")
            // Each occupies a thread, like a front end that sends half of what it wants.
            let half = Array(FastCGIClient.head("GET", "/healthz").prefix(20))
            let held = try (0..<2).map { _ in
                let client = try stack.fastCGI()
                try client.wire.send(half)
                return client
            }
            try eventually("it is told") { stack.log.contains("no worker answers") }
            systemd.drain()
            #expect(systemd.next(within: 1) == nil)
            withExtendedLifetime(held) {}
        }
    }

    @Test func `workers that are all busy answering are alive`() throws {
        // Long enough for a write to be in time on a machine that runs all the other tests as well.
        try run(["WATCHDOG_USEC": "8000000", "JANGTEO_THREADS": "2"]) { stack, systemd throws in
            #expect(systemd.next() == "READY=1")
            let over = Flag()
            let load = Crowd(2) { _ in
                let client = try stack.fastCGI()
                while !over.isRaised { _ = try client.send("GET", "/api/v1/coupons") }
            }
            // Both threads are occupied by connections that never pause.
            usleep(300_000)
            systemd.drain()
            for _ in 0..<3 { #expect(systemd.next() == "WATCHDOG=1") }
            over.raise()
            _ = try load.wait()
            #expect(!stack.log.contains("no sign of life"), "\(stack.log)")
        }
    }

    @Test func `an abstract socket is notified, too`() throws {
        let name = "jangteo-test-\(UUID().uuidString)"
        let socket = try NotifySocket(abstract: name)
        try Stack.run({
            $0.hasNginx = false
            $0.environment = ["NOTIFY_SOCKET": "@" + name]
        }) { _ in #expect(socket.next() == "READY=1") }
    }
}
