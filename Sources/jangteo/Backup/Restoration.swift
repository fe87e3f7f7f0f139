import Glibc
import POSIX
import SQLite
import ShopStore

/// Replaces the database by a backup. The caller holds the shop's lock alone.
struct Restoration {
    let database: String
    let folder: String
    let pictures: BackupPictures

    struct Restored {
        let version: Int
        let pictures: BackupPictures.Found
        /// The path of the previous database now.
        let aside: String?
    }

    func restore(_ backup: String) throws -> Restored {
        let source = try openBackup(backup)
        defer { close(source) }
        let copy = try PartialFile(database)
        giveToOwner(of: folder, copy.file)
        try unpack(source, backup, into: copy)
        let (version, pictures) = try prove(copy, backup)
        return try copy.finish { Restored(version: version, pictures: pictures, aside: try setAside()) }
    }

    private func openBackup(_ path: String) throws -> Int32 {
        if sameFile(path, database) { throw CommandError("\(path) is the database itself: name a backup") }
        var status = stat()
        if stat(path + "-wal", &status) == 0, status.st_size > 0 {
            throw CommandError("\(path) is a database in use, \(path)-wal belongs to it: make a backup of it first")
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw SystemError("cannot open \(path)") }
        return file
    }

    private func unpack(_ source: Int32, _ backup: String, into copy: PartialFile) throws {
        if Gzip.isPacked(source) { return try Gzip.unpack(source, into: copy) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(source, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            guard count > 0 else { throw SystemError("cannot read \(backup)") }
            try copy.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private func prove(_ copy: PartialFile, _ backup: String) throws -> (version: Int, BackupPictures.Found) {
        let unpacked = DatabaseCopy(path: copy.partialPath)
        do {
            let proof = try unpacked.prove()
            let found = try pictures.bringBack(unpacked, of: backup)
            try unpacked.makeUsable()
            return (proof.schemaVersion, found)
        } catch let error as SQLiteError {
            throw CommandError("cannot read \(copy.partialPath): \(error.message)")
        } catch let flaw as DatabaseCopyError {
            throw CommandError("\(backup) is refused: \(flaw)")
        }
    }

    /// Gives the existing database a second name before the backup takes the first. At no moment is there no database:
    /// a shop that started then would be an empty one.
    private func setAside() throws -> String? {
        // A damaged database may not allow it: then its WAL is kept beside it.
        try? emptyWAL()
        let aside = freeName()
        var isThere = true
        if link(database, aside) != 0 {
            guard errno == ENOENT else { throw SystemError("cannot make \(aside)") }
            isThere = false
        }
        // If it stayed, it would be taken for the new database's.
        for suffix in DatabaseCopy.suffixes where rename(database + suffix, aside + suffix) != 0 && errno != ENOENT {
            throw SystemError("cannot make \(aside)\(suffix)")
        }
        return isThere ? aside : nil
    }

    /// Copies the WAL into the database, which leaves that one file. Without a database SQLite would discard the WAL.
    private func emptyWAL() throws {
        guard isDatabase else { return }
        let sql = try Connection(path: database, access: .readWrite, busyTimeoutMilliseconds: 0)
        // SQLite looks for a WAL only on the first read.
        try sql.execute("SELECT count(*) FROM sqlite_schema")
        try sql.checkpoint(.truncate)
    }

    /// Whether it starts like an SQLite file.
    private var isDatabase: Bool {
        let file = open(database, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 16)
        return read(file, &bytes, 16) == 16 && bytes == Array("SQLite format 3\0".utf8)
    }

    private func freeName() -> String {
        let name = OldCopies.name(ofReplaced: database, at: .now)
        var status = stat()
        var number = 1
        var free = name
        while lstat(free, &status) == 0 {
            number += 1
            free = "\(name)-\(number)"
        }
        return free
    }
}
