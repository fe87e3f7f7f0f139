import Foundation
import SQLite
import ServerTestSupport
import TestSupport
import Testing

/// `jangteo doctor`: everything that can go wrong is made to go wrong.
struct DoctorTests {
    /// What comes with the test machine is not the shop's; each has a test of its own.
    private static let ofTheMachine = ["disk", "fsync", "libraries", "clock", "backup-disk"]

    /// A shop with nothing wrong, with its backup and its popular list.
    func withHealthyShop(
        _ change: (inout Stack.Options) -> Void = { _ in }, _ test: (Stack) throws -> Void
    ) throws {
        try Stack.run({
            $0.hasNginx = false
            change(&$0)
        }) { stack in
            try Jangteo.mustRun(["popular", "--data", stack.data])
            try Jangteo.mustRun(["backup", "--nightly", stack.folder("backups"), "--data", stack.data])
            try write(stack.nginxConfiguration(), to: stack.folder("nginx.conf"))
            try test(stack)
        }
    }

    func doctor(
        _ stack: Stack, only check: String? = nil, environment: [String: String] = [:]
    ) throws -> Jangteo.Outcome {
        let all = [
            "folder", "disk", "fsync", "database", "pictures", "readers", "nginx", "socket", "connections", "addresses",
            "libraries", "clock", "popular", "backup", "copies", "backup-disk",
        ]
        let skipped = check.map { check in all.filter { $0 != check } } ?? Self.ofTheMachine
        return try Jangteo.run(
            ["doctor", "--data", stack.data, "--socket", stack.socket, "--nginx-conf", stack.folder("nginx.conf")]
                + ["--backups", stack.folder("backups")] + skipped.flatMap { ["--skip", $0] },
            environment: environment)
    }

    /// Expects one check to find something, and to say this.
    func finds(
        _ words: String, _ check: String, _ stack: Stack, environment: [String: String] = [:],
        at place: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try doctor(stack, only: check, environment: environment)
        #expect(outcome.status == 1, sourceLocation: place)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 1, "\(outcome)", sourceLocation: place)
        #expect(outcome.output.hasPrefix("\(check): "), "\(outcome)", sourceLocation: place)
        #expect(outcome.output.contains(words), "\(outcome)", sourceLocation: place)
        #expect(outcome.errors == "", sourceLocation: place)
    }

    func finds(nothing check: String, _ stack: Stack, environment: [String: String] = [:]) throws {
        let outcome = try doctor(stack, only: check, environment: environment)
        #expect(outcome.status == 0 && outcome.output == "nothing found\n", "\(outcome)")
    }

