import Foundation
import SQLite
import ServerTestSupport
import Synchronization
import TestSupport
import Testing

/// `jangteo backup`: complete and verified, or not there.
struct BackupTests {
    private func withShop(_ test: (Stack, TemporaryFolder) throws -> Void) throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in try test(stack, TemporaryFolder()) }
    }

    private func nightly(
        _ stack: Stack, _ folder: String, environment: [String: String] = [:]
    ) throws -> Jangteo.Outcome {
        try stack.jangteo("backup", "--nightly", folder, environment: environment)
    }

    // MARK: While the shop sells

    @Test func `a copy made while the shop sells has everything answered before it, and its books are right`() throws {
        try Stack.run { stack in
            #expect(try stack.jangteo("demo", "--users", "20000").status == 0)
            let admin = try stack.admin()
            let product = try admin.addProduct(price: 1_000, stock: 1_000_000)
            let folder = try TemporaryFolder()
            let paid = Mutex<[Int64]>([])
            let over = Flag()
            let load = Crowd(12) { number in
                let customer = stack.customer(number)
                while !over.isRaised {
                    try customer.charge(1_000)
                    let order = try customer.order(product)
                    try customer.must(201, customer.post("/orders/\(order)/payment"))
                    paid.withLock { $0.append(order) }
                }
            }
            for number in 1...3 {
                let copy = folder("copy\(number).db")
                try eventually("more was paid") { paid.withLock { $0.count } > 20 * number }
                let before = paid.withLock { $0 }
                let outcome = try stack.jangteo("backup", copy)
                #expect(outcome.status == 0, "\(outcome.errors)")
                #expect(paid.withLock { $0.count } > before.count, "the shop sold meanwhile")
                let sql = try Connection(path: copy, access: .readOnly, busyTimeoutMilliseconds: 0)
                let there = Set(try sql.rows(of: "SELECT order_id FROM payments").map { $0.joined() })
                #expect(before.allSatisfy { there.contains("\($0)") })
            }
            over.raise()
            // Every request succeeded.
            _ = try load.wait()
            #expect(try stack.auditDifferences() == nil)

            let second = ["--data", folder("second")]
            try Jangteo.mustRun(["restore", folder("copy3.db")] + second)
            try Jangteo.mustRun(["audit"] + second)
            #expect(try content(folder("second/shop.db")) == content(folder("copy3.db")))
        }
    }

    @Test func `the copy is private, and a single file`() throws {
        try withShop { stack, folder in
            try write("what was there", to: folder("b.db"), mode: 0o644)
            try Jangteo.mustRun(["backup", folder("b.db"), "--data", stack.data])
            #expect(
                try FileManager.default.attributesOfItem(atPath: folder("b.db"))[.posixPermissions] as? Int == 0o600)
            #expect(try names(folder.path) == ["b.db"])
            #expect(try content(folder("b.db")) == content(stack.database))
        }
    }

    // MARK: A bad backup is not kept

    @Test(arguments: [
        ("UPDATE balances SET amount = amount + 1 WHERE user_id = 3", "user 3"),
        ("PRAGMA user_version = 99", "install a newer jangteo"),
        ("PRAGMA foreign_keys = OFF; INSERT INTO popular_products VALUES (1, 99, 1)", "popular_products"),
    ])
    func `a shop with wrong books gets no backup`(spoil: String, words: String) throws {
        try withShop { stack, folder in
            try stack.sql().execute(spoil)
            let outcome = try stack.jangteo("backup", folder("b.db"))
            #expect(outcome.status == 1)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(try names(folder.path) == [])
        }
    }

    @Test func `a damaged database gets no backup`() throws {
        try withShop { stack, folder in
            try damage(stack)
            let outcome = try stack.jangteo("backup", folder("b.db"))
            #expect(outcome.status == 1)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(try names(folder.path) == [])
        }
    }

    @Test func `on a full disk there is no new file, and the old one stays`() throws {
        try SmallDisk.run(megabytes: 1) { disk in
            try withShop { stack, _ in
                #expect(try stack.jangteo("demo", "--users", "20000").status == 0)
                try write("the one before", to: disk("b.db"))
                let outcome = try stack.jangteo("backup", disk("b.db"))
                #expect(outcome.status == 1)
                #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
                #expect(outcome.errors.contains("full"), "\(outcome.errors)")
                #expect(try names(disk("")) == ["b.db"])
                #expect(try text(disk("b.db")) == "the one before")

                let night = try nightly(stack, disk("nights"))
                #expect(night.status == 1)
                #expect(night.errorLines.count == 1, "\(night.errors)")
                #expect(night.errors.hasPrefix("<3>no backup was made"), "\(night.errors)")
                #expect(try names(disk("nights")) == ["last-failed"])
            }
        }
    }

    @Test func `the database is not replaced by its copy`() throws {
        try withShop { stack, folder in
            let outcome = try stack.jangteo("backup", stack.database)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("is the database itself"))
            #expect(try stack.jangteo("backup", folder.path).errors.contains("is a folder"))
        }
    }

    @Test func `an interrupted backup leaves no file`() throws {
        try withShop { stack, folder in
            #expect(try stack.jangteo("demo", "--users", "30000").status == 0)
            // On a busy machine it may be done before it is noticed.
            for _ in 0..<10 {
                let process = try ChildProcess(
                    Jangteo.path, ["backup", folder("b.db"), "--data", stack.data], errors: folder("log"))
                while process.exitStatus == nil, try names(folder.path).allSatisfy({ !$0.hasSuffix("partial") }) {}
                process.send(SIGTERM)
                let status = try process.wait()
                if status == 0 { continue }
                #expect(status == 128 + SIGTERM)
                #expect(try text(folder("log")).contains("interrupted"))
                return #expect(try names(folder.path).filter { $0 != "log" } == [])
            }
            Issue.record("never noticed before it was done")
        }
    }

    // MARK: Nightly

    @Test func `a nightly backup is compressed, dated and recorded`() throws {
        try withShop { stack, folder in
            let outcome = try nightly(stack, folder("nights"))
            #expect(outcome.status == 0, "\(outcome.errors)")
            let names = try names(folder("nights"))
            #expect(names.count == 2)
            #expect(names.last == "last-good")
            let name = try required(names.first, "no backup")
            let date = try required(name.wholeMatch(of: /jangteo-(\d{8}T\d{6}Z)\.db\.gz/)?.1, name)
            let counted = try text(folder("nights/last-good"))
            #expect(counted.filter { $0 != "-" && $0 != ":" } == date + "\n")
            #expect(
                try FileManager.default.attributesOfItem(atPath: folder("nights"))[.posixPermissions] as? Int == 0o700)
            try Jangteo.mustRun(["restore", folder("nights/\(name)"), "--data", folder("second")])
            #expect(try content(folder("second/shop.db")) == content(stack.database))
        }
    }

    @Test func `old backups go by the schedule, and other files stay`() throws {
        try withShop { stack, folder in
            let nights = folder("nights")
            try FileManager.default.createDirectory(atPath: nights, withIntermediateDirectories: true)
            for month in 1...12 {
                for day in ["01", "02"] {
                    try write("", to: "\(nights)/jangteo-2020\(month < 10 ? "0" : "")\(month)\(day)T031500Z.db.gz")
                }
            }
            let others = ["jangteo-before-schema-2.db.gz", "jangteo-mine.db.gz", "notes"]
            for name in others { try write("", to: "\(nights)/\(name)") }
            try write("", to: nights + "/jangteo-20201231T031500Z.db.partial")
            #expect(try nightly(stack, nights).status == 0)
            let left = try names(nights)
            #expect(others.allSatisfy { left.contains($0) })
            #expect(!left.contains { $0.hasSuffix(".partial") })
            #expect(!left.contains("jangteo-20200201T031500Z.db.gz"))
            #expect(left.contains("jangteo-20200202T031500Z.db.gz"))
            #expect(!left.contains("jangteo-20200102T031500Z.db.gz"), "the twelfth month before")
            #expect(left.contains("jangteo-20201201T031500Z.db.gz"), "of a day and no month")
        }
    }

    @Test func `old copies of the shop go after their days, once a night's backup is verified`() throws {
        try withShop { stack, folder in
            let nights = folder("nights")
            try FileManager.default.createDirectory(atPath: nights, withIntermediateDirectories: true)
            func time(daysAgo days: Int) -> String {
                let format = DateFormatter()
                format.locale = Locale(identifier: "en_US_POSIX")
                format.timeZone = TimeZone(identifier: "UTC")
                format.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
                return format.string(from: Date(timeIntervalSinceNow: -86_400 * Double(days) - 60))
            }
            for days in [9, 11] {
                let aside = "\(stack.database).before-restore-\(time(daysAgo: days))"
                for name in [aside, aside + "-wal", aside + "-2"] { try write("", to: name) }
                let newer = "\(stack.data)/newer-\(time(daysAgo: days))"
                try FileManager.default.createDirectory(atPath: newer, withIntermediateDirectories: true)
                try write("", to: newer + "/shop.db")
                let before = "\(nights)/jangteo-before-schema-\(days).db.gz"
                try write("", to: before)
                try FileManager.default.setAttributes(
                    [.modificationDate: Date(timeIntervalSinceNow: -86_400 * Double(days) - 60)], ofItemAtPath: before)
            }
            try write("", to: stack.data + "/newer-notes")
            func left() throws -> [String] {
                try names(stack.data).filter { $0.contains("before-restore") || $0.hasPrefix("newer") }
                    + names(nights).filter { $0.contains("before-schema") }
            }
            let all = try left()
            #expect(all.count == 11, "\(all)")

            #expect(try nightly(stack, nights).status == 0)
            #expect(try left() == all, "they have 30 days")
            let short = ["JANGTEO_COPY_DAYS": "10"]
            let failing = try makeProgram("gzip", "exit 1", in: folder).merging(short) { $1 }
            #expect(try nightly(stack, nights, environment: failing).status == 1)
            #expect(try left() == all, "without a backup of tonight none goes")
            let outcome = try nightly(stack, nights, environment: short)
            #expect(outcome.status == 0 && outcome.output.contains("5 copies"), "\(outcome)")
            let old = time(daysAgo: 11).prefix(8)
            #expect(
                try left().sorted()
                    == all.filter { !$0.contains(old) && $0 != "jangteo-before-schema-11.db.gz" }.sorted())
        }
    }

    @Test(arguments: [
        "echo gzip: no >&2; exit 1", "head -c 100", "case $1 in --test) exit 1 ;; *) exec /usr/bin/gzip \"$@\" ;; esac",
    ])
    func oneThatCannotBePackedIsNoneAndTheLastGoodOneStaysTheLast(gzip: String) throws {
        try withShop { stack, folder in
            // Compresses what it is given, but not what it should.
            let script = gzip.hasPrefix("head") ? "[ $1 = --test ] && exec /usr/bin/gzip --test || \(gzip)" : gzip
            let environment = try makeProgram("gzip", script, in: folder)
            try FileManager.default.createDirectory(atPath: folder("nights"), withIntermediateDirectories: true)
            try write("2026-11-01T00:00:00Z\n", to: folder("nights/last-good"))
            let outcome = try nightly(stack, folder("nights"), environment: environment)
            #expect(outcome.status == 1)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
            #expect(outcome.errors.hasPrefix("<3>"), "\(outcome.errors)")
            #expect(try names(folder("nights")).sorted() == ["last-failed", "last-good"])
            #expect(try text(folder("nights/last-good")) == "2026-11-01T00:00:00Z\n")
            #expect(try nightly(stack, folder("nights")).status == 0)
            #expect(try !names(folder("nights")).contains("last-failed"), "the next one that is good clears it")
        }
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func `a backup killed while compressing does not count, and the next one clears up`(signal: Int32) throws {
        try withShop { stack, folder in
            let environment = try makeProgram("gzip", "echo $$ >\(folder("pid")); exec sleep 60", in: folder)
            let process = try ChildProcess(
                Jangteo.path, ["backup", "--nightly", folder("nights"), "--data", stack.data],
                environment: environment, errors: folder("log"))
            // It waits for the disk, which the other tests keep busy.
            try eventually("it packs", within: 60) {
                if let status = process.exitStatus { throw Failure("\(status): \(try text(folder("log")))") }
                return try FileManager.default.fileExists(atPath: folder("pid")) && text(folder("pid")).hasSuffix("\n")
            }
            let gzip = try required(pid_t(text(folder("pid")).dropLast()), "no pid")
            defer { kill(gzip, SIGKILL) }

            let second = try nightly(stack, folder("nights"))
            #expect(second.status == 1)
            #expect(second.errors.contains("another backup is writing"), "\(second.errors)")

            process.send(signal)
            #expect(try process.wait() == 128 + signal)
            #expect(try names(folder("nights")).allSatisfy { $0.hasSuffix(".partial") || $0 == "last-failed" })
            if signal == SIGTERM {
                #expect(try names(folder("nights")) == ["last-failed"], "of the second")
                try eventually("gzip is ended too") { kill(gzip, 0) != 0 || isDead(gzip) }
            }
            #expect(try nightly(stack, folder("nights")).status == 0)
            #expect(try names(folder("nights")).count == 2)
        }
    }

    /// Whether the process is only waiting to be reaped.
    private func isDead(_ pid: pid_t) -> Bool {
        // Gone in between counts as dead, too.
        ((try? text("/proc/\(pid)/stat")) ?? ") Z").contains(") Z")
    }

    // MARK: Before a migration

    @Test func `a database with data is backed up before it is migrated`() throws {
        let folder = try TemporaryFolder()
        let data = ["--data", folder.path, "--backup", folder("backups")]
        try makeFirstSchema(folder("shop.db"))
        let before = try content(folder("shop.db"))
        let output = try Jangteo.mustRun(["migrate"] + data)
        #expect(output.contains("holds the shop as it was"))
        let names = try names(folder("backups"))
        #expect(names.count == 1 && names.allSatisfy { $0.hasPrefix("jangteo-before-schema-") }, "\(names)")
        try Jangteo.mustRun(["audit", "--data", folder.path])

        let second = ["--data", folder("second")]
        let restored = try Jangteo.mustRun(["restore", folder("backups/\(names[0])")] + second)
        #expect(restored.contains("schema version 1") && restored.contains("run jangteo migrate"), "\(restored)")
        #expect(try content(folder("second/shop.db")) == before)
        try Jangteo.mustRun(["migrate"] + second)
        try Jangteo.mustRun(["audit"] + second)
    }

    @Test func `a new database and one that needs nothing are not backed up`() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            try Jangteo.mustRun(["migrate", "--data", folder("data"), "--backup", folder("backups")])
            #expect(try names(folder.path) == ["data"])
        }
    }

    @Test func `without a backup nothing is migrated`() throws {
        let folder = try TemporaryFolder()
        try makeFirstSchema(folder("shop.db"))
        let before = try content(folder("shop.db"))
        let outcome = try Jangteo.run(["migrate", "--data", folder.path, "--backup", "/dev/null/backups"])
        #expect(outcome.status == 1)
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("not migrated"))
        #expect(try content(folder("shop.db")) == before)
    }

    /// A database of the first schema with a customer in it, as a shop of that time left it.
    private func makeFirstSchema(_ path: String) throws {
        let source = try text(packageFolder + "/Sources/ShopStore/Schema/Schema0001.swift")
        let schema = try required(source.components(separatedBy: #"""""#).dropFirst().first, "no schema")
        try Connection(path: path, access: .create, busyTimeoutMilliseconds: 0).execute(
            """
            PRAGMA journal_mode = WAL; \(schema); PRAGMA user_version = 1;
            INSERT INTO users VALUES (7, 'kim', 'kim', 'customer', '', NULL, 0);
            INSERT INTO balances VALUES (7, 0, 0);
            """)
    }
}
