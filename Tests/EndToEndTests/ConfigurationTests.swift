import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// The settings: where they come from, and what is said about invalid ones.
struct ConfigurationTests {
    private func check(
        _ arguments: [String] = [], _ environment: [String: String] = [:], file: String? = nil
    ) throws -> Jangteo.Outcome {
        let folder = try TemporaryFolder()
        var arguments = ["serve", "--check"] + arguments
        if let file {
            try write(file, to: folder("shop.env"))
            arguments += ["--config", folder("shop.env")]
        }
        return try Jangteo.run(arguments, environment: environment)
    }

    @Test func `the check shows what is in force and where it comes from`() throws {
        let outcome = try check(
            ["--socket", "/run/shop/s"], ["JANGTEO_THREADS": "32"],
            file: "# a comment\n\nJANGTEO_DATA=\"/srv/the shop\"\n")
        #expect(outcome.status == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.contains("JANGTEO_SOCKET=/run/shop/s  # command line"))
        #expect(lines.contains("JANGTEO_THREADS=32  # environment"))
        #expect(lines.contains { $0.hasPrefix("JANGTEO_DATA=/srv/the shop  # /") && $0.hasSuffix("shop.env") })
        #expect(lines.contains("JANGTEO_LOG_LEVEL=info  # default"))
        #expect(lines.contains("JANGTEO_SYNCHRONOUS=full  # default"))
        #expect(lines.allSatisfy { $0.wholeMatch(of: /JANGTEO_[A-Z_]+=.*  # .+/) != nil })
    }

