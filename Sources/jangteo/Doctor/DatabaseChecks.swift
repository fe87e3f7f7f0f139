import Glibc
import SQLite
import ShopStore

/// The database itself.
let databaseChecks = [
    Check("database") { patient in
        let path = patient.settings.database
        do {
            try OrphanedLogError.check(path)
        } catch {
            return Finding("\(error)", do: "the manual's \"The database was moved or replaced\" has the rest")
        }
        guard status(of: path) != nil else {
            return Finding(
                "there is no database at \(path)",
                do: "run jangteo migrate --data \(patient.settings.data), or restore one")
        }
        do {
            return try databaseFinding(path, patient)
        } catch let error as SQLiteError where error.saysDamaged {
            return damaged(path, error.message)
        }
    }
]

private enum Bounds {
    /// How long the database is read unless all of it is asked for: some 300 MB on an ordinary disk.
    static let seconds = 4.0
}

private func databaseFinding(_ path: String, _ patient: Patient) throws -> Finding? {
    let data = patient.settings.data
    let sql = try readingConnection(path)
    let whole: Bool
    switch try DatabaseCopy.examine(sql, atMostSeconds: patient.isDeep ? nil : Bounds.seconds) {
    case .damaged(let words): return damaged(path, words)
    case .sound: whole = true
    case .unfinished: whole = false
    }
    switch try Migrations.version(of: sql) {
    case let version where version > Migrations.current:
        return Finding(
            "\(path) has schema version \(version), this program knows up to \(Migrations.current)",
            do: "install a newer jangteo, or restore a backup made with this one")
    case let version where version < Migrations.current:
        return Finding(
            "\(path) has schema version \(version), this program needs \(Migrations.current)",
            do: "run jangteo migrate --data \(data)")
    default: break
    }
    let mode = try sql.pragma("journal_mode")
    if mode == "wal" {
        return whole
            ? nil
            : Finding(
                remark: "of \(path) as much was read as goes in \(Int(Bounds.seconds)) s, and is sound: "
                    + "--deep reads all of it, as each nightly backup does")
    }
    return Finding("\(path) is in journal mode \(mode) and not in wal", do: "run jangteo migrate --data \(data)")
}

/// Opens it for reading beside the shop.
func readingConnection(_ path: String) throws -> Connection {
    try Connection(path: path, access: .readOnly, busyTimeoutMilliseconds: 2_000)
}

private func damaged(_ path: String, _ words: String) -> Finding {
    Finding(
        "\(path) is damaged (\(words))",
        do: "stop the shop, keep a copy of the file, and run jangteo restore with the last good backup")
}
