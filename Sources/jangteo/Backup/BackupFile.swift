import SQLite
import ShopStore

/// Makes backups: whole, proven and on the disk, or not at all.
struct BackupFile {
    let database: String

    /// After so much the copy is written back to the disk.
    private static let bytesBetweenWriteBacks = 32 << 20

    /// Makes an unpacked one; one that was there is replaced.
    func make(at path: String) throws -> DatabaseCopy.Proof {
        try refuseItself(path)
        let copy = try PartialFile(path)
        let proof = try fill(copy)
        try copy.finish()
        return proof
    }

    /// Makes one that is packed (`.db.gz`); one that was there is replaced. Says how many bytes it has.
    func makePacked(at path: String) throws -> (proof: DatabaseCopy.Proof, bytes: Int) {
        let packed = try PartialFile(path)
        // Lies beside it: there it may be as large as it gets.
        let copy = try PartialFile(path.hasSuffix(".gz") ? String(path.dropLast(3)) : path + ".unpacked")
        let proof = try fill(copy)
        try Gzip.pack(copy.file, into: packed)
        copy.abandon()
        try Gzip.test(packed)
        let bytes = packed.size
        try packed.finish()
        return (proof, bytes)
    }

    private func fill(_ copy: PartialFile) throws -> DatabaseCopy.Proof {
        let made = DatabaseCopy(path: copy.partialPath)
        do {
            var written = 0
            try made.make(of: database) {
                guard copy.size >= written + Self.bytesBetweenWriteBacks else { return }
                written = copy.size
                try copy.writeBack()
            }
            return try made.prove()
        } catch let error as SQLiteError {
            throw CommandError("cannot copy \(database) to \(copy.partialPath): \(error.message)")
        } catch let flaw as DatabaseCopyError {
            throw CommandError("\(database) was copied, but the copy is not to be trusted: \(flaw)")
        }
    }

    /// Replacing the database in use by its own copy would lose what is written meanwhile.
    private func refuseItself(_ path: String) throws {
        if sameFile(path, database) { throw CommandError("\(path) is the database itself: name another file") }
        if isFolder(path) { throw CommandError("\(path) is a folder: name a file, or use --nightly \(path)") }
    }
}