    @Test func `the command line wins over the environment and that over the file`() throws {
        func data(_ arguments: [String], _ environment: [String: String], file: String?) throws -> Substring? {
            try check(arguments, environment, file: file).output.split(separator: "\n")
                .first { $0.hasPrefix("JANGTEO_DATA=") }?.split(separator: " ").first
        }
        let file = "JANGTEO_DATA=/file"
        #expect(try data([], [:], file: nil) == "JANGTEO_DATA=var")
        #expect(try data([], [:], file: file) == "JANGTEO_DATA=/file")
        #expect(try data([], ["JANGTEO_DATA": "/environment"], file: file) == "JANGTEO_DATA=/environment")
        #expect(
            try data(["--data", "/line"], ["JANGTEO_DATA": "/environment"], file: file) == "JANGTEO_DATA=/line")
    }

    @Test func `the file can be named in the environment`() throws {
        let folder = try TemporaryFolder()
        try write("JANGTEO_THREADS=48\n", to: folder("f"))
        let outcome = try check([], ["JANGTEO_CONFIG": folder("f")])
        #expect(outcome.output.contains("JANGTEO_THREADS=48  # \(folder("f"))"))
    }

    // MARK: A sysadmin's changes, in files of their own

    /// Checks with a file and others in `conf.d` beside it.
    private func check(_ folder: TemporaryFolder, _ beside: [String: String]) throws -> Jangteo.Outcome {
        try FileManager.default.createDirectory(atPath: folder("conf.d"), withIntermediateDirectories: true)
        for (name, text) in beside { try write(text, to: folder("conf.d/\(name)")) }
        try write("JANGTEO_THREADS=16\nJANGTEO_READERS=2\n", to: folder("shop.conf"))
        return try Jangteo.run(["serve", "--check", "--config", folder("shop.conf")])
    }

    @Test func `files beside it win over the file, the last by name first`() throws {
        let folder = try TemporaryFolder()
        let outcome = try check(
            folder,
            [
                "10-site.conf": "JANGTEO_THREADS=32\nJANGTEO_LOG_LEVEL=debug\n", "20-rush.conf": "JANGTEO_THREADS=64\n",
                // Leftovers of editors and dpkg are ignored.
                ".hidden.conf": "JANGTEO_THREADS=3\n", "30.conf~": "JANGTEO_THREADS=4\n",
                "30.conf.dpkg-old": "JANGTEO_THREADS=5\n", "notes": "not a setting",
            ])
        #expect(outcome.status == 0, "\(outcome)")
        for line in [
            "JANGTEO_THREADS=64  # \(folder("conf.d/20-rush.conf"))",
            "JANGTEO_LOG_LEVEL=debug  # \(folder("conf.d/10-site.conf"))",
            "JANGTEO_READERS=2  # \(folder("shop.conf"))",
        ] {
            #expect(outcome.output.contains(line + "\n"), "\(outcome)")
        }
    }

    @Test func `a mistake in one is found and the file named`() throws {
        let folder = try TemporaryFolder()
        let outcome = try check(folder, ["a.conf": "JANGTEO_READERS=0\nJANGTEO_COLOUR=red\n"])
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains("JANGTEO_READERS is \"0\" (\(folder("conf.d/a.conf")))"), "\(outcome)")
        #expect(outcome.errors.contains("unknown setting JANGTEO_COLOUR"), "\(outcome)")
        let none = try check(folder, ["b.conf": "threads 16\n"])
        #expect(none.errors.contains("\(folder("conf.d/b.conf")), line 1: expected JANGTEO_NAME=value"), "\(none)")
    }

    @Test func `a quiet check says nothing but mistakes`() throws {
        let sound = try check(["--quiet"])
        #expect(sound.status == 0 && sound.output.isEmpty && sound.errors.isEmpty, "\(sound)")
        let wrong = try check(["--quiet"], ["JANGTEO_THREADS": "many"])
        #expect(wrong.status != 0 && wrong.output.isEmpty)
        #expect(wrong.errors.contains("JANGTEO_THREADS is \"many\""), "\(wrong)")
    }

    @Test func `all mistakes are found at once`() throws {
        let outcome = try check(
            [], ["JANGTEO_THREADS": "many", "JANGTEO_TREADS": "32", "JANGTEO_LOG_LEVEL": "loud"],
            file: "JANGTEO_READERS=0\nJANGTEO_COLOUR=red\n")
        #expect(outcome.status != 0)
        #expect(outcome.output.isEmpty)
        for mistake in [
            "JANGTEO_THREADS is \"many\" (environment): it has to be a whole number from 2 to 4096",
            "unknown setting JANGTEO_TREADS", "JANGTEO_LOG_LEVEL is \"loud\" (environment)",
            "JANGTEO_READERS is \"0\"", "unknown setting JANGTEO_COLOUR",
        ] {
            #expect(outcome.errors.contains(mistake), "\(outcome.errors)")
        }
    }

    @Test func `settings that contradict each other are a mistake`() throws {
        let outcome = try check([], ["JANGTEO_CHARGE_MINIMUM": "5000", "JANGTEO_CHARGE_MAXIMUM": "1000"])
        #expect(outcome.status != 0)
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("JANGTEO_CHARGE_MINIMUM has to be at most JANGTEO_CHARGE_MAXIMUM"))
        let other = try check([], ["JANGTEO_CHARGE_MINIMUM": "5000", "JANGTEO_BALANCE_LIMIT": "4000"])
        #expect(other.errors.contains("JANGTEO_CHARGE_MINIMUM has to be at most JANGTEO_BALANCE_LIMIT"))
    }

    @Test func `an invalid line is named`() throws {
        let outcome = try check(file: "JANGTEO_THREADS=16\nthreads 16\n")
        #expect(outcome.status != 0)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("line 2: expected JANGTEO_NAME=value"))
    }

    @Test(arguments: ["/nowhere/shop.env", "/", "/etc"])
    func `a file that cannot be read is refused in one line`(path: String) throws {
        let outcome = try check(["--config", path])
        #expect(outcome.status != 0)
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("cannot read the configuration file \(path)"))
    }

    @Test func `a mistake keeps the server from starting`() throws {
        try Stack.run({
            $0.starts = false
            $0.hasNginx = false
        }) { stack in
            let outcome = try stack.jangteo(
                "serve", "--socket", stack.socket, environment: ["JANGTEO_THREADS": "1"])
            #expect(outcome.status != 0)
            #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        }
    }
}
