import FoundationEssentials
import Glibc
import POSIX
import Pictures
import Shop
import ShopStore

/// A folder of backups: `jangteo-20261125T031500Z.db.gz` from each night, and `last-good`, which says when the last one
/// was made.
struct BackupFolder {
    let path: String

    private static let prefix = "jangteo-"
    private static let suffix = ".db.gz"

    private var lastGoodPath: String { path + "/last-good" }
    private var lastFailedPath: String { path + "/last-failed" }

    /// Whether the last attempt at a nightly backup failed.
    var lastTryFailed: Bool { access(lastFailedPath, F_OK) == 0 }

    /// When the last nightly backup was made and verified; nil if there is none.
    var lastGood: BackupTime? {
        // If it cannot be read, there is none that anybody could rely on.
        guard let text = try? String(contentsOfFile: lastGoodPath, encoding: .utf8) else { return nil }
        return BackupTime(text.prefix { !$0.isNewline })
    }

    /// The times of the nightly backups in the folder.
    func times() throws -> [BackupTime] { try names().compactMap(Self.time) }

    /// Makes a nightly backup now, and records it.
    func makeNightly(of database: String, _ pictures: BackupPictures, at now: BackupTime) throws -> Nightly {
        try use { () throws -> Nightly in
            let file = name(now)
            let made = try BackupFile(database: database, pictures: pictures).makePacked(at: file)
            try note(now, at: lastGoodPath)
            unlink(lastFailedPath)
            return Nightly(file: file, made: made)
        }
    }

    /// Removes the nightly backups that the schedule does not keep; returns how many.
    func removeOld(keeping schedule: BackupSchedule) throws -> Int {
        try use { try prune(schedule) }
    }

    /// Records a failed attempt, for the metrics.
    func noteFailure(at time: BackupTime) throws { try note(time, at: lastFailedPath) }

    struct Nightly {
        let file: String
        let made: BackupFile.Made
    }

    /// Makes the backup that precedes a migration. Its own kind of name keeps it out of the schedule. It replaces an
    /// earlier one before the same migration, so a migration that keeps failing does not fill the disk.
    func makeBeforeMigration(of database: String, to version: Int) throws -> String {
        try use { () throws -> String in
            let file = "\(path)/\(Self.prefix)before-schema-\(version)\(Self.suffix)"
            _ = try BackupFile(database: database).makePacked(at: file)
            return file
        }
    }

    /// Runs the work with exclusive use of the folder, which is created if needed.
    private func use<Result>(_ work: () throws -> Result) throws -> Result {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandError("cannot make the folder \(path): look at its rights")
        }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw SystemError("cannot open \(path)") }
        defer { close(folder) }
        guard flock(folder, LOCK_EX | LOCK_NB) == 0 else {
            throw CommandError("another backup is writing to \(path): wait until it is done")
        }
        // Leftovers of a killed process.
        for name in try names() where name.hasPrefix(Self.prefix) && name.contains(".partial") {
            unlink("\(path)/\(name)")
        }
        return try work()
    }

    private func note(_ time: BackupTime, at path: String) throws {
        let file = try PartialFile(path)
        try Array("\(time.text)\n".utf8).withUnsafeBytes { try file.write($0) }
        try file.finish()
    }

    private func prune(_ schedule: BackupSchedule) throws -> Int {
        let times = try times()
        let old = Set(times).subtracting(schedule.kept(of: times))
        for time in old {
            guard unlink(name(time)) == 0 else { throw SystemError("cannot remove \(name(time))") }
        }
        if let oldest = times.filter({ !old.contains($0) }).min(by: { $0.seconds < $1.seconds }) {
            try PictureFolder(data: path).removeCopies(before: Timestamp(milliseconds: Int64(oldest.seconds) * 1_000))
        }
        return old.count
    }

    private func name(_ time: BackupTime) -> String { "\(path)/\(Self.prefix)\(time.name)\(Self.suffix)" }

    private static func time(_ name: String) -> BackupTime? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        return BackupTime(name.dropFirst(prefix.count).dropLast(suffix.count))
    }

    private func names() throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw CommandError("cannot read the folder \(path): look at its rights")
        }
    }
}

extension BackupTime {
    /// The machine's current time.
    static var now: Self { Self(seconds: time(nil)) }
}
