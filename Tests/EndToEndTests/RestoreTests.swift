import Foundation
import SQLite
import ServerTestSupport
import TestSupport
import Testing

/// `jangteo restore`: the backup is there, or everything is as it was.
struct RestoreTests {
    private func withBackup(_ test: (Stack, TemporaryFolder) throws -> Void) throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in
            let folder = try TemporaryFolder()
            try Jangteo.mustRun(["backup", folder("b.db"), "--data", stack.data])
            try test(stack, folder)
        }
    }

    @Test func `the backup replaces the database, which is kept`() throws {
        try withBackup { stack, folder in
            let before = try content(stack.database)
            #expect(try stack.jangteo("demo", "--users", "5").status == 0)
            let later = try content(stack.database)
            let outcome = try stack.jangteo("restore", folder("b.db"))
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.split(separator: "\n").count == 1)
            #expect(try content(stack.database) == before)
            let aside = try required(
                names(stack.data).first { $0.contains(/^shop\.db\.before-restore-\d{8}T\d{6}Z$/) }, "nothing aside")
            #expect(outcome.output.contains(aside))
            #expect(try content("\(stack.data)/\(aside)") == later)

            try stack.startResponder()
            try stack.stopResponder()
            #expect(try stack.auditDifferences() == nil)
            // And back again: what was set aside is as good as any backup.
            #expect(try stack.jangteo("restore", "\(stack.data)/\(aside)").status == 0)
            #expect(try content(stack.database) == later)
            #expect(try names(stack.data).filter { $0.contains("before-restore") && $0.hasSuffix("Z") }.count >= 1)
        }
    }

    @Test func `a link that somebody planted is not followed`() throws {
        try withBackup { stack, folder in
            let victim = folder("victim")
            try write("precious\n", to: victim)
            func planted(_ name: String, _ command: String...) throws -> Jangteo.Outcome {
                let place = "\(stack.data)/\(name)"
                try? FileManager.default.removeItem(atPath: place)
                try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: victim)
                defer { try? FileManager.default.removeItem(atPath: place) }
                return try Jangteo.run(command + ["--data", stack.data])
            }
            #expect(try planted("shop.db.partial", "restore", folder("b.db")).status != 0)
            #expect(try planted("shop.lock", "restore", folder("b.db")).status != 0)
            _ = try planted("doctor.partial", "doctor", "--nginx-conf", folder("none"))
            #expect(try text(victim) == "precious\n")
            #expect(try stack.jangteo("restore", folder("b.db")).status == 0)
        }
    }

    @Test func `what is in the WAL is kept with the rest`() throws {
        try withBackup { stack, folder in
            let sql = try stack.sql()
            sql.leaveWALOnClose()
            try sql.execute("UPDATE users SET name = 'in the WAL' WHERE id = 3")
            #expect(try stack.jangteo("restore", folder("b.db")).status == 0)
            let aside = try required(names(stack.data).first { $0.contains("before-restore") }, "nothing aside")
            let kept = try Connection(
                path: "\(stack.data)/\(aside)", access: .readOnly, busyTimeoutMilliseconds: 0)
            #expect(try kept.rows(of: "SELECT name FROM users WHERE id = 3") == [["in the WAL"]])
            #expect(try stack.sql().rows(of: "SELECT name FROM users WHERE id = 3") != [["in the WAL"]])
        }
    }

    @Test func `a damaged database is replaced, and kept with its WAL`() throws {
        try withBackup { stack, folder in
            let before = try content(stack.database)
            try stack.sql().checkpoint(.truncate)
            try write("no database", to: stack.database)
            try write("no WAL", to: stack.database + "-wal")
            let outcome = try stack.jangteo("restore", folder("b.db"))
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try content(stack.database) == before)
            let aside = try names(stack.data).filter { $0.contains("before-restore") }
            #expect(aside.filter { $0.hasSuffix("Z") }.count == 1)
            #expect(aside.filter { $0.hasSuffix("Z-wal") }.count == 1, "\(aside)")
        }
    }

    @Test func `a bad backup is refused, and nothing changes`() throws {
        try withBackup { stack, folder in
            try Jangteo.mustRun(["backup", "--nightly", folder("n"), "--data", stack.data])
            let packed = try required(names(folder("n")).first, "no backup")
            let before = try content(stack.database)
            let files = try names(stack.data)

            func refuses(_ name: String, _ words: String, _ spoil: (String) throws -> Void) throws {
                let path = folder(name)
                try? FileManager.default.removeItem(atPath: path)  // left by the previous case, if there was one
                let good = name.hasSuffix("gz") ? folder("n/\(packed)") : folder("b.db")
                try FileManager.default.copyItem(atPath: good, toPath: path)
                try spoil(path)
                let outcome = try stack.jangteo("restore", path)
                #expect(outcome.status == 1, "\(words)")
                #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
                #expect(outcome.errors.contains(words), "\(outcome.errors)")
                #expect(try names(stack.data) == files)
                #expect(try content(stack.database) == before)
            }
            func sql(_ sql: String) -> (String) throws -> Void {
                { try Connection(path: $0, access: .readWrite, busyTimeoutMilliseconds: 0).execute(sql) }
            }
            func cut(_ path: String) throws {
                let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
                guard truncate(path, off_t(size / 2)) == 0 else { throw Failure("truncate") }
            }
            try refuses("x.db", "damaged") { try damage($0) }
            try refuses("x.db", "damaged", cut)
            try refuses("x.db", "no database of a shop") { truncate($0, 0) }
            try refuses("x.db", "damaged") { try write(String(repeating: "no database ", count: 1_000), to: $0) }
            try refuses("x.db", "the audit finds", sql("UPDATE balances SET amount = amount + 1"))
            try refuses("x.db", "install a newer jangteo", sql("PRAGMA user_version = 99"))
            try refuses("x.db.gz", "cannot unpack", cut)
            try refuses("x.db.gz", "cannot unpack") { path in
                let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
                try file.seek(toOffset: 2_000)
                try file.write(contentsOf: Data([0, 1, 2, 3]))
                try file.close()
            }
            try refuses("x.db", "a database in use") { try write("x", to: $0 + "-wal") }
        }
    }

    @Test func `the database itself and a missing file are refused`() throws {
        try withBackup { stack, folder in
            let itself = try stack.jangteo("restore", stack.database)
            #expect(itself.errors.contains("is the database itself"))
            let nothing = try stack.jangteo("restore", folder("no.db"))
            #expect(nothing.errors.contains("cannot open"))
        }
    }

    @Test func `on a full disk nothing changes`() throws {
        try SmallDisk.run(megabytes: 2) { disk in
            try withBackup { stack, folder in
                #expect(try stack.jangteo("demo", "--users", "20000").status == 0)
                try Jangteo.mustRun(["backup", folder("large.db"), "--data", stack.data])
                try Jangteo.mustRun(["restore", folder("b.db"), "--data", disk("data")])
                let outcome = try Jangteo.run(["restore", folder("large.db"), "--data", disk("data")])
                #expect(outcome.status == 1)
                #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
                #expect(
                    try names(disk("data")).filter { !$0.hasSuffix("-shm") && !$0.hasSuffix("-wal") } == [
                        "shop.db", "shop.lock",
                    ])
                #expect(try content(disk("data/shop.db")) == content(folder("b.db")))
            }
        }
    }

    // MARK: Refused while a shop runs

    @Test func `it is refused while a shop runs, and the shop goes on`() throws {
        try Stack.run { stack in
            let folder = try TemporaryFolder()
            try Jangteo.mustRun(["backup", folder("b.db"), "--data", stack.data])
            try stack.customer().charge(5_000)
            let outcome = try stack.jangteo("restore", folder("b.db"))
            #expect(outcome.status == 1)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("a shop runs on"), "\(outcome.errors)")
            #expect(outcome.errors.contains("systemctl stop"), "\(outcome.errors)")
            #expect(try stack.customer().balance() == 5_000)
            #expect(try names(stack.data).allSatisfy { !$0.contains("restore") && !$0.contains("partial") })

            // Once killed, it holds nothing any more.
            try stack.responder.end()
            #expect(try stack.jangteo("restore", folder("b.db")).status == 0)
            try stack.startResponder()
            #expect(try stack.customer().balance() == 0)
        }
    }

    @Test(arguments: [
        ["serve", "--socket", "/tmp/nobody"], ["popular"], ["migrate"], ["demo"], ["backup", "/dev/null/b"],
    ])
    func `meanwhile nothing else can use the database`(command: [String]) throws {
        try withBackup { stack, _ in
            let lock = open(stack.data + "/shop.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(lock) }
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            let outcome = try Jangteo.run(command + ["--data", stack.data])
            #expect(outcome.status == 1)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains("is being restored"), "\(outcome.errors)")
        }
    }
}
