import ServerTestSupport
import TestSupport
import Testing

/// `jangteo audit` and `jangteo backup`, by which somebody keeps the end of the trace elsewhere.
struct AuditCommandTests {
    /// A shop whose trace has entries.
    private func withTrace(_ test: (Stack) throws -> Void) throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in
            for role in ["support", "reader"] {
                let outcome = try Jangteo.run(
                    ["users", "create", role, "--role", role, "--password-stdin", "--data", stack.data],
                    environment: ["JANGTEO_PASSWORD_COST": "4"], input: "open sesame\n")
                #expect(outcome.status == 0, "\(outcome.errors)")
            }
            try test(stack)
        }
    }

    /// The last entry, as the database has it.
    private func end(_ stack: Stack) throws -> String {
        let rows = try stack.sql().rows(of: "SELECT id, lower(hex(hash)) FROM trace ORDER BY id DESC LIMIT 1")
        return try required(rows.first, "the trace is empty").joined(separator: ":")
    }

    /// As who can write to the file, and knows of its triggers, can do it.
    private func cutTrace(_ stack: Stack) throws {
        let sql = try stack.sql()
        for trigger in ["trace_stays_whole", "trace_changes_stay_whole"] { try sql.execute("DROP TRIGGER \(trigger)") }
        let last = "(SELECT max(id) FROM trace)"
        try sql.execute("DELETE FROM trace_changes WHERE trace_id = \(last); DELETE FROM trace WHERE id = \(last)")
    }

    @Test func `an audit says how many rules hold, and where the trace ends`() throws {
        try withTrace { stack in
            let outcome = try stack.jangteo("audit")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.count == 2, "\(outcome.output)")
            #expect(lines.first == "the trace ends with \(try end(stack))")
            #expect(lines.last?.wholeMatch(of: /\d\d rules hold/) != nil, "\(outcome.output)")
        }
    }

    @Test func `an end that was kept is there still, behind what came later too`() throws {
        try withTrace { stack in
            let rules = try stack.jangteo("audit").output.firstMatch(of: /(\d+) rules hold/)?.1
            let number = try required(rules.flatMap { Int($0) }, "no number of rules")
            let kept = try end(stack)
            for _ in 0..<2 {
                let outcome = try stack.jangteo("audit", "--kept", kept)
                #expect(outcome.status == 0, "\(outcome.output)")
                #expect(outcome.output.hasSuffix("\n\(number + 1) rules hold\n"), "\(outcome.output)")
                #expect(try stack.jangteo("users", "role", "reader", "support").status == 0)
            }
            #expect(try end(stack) != kept)
        }
    }

    @Test func `an end that was cut off is missed`() throws {
        try withTrace { stack in
            let kept = try end(stack)
            try cutTrace(stack)
            // Without what was kept, a trace that ends early is like one that has not gone on.
            #expect(try stack.jangteo("audit").status == 0)
            let outcome = try stack.jangteo("audit", "--kept", kept)
            #expect(outcome.status == 1)
            let lines = outcome.output.split(separator: "\n")
            #expect(
                lines.prefix(2) == [
                    "the trace does not have the entry that was kept elsewhere: \(kept)",
                    "the trace ends with \(try end(stack))",
                ], "\(outcome.output)")
        }
    }

    @Test(arguments: [
        "", "7", "7:", "7:00", "-1:" + String(repeating: "0", count: 64), "7:" + String(repeating: "g", count: 64),
    ])
    func `what is no end is refused before anything is read`(_ kept: String) throws {
        try withTrace { stack in
            let outcome = try stack.jangteo("audit", "--kept", kept)
            #expect(outcome.status == 64)
            #expect(outcome.output == "")
            #expect(outcome.errors.contains("--kept"), "\(outcome.errors)")
        }
    }

    @Test func `each backup says where its trace ends, so that an audit can be given it`() throws {
        try withTrace { stack in
            let folder = try TemporaryFolder()
            let line = "\nits trace ends with \(try end(stack))\n"
            let copy = try stack.jangteo("backup", folder("b.db"))
            #expect(copy.status == 0, "\(copy.errors)")
            #expect(copy.output.contains(line), "\(copy.output)")
            let night = try stack.jangteo("backup", "--nightly", folder("nights"))
            #expect(night.status == 0, "\(night.errors)")
            #expect(night.output.contains(line), "\(night.output)")
        }
    }
}
