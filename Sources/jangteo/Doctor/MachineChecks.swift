import FoundationEssentials
import Glibc
import POSIX
import SQLite

/// What the machine brings: libraries and the time.
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

/// A package of Debian's, and the version in which holes that matter here were closed.
private struct Library {
    let package: String
    let fixed: String
    let hole: String

    /// Debian 12's. Later releases have a later version.
    static let known = [
        Library(package: "libsqlite3-0", fixed: "3.40.1-2+deb12u2", hole: "CVE-2025-6965")
    ]

    /// False as well where the machine does not have the package: then it has the library from elsewhere.
    func isOld() throws -> Bool {
        guard let installed = try answer("dpkg-query", ["--show", "--showformat=${Version}", package]) else {
            return false
        }
        return try answer("dpkg", ["--compare-versions", installed, "lt", fixed]) != nil
    }
}

/// What a program says in one line; nil where it fails, or is not there.
private func answer(_ program: String, _ arguments: [String]) throws -> String? {
    let outcome: Program.Outcome
    do {
        outcome = try Program.run(program, arguments)
    } catch is SystemError {
        return nil
    }
    return outcome.status == 0 ? String(outcome.words.prefix { !$0.isNewline }) : nil
}

/// Asked of systemd, which asks the kernel.
private func isUnsynchronized() throws -> Bool {
    try answer("timedatectl", ["show", "--property=NTPSynchronized", "--value"]) == "no"
}

/// How far the clock is behind the last order and the last run of the batch; nil where there are none, or no database.
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
