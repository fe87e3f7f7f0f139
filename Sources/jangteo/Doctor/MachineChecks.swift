import FoundationEssentials
import Glibc
import POSIX
import SQLite

/// What comes with the machine: libraries and the time.
let machineChecks = [
    Check("libraries") { _ in
        let old = try Library.known.filter { try $0.isOld() }
        guard !old.isEmpty else { return nil }
        let names = old.map { "\($0.package) before \($0.fixed) (\($0.hole))" }.joined(separator: ", ")
        return Finding("known holes in \(names)", do: "apt update and apt upgrade, then restart jangteo.service")
    },
    Check("clock") { patient in
        if let ahead = try secondsBehind(patient), ahead > 60 {
            return Finding(
                "the clock is \(ahead) s behind what the shop has recorded", do: "set it, and look at timedatectl")
        }
        guard try isUnsynchronized() else { return nil }
        return Finding(
            "nothing keeps the clock right", do: "apt install systemd-timesyncd, and look at timedatectl")
    },
]

/// A Debian package, and the version that fixed the vulnerabilities that matter here.
private struct Library {
    let package: String
    let fixed: String
    let hole: String

    /// For Debian 12. Later releases have later versions.
    static let known = [
        Library(package: "libsqlite3-0", fixed: "3.40.1-2+deb12u2", hole: "CVE-2025-6965")
    ]

    /// Also false if the machine does not have the package: then the library comes from elsewhere.
    func isOld() throws -> Bool {
        guard let installed = try answer("dpkg-query", ["--show", "--showformat=${Version}", package]) else {
            return false
        }
        return try answer("dpkg", ["--compare-versions", installed, "lt", fixed]) != nil
    }
}

/// A program's output as one line; nil if it fails or does not exist.
private func answer(_ program: String, _ arguments: [String]) throws -> String? {
    let outcome: Program.Outcome
    do {
        outcome = try Program.run(program, arguments)
    } catch is SystemError {
        return nil
    }
    return outcome.status == 0 ? String(outcome.words.prefix { !$0.isNewline }) : nil
}

/// Asks systemd, which asks the kernel.
private func isUnsynchronized() throws -> Bool {
    try answer("timedatectl", ["show", "--property=NTPSynchronized", "--value"]) == "no"
}

/// How far the clock is behind the last order and the last batch; nil if there are none, or no database.
private func secondsBehind(_ patient: Patient) throws -> Int? {
    guard status(of: patient.settings.database) != nil else { return nil }
    let newest = try readingConnection(patient.settings.database).rows(
        of: """
            SELECT max(time) FROM
                (SELECT computed_at AS time FROM popular_runs UNION ALL
                SELECT * FROM (SELECT created_at FROM orders ORDER BY id DESC LIMIT 1))
            """)
    return Int(newest.first?.first ?? "").map { $0 / 1_000 - patient.now.seconds }
}
