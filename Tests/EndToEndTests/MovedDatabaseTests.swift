import Foundation
import ServerTestSupport
import Testing

/// The database is moved away or replaced, as with `mv` and `cp`: nothing acknowledged is lost.
struct MovedDatabaseTests {
    private static let commands = [
        ["migrate"], ["serve", "--socket", "/nowhere/s"], ["popular"], ["audit"], ["cgi"], ["demo"],
        ["backup", "copy"], ["restore", "copy"],
    ]

    /// The shop is killed, so that its sales are only in the log; then the database is moved out of the way.
    private func withOrphanedLog(_ test: (Stack) throws -> Void) throws {
        try Stack.run { stack in
            for _ in 0..<3 { try stack.customer().charge(1_000) }
            try stack.responder.end()
            rename(stack.database, stack.folder("moved.db"))
            try test(stack)
        }
    }

    /// With the database back everything is there.
    private func isWhole(_ stack: Stack) throws {
        rename(stack.folder("moved.db"), stack.database)
        try stack.startResponder()
        #expect(try stack.customer().balance() == 3_000)
    }

    @Test(arguments: commands, [false, true])
    func `nothing creates a database beside a log without one`(command: [String], isEmpty: Bool) throws {
        try withOrphanedLog { stack in
            let log = try Data(contentsOf: URL(fileURLWithPath: stack.database + "-wal"))
            if isEmpty { try write("", to: stack.database) }
            let arguments = command.map { $0 == "copy" ? stack.folder("copy.db") : $0 }
            let outcome = try Jangteo.run(arguments + ["--data", stack.data])
            #expect(outcome.status != 0)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("\(stack.database)-wal lies where its database"), "\(outcome.errors)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: stack.database + "-wal")) == log)
            try isWhole(stack)
        }
    }

    @Test(arguments: ["", "-wal"])
    func `under a running shop nothing is acknowledged that nobody would find`(suffix: String) throws {
        try Stack.run { stack in
            try stack.customer().charge(1_000)
            rename(stack.database + suffix, stack.folder("moved"))
            let refused = try stack.customer().post("/balance/charges", #"{"amount":1000}"#)
            #expect(refused.status == 503)
            let notReady = try stack.operations().send("GET", "/readyz")
            #expect(notReady.status == 503)
            #expect(notReady.text.contains("is not the file that was opened"), "\(notReady.text)")
            let metrics = try stack.operations().send("GET", "/metrics").text
            #expect(metrics.contains("jangteo_trouble{kind=\"replaced\"} 1\n"))
            let lines = stack.log.split(separator: "\n").filter { $0.hasPrefix("<3>") }
            #expect(lines.count == 1, "\(lines)")
            #expect(lines[0].contains("see \"The database was moved or replaced\" in the manual"))

            rename(stack.folder("moved"), stack.database + suffix)
            try stack.customer().charge(1_000)
            #expect(try stack.operations().send("GET", "/readyz").status == 200)
            #expect(try stack.customer().balance() == 2_000)
        }
    }

    @Test func `the doctor says what to do`() throws {
        try withOrphanedLog { stack in
            let outcome = try stack.jangteo("doctor")
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("database: \(stack.database)-wal lies where its"), "\(outcome.output)")
            try isWhole(stack)
        }
    }
}