    @Test func `it finds nothing wrong with a healthy shop`() throws {
        try withHealthyShop { stack in
            let outcome = try doctor(stack)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output == "nothing found\n")
            #expect(outcome.errors == "")
        }
    }

    @Test func `an unknown check is a usage error`() throws {
        let outcome = try Jangteo.run(["doctor", "--skip", "health"])
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("there is no check health"))
    }

    // MARK: The data

    @Test func `data that others can read are found`() throws {
        try withHealthyShop { stack in
            chmod(stack.data, 0o755)
            try finds("others can look into \(stack.data): chmod 711", "folder", stack)
            // nginx goes through it to the pictures, but sees nothing else.
            chmod(stack.data, 0o711)
            try finds(nothing: "folder", stack)
            chmod(stack.database, 0o644)
            try finds("others can read \(stack.database): chmod 600", "folder", stack)
            // Whoever opens the folder for nginx, as the doctor may ask for, must not open the file with it.
            chmod(stack.data, 0o700)
            try finds("others can read \(stack.database): chmod 600 \(stack.database)", "folder", stack)
            // Files first: what is done in between is done with a folder that is shut.
            chmod(stack.data, 0o755)
            try finds("others can read \(stack.database)", "folder", stack)
            chmod(stack.database, 0o600)
            chmod(stack.data, 0o700)
            for suffix in ["-wal", "-shm"] {
                chmod(stack.database + suffix, 0o640)
                try finds("others can read \(stack.database)\(suffix): chmod 600", "folder", stack)
                chmod(stack.database + suffix, 0o600)
            }
            try finds(nothing: "folder", stack)
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root can give files away: not tested"))
    func `a file that belongs to somebody else is found`() throws {
        try withHealthyShop { stack in
            chown(stack.database, 65_534, 65_534)
            try finds("does not belong to the owner", "folder", stack)
        }
    }

    @Test func `a missing database is found`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            for suffix in ["", "-wal", "-shm"] { unlink(stack.database + suffix) }
            try finds("there is no database at \(stack.database): run jangteo migrate", "database", stack)
            try finds(nothing: "popular", stack)
        }
    }

    @Test func `a damaged database is found`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            try damage(stack)
            try finds("is damaged", "database", stack)
            try write("no database at all, for sure", to: stack.database)
            try finds("is damaged", "database", stack)
        }
    }

    /// With a disk that takes a third of a second per page, as if there were many more of them.
    @Test(.enabled(if: access("/usr/bin/strace", X_OK) == 0, "there is no strace: not tested"))
    func `a large database is read for a few seconds only`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            let slowly = try ChildProcess(
                "/usr/bin/strace",
                ["-qq", "-f", "-o", "/dev/null", "-e", "inject=pread64:delay_enter=300000", Jangteo.path, "doctor"]
                    + ["--data", stack.data, "--skip", "clock", "--skip", "popular"],
                output: stack.folder("said"))
            _ = try slowly.wait(seconds: 60)
            let said = try text(stack.folder("said"))
            #expect(said.contains("database: of \(stack.database) as much was read as goes in 4 s"), "\(said)")
            try finds(nothing: "database", stack)
        }
    }

    @Test(arguments: [
        ("PRAGMA user_version = 99", "install a newer jangteo"), ("PRAGMA user_version = 1", "run jangteo migrate"),
        ("PRAGMA journal_mode = DELETE", "is in journal mode delete"),
    ])
    func `a database that the shop cannot use is found`(spoil: String, words: String) throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            // A WAL left by another connection keeps the mode as it is.
            try stack.sql().checkpoint(.truncate)
            for suffix in ["-wal", "-shm"] { unlink(stack.database + suffix) }
            try stack.sql().execute(spoil)
            try finds(words, "database", stack)
        }
    }

    /// A shop whose log has grown while another process reads.
    private func withLongReader(_ test: (Stack, ChildProcess) throws -> Void) throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            let program = """
                import sqlite3, sys, time
                shop = sqlite3.connect(sys.argv[1], isolation_level=None)
                shop.execute("BEGIN")
                shop.execute("SELECT count(*) FROM users").fetchall()
                print("reads", flush=True)
                time.sleep(600)
                """
            try write(program, to: stack.folder("reader.py"))
            // A process's name must not be taken for one of doctor's lines.
            let arguments = [stack.folder("reader.py"), stack.database, "\nclock: \u{1b}[31m\u{202e}all is well"]
            let reader = try ChildProcess("/usr/bin/python3", arguments, output: stack.folder("reader"))
            defer { reader.end() }
            try eventually("the reader reads") { try text(stack.folder("reader")) == "reads\n" }
            try finds(nothing: "readers", stack)
            // As if this much had been written meanwhile: SQLite looks no further than it has written.
            #expect(truncate(stack.database + "-wal", 300 << 20) == 0)
            try test(stack, reader)
        }
    }

    @Test func `a process that reads so long that the log grows is named`() throws {
        try withLongReader { stack, reader in
            try finds("shop.db-wal has 300 MiB, and grows until", "readers", stack)
            try finds("by process \(reader.pid) (/usr/bin/python3 \(stack.folder("reader.py"))", "readers", stack)
            try finds("\\u{a}clock: \\u{1b}[31m\\u{202e}all is well, of the user", "readers", stack)
            try finds("of the user \(NSUserName()), running since 20", "readers", stack)
            reader.end()
            try finds("has 300 MiB, and no process that can be seen from here reads for long", "readers", stack)
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root can make a namespace of processes: not tested"))
    func `a reader that cannot be seen from a container is not denied`() throws {
        try withLongReader { stack, _ in
            let inside = try ChildProcess(
                "/usr/bin/unshare",
                ["--pid", "--fork", "--mount-proc", Jangteo.path, "doctor", "--data", stack.data]
                    + ["--skip", "fsync", "--skip", "database"], output: stack.folder("said"))
            _ = try inside.wait(seconds: 60)
            let said = try text(stack.folder("said"))
            #expect(said.contains("no process that can be seen from here reads for long"), "\(said)")
            #expect(said.contains("fuser -v \(stack.database)-shm tells"), "\(said)")
        }
    }

    @Test func `a disk that is nearly full is found`() throws {
        try SmallDisk.run(megabytes: 8) { disk in
            try withHealthyShop({ $0.data = disk("data") }) { stack in
                try disk.fill()
                try finds("0 MiB", "disk", stack)
            }
        }
    }

    // MARK: The machine

    @Test func `libraries with known vulnerabilities are found`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            func installed(_ version: String) -> String {
                "case $3 in libsqlite3-0) printf %s '\(version)' ;; *) exit 1 ;; esac"
            }
            let old = try makeProgram("dpkg-query", installed("3.40.1-2+deb12u1"), in: stack.folder)
            try finds("libsqlite3-0 before 3.40.1-2+deb12u2 (CVE-2025-6965)", "libraries", stack, environment: old)
            let new = try makeProgram("dpkg-query", installed("3.40.1-2+deb12u2"), in: stack.folder)
            try finds(nothing: "libraries", stack, environment: new)
            try finds(nothing: "libraries", stack, environment: ["PATH": "/nowhere"])
        }
    }

    @Test func `a clock that is not synchronized or is behind is found`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            let kept = try makeProgram("timedatectl", "echo yes", in: stack.folder)
            try finds(nothing: "clock", stack, environment: kept)
            try stack.sql().execute("UPDATE popular_runs SET computed_at = (unixepoch() + 3600) * 1000")
            try finds("s behind what the shop has recorded", "clock", stack, environment: kept)
            try stack.sql().execute("UPDATE popular_runs SET computed_at = 0")
            let loose = try makeProgram("timedatectl", "echo no", in: stack.folder)
            try finds("nothing keeps the clock right", "clock", stack, environment: loose)
        }
    }

    // MARK: Timers

    @Test func `a late batch is found`() throws {
        try withHealthyShop { stack in
            try stack.sql().execute("UPDATE popular_runs SET computed_at = (unixepoch() - 3600) * 1000")
            try finds("was last made 60 minutes ago: look at systemctl status jangteo-popular.timer", "popular", stack)
            try stack.sql().execute("DELETE FROM popular_runs")
            try finds("was never made", "popular", stack)
        }
    }

    @Test func `an old or missing backup is found`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            let folder = stack.folder("backups")
            let lastGood = try text(folder + "/last-good")
            try write("2026-01-01T00:00:00Z\n", to: folder + "/last-good")
            try finds("hours old: look at systemctl status jangteo-backup.timer", "backup", stack)
            try write("soon\n", to: folder + "/last-good")
            try finds("has no good backup", "backup", stack)
            try write(lastGood, to: folder + "/last-good")
            try finds(nothing: "backup", stack)
            for name in try names(folder) where name.hasSuffix(".gz") { unlink("\(folder)/\(name)") }
            try finds("is not in \(folder) any more", "backup", stack)

            chmod(folder, 0o755)
            try finds("others can look into \(folder): chmod 700", "backup-disk", stack)
            try FileManager.default.removeItem(atPath: folder)
            try finds("has no good backup", "backup", stack)
            let none = try Jangteo.run(["doctor", "--data", stack.data])
            #expect(none.status == 1)
            #expect(none.output.contains("backup: no backups are made: set JANGTEO_BACKUPS"), "\(none)")
        }
    }

    @Test func `old copies of the shop are counted, and forgotten ones found`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            for second in 1...2 {
                try write("", to: "\(stack.database).before-restore-29991125T03150\(second)Z")
            }
            try write("", to: stack.folder("backups/jangteo-before-schema-2.db.gz"))
            let outcome = try doctor(stack, only: "copies")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(
                outcome.output == """
                    copies: copies of the shop as it was: 2 before-restore, 1 before-schema; each is removed after 30 days
                    nothing found

                    """)
            try write("", to: "\(stack.data)/newer-20200101T000000Z")
            try finds(
                "1 of the copies of the shop as it was (2 before-restore, 1 before-schema, 1 newer)", "copies", stack)
        }
    }

    /// Root cannot become more than root.
    @Test func `a user who cannot look is told what would help`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            unlink(stack.folder("nginx.conf"))
            let outcome = try doctor(stack)
            #expect(outcome.status == 1)
            let advice = getuid() == 0 ? "see to what is named" : "run this as root, or see to what is named"
            #expect(outcome.output.contains("nginx.conf: \(advice)\n"), "\(outcome)")
        }
    }

    @Test func `a disk without room for the next backup is found`() throws {
        try SmallDisk.run(megabytes: 1) { disk in
            try withHealthyShop({ $0.starts = false }) { stack in
                try disk.fill()
                chmod(disk(""), 0o700)
                let outcome = try Jangteo.run(["doctor", "--data", stack.data, "--backups", disk("")])
                #expect(outcome.output.contains("backup-disk: 0 MiB"), "\(outcome)")
                #expect(outcome.output.contains("the next backup may not fit"))
            }
        }
    }
}
