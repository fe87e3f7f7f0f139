import Foundation
import SQLite
import ServerTestSupport
import TestSupport
import Testing

/// What the shop cannot help: it says so, helpfully, and loses nothing.
struct TroubleTests {
    @Test func `a locked database is 503 and works again afterwards`() throws {
        try Stack.run({ $0.environment = ["JANGTEO_BUSY_MILLISECONDS": "200"] }) { stack in
            let customer = stack.customer()
            try customer.charge(1_000)
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            expect(
                try customer.post("/balance/charges", #"{"amount":1000}"#),
                is: Expected.problem(
                    503, "unavailable", "지금은 처리할 수 없습니다", detail: "바뀐 것은 없습니다. 잠시 뒤에 다시 시도해 주세요.",
                    "Retry-After: 1"))
            #expect(try customer.balance() == 1_000, "reading goes on")
            try other.execute("COMMIT")
            try customer.charge(1_000)
            #expect(try customer.balance() == 2_000)
        }
    }

    @Test func `a full disk is 503 and works again afterwards`() throws {
        try SmallDisk.run(megabytes: 4) { disk in
            try Stack.run({ $0.data = disk("data") }) { stack in
                for _ in 0..<20 { try stack.customer().charge(1_000) }
                try disk.fill()
                let refused = try (0..<20).map { number in
                    try stack.customer(1).post("/balance/charges", #"{"amount":\#(1_000 + number)}"#)
                }
                #expect(refused.contains { $0.status == 503 })
                #expect(refused.allSatisfy { $0.status == 503 || $0.status == 201 })
                #expect(refused.filter { $0.status == 503 }.allSatisfy { $0["Retry-After"] != nil })
                #expect(try stack.customer().balance() == 20_000)

                try disk.free()
                try stack.customer().charge(1_000)
                #expect(try stack.customer().balance() == 21_000)
                let charged = refused.enumerated().filter { $1.status == 201 }.reduce(0) { $0 + 1_000 + $1.offset }
                #expect(try stack.customer(1).balance() == charged, "what was refused has not happened")
                #expect(try stack.auditDifferences() == nil)
            }
        }
    }

    @Test func `a continuing problem is one line and a count`() throws {
        try Stack.run({ $0.environment = ["JANGTEO_BUSY_MILLISECONDS": "1"] }) { stack in
            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            let refused = try (0..<40).map { _ in
                try stack.customer().post("/balance/charges", #"{"amount":1000}"#).status
            }
            #expect(refused.allSatisfy { $0 == 503 })
            try other.execute("COMMIT")
            func lines(_ beginning: String) -> [Substring] {
                stack.log.split(separator: "\n").filter { $0.dropFirst(3).hasPrefix(beginning) }
            }
            #expect(lines("unavailable: ").count == 1)
            #expect(lines("nothing of a group could be written").count == 1)
            #expect(try stack.stopResponder() == 0)
            let last = lines("unavailable: ")
            #expect(last.count == 2 && last.last?.hasSuffix(" repeated=39") == true, "\(last)")
        }
    }

    @Test func `a database on a read-only disk is refused in one line`() throws {
        try SmallDisk.run(megabytes: 4) { disk in
            try Stack.run({
                $0.data = disk("data")
                $0.starts = false
                $0.hasNginx = false
            }) { stack in
                try disk.makeReadOnly()
                let outcome = try stack.jangteo("serve", "--socket", stack.socket)
                #expect(outcome.status != 0)
                #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
                #expect(outcome.errors.contains("shop.db"), "\(outcome.errors)")
            }
        }
    }

    private static let commands = [["serve", "--socket", "/nowhere/s"], ["popular"], ["audit"], ["cgi"], ["demo"]]

    @Test(arguments: commands)
    func `another schema is refused in one line`(command: [String]) throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in
            for (version, remedy) in [(99, "install a newer jangteo"), (0, "run jangteo migrate")] {
                try stack.sql().execute("PRAGMA user_version = \(version)")
                let outcome = try Jangteo.run(command + ["--data", stack.data])
                #expect(outcome.status != 0)
                #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
                #expect(outcome.errors.contains(remedy), "\(outcome.errors)")
            }
        }
    }

    @Test func `a newer schema is not migrated`() throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in
            try stack.sql().execute("PRAGMA user_version = 99")
            let outcome = try stack.jangteo("migrate")
            #expect(outcome.status != 0)
            #expect(outcome.errorLines.count == 1)
            #expect(try stack.sql().pragma("user_version") == "99")
        }
    }

    @Test(arguments: commands)
    func `a missing database is refused in one line`(command: [String]) throws {
        let folder = try TemporaryFolder()
        let outcome = try Jangteo.run(command + ["--data", folder.path])
        #expect(outcome.status != 0)
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("run jangteo migrate"), "\(outcome.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test(arguments: commands + [["migrate"]])
    func `a file that is not a database is refused in one line`(command: [String]) throws {
        let folder = try TemporaryFolder()
        let noise = String(repeating: "this is no database. ", count: 500)
        try write(noise, to: folder("shop.db"))
        let outcome = try Jangteo.run(command + ["--data", folder.path])
        #expect(outcome.status != 0)
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(try text(folder("shop.db")) == noise)
    }

    @Test func `a migration happens once and is not repeated`() throws {
        let folder = try TemporaryFolder()
        let data = folder("new/data")
        #expect(try Jangteo.mustRun(["migrate", "--data", data]).hasPrefix("schema version 0 -> "))
        #expect(try Jangteo.mustRun(["migrate", "--data", data]).hasSuffix("nothing to do\n"))
        #expect(try Jangteo.mustRun(["migrate", "--quiet", "--data", data]) == "")
        let attributes = try FileManager.default.attributesOfItem(atPath: data)
        #expect(attributes[.posixPermissions] as? Int == 0o711)
        let database = try FileManager.default.attributesOfItem(atPath: data + "/shop.db")
        #expect(database[.posixPermissions] as? Int == 0o600)
    }
}
