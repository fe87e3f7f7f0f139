import FoundationEssentials
import Glibc
import ShopStore

/// Old copies of a shop, for somebody who finds out late that they need one: from before a migration (`before-schema`),
/// from before a restoration (`before-restore`), and from going back to an older version (`newer`).
struct OldCopies {
    /// The data folder, which has the last two kinds.
    let data: String
    /// The backup folder, which has the first kind; "" for none.
    let backups: String

    struct Copy {
        let path: String
        let kind: String
        /// When it was set aside, in seconds since 1970.
        let seconds: Int
    }

    /// All copies.
    func all() throws -> [Copy] {
        try found(in: data, Self.putAside) + found(in: backups, Self.beforeMigration)
    }

    /// Removes those older than this many days; returns how many.
    func remove(olderThanDays days: Int, at now: BackupTime) throws -> Int {
        let old = try all().filter { Self.days(since: $0, now) >= days }
        for copy in old {
            do {
                try FileManager.default.removeItem(atPath: copy.path)
            } catch {
                throw CommandError("cannot remove \(copy.path): look at its rights")
            }
        }
        return old.count
    }

    static func days(since copy: Copy, _ now: BackupTime) -> Int { (now.seconds - copy.seconds) / 86_400 }

    // MARK: Names

    /// The name of a database that a restoration sets aside.
    static func name(ofReplaced database: String, at time: BackupTime) -> String {
        "\(database).before-restore-\(time.name)"
    }

    /// `shop.db.before-restore-20261125T040700Z`, with a number if there are several in one second, and the files that
    /// SQLite keeps beside each; and the folder `newer-20261125T040700Z`.
    private static func putAside(_ name: String, _ path: String) -> Copy? {
        let pattern = /(?:shop\.db\.(before-restore)|(newer))-(\d{8}T\d{6}Z)(?:-\d+)?(?:-wal|-shm|-journal)?/
        guard let match = name.wholeMatch(of: pattern)?.output, let time = BackupTime(match.3) else { return nil }
        return Copy(path: path, kind: String(match.1 ?? match.2 ?? ""), seconds: time.seconds)
    }

    /// `jangteo-before-schema-3.db.gz`. It is written only once, so its file time is when it was made.
    private static func beforeMigration(_ name: String, _ path: String) -> Copy? {
        guard name.wholeMatch(of: /jangteo-before-schema-\d+\.db\.gz/) != nil else { return nil }
        return status(of: path).map { Copy(path: path, kind: "before-schema", seconds: $0.st_mtim.tv_sec) }
    }

    private func found(in folder: String, _ copy: (String, String) -> Copy?) throws -> [Copy] {
        guard status(of: folder) != nil else { return [] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw CommandError("cannot read the folder \(folder): look at its rights")
        }
        return names.sorted().compactMap { copy($0, "\(folder)/\($0)") }
    }
}
