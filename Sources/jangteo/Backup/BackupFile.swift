import SQLite
import ShopStore

/// Makes backups: complete, verified and on the disk, or not at all.
struct BackupFile {
    let database: String

    /// The copy is flushed to the disk each time this much was written.
    private static let bytesBetweenWriteBacks = 32 << 20

    /// Makes an uncompressed backup, replacing an existing one.
    func make(at path: String) throws -> DatabaseCopy.Proof {
        try refuseItself(path)
        let copy = try PartialFile(path)
        let proof = try fill(copy)
        try copy.finish()
        return proof
    }

    /// Makes a compressed backup (`.db.gz`), replacing an existing one. Returns its size in bytes.
    func makePacked(at path: String) throws -> (proof: DatabaseCopy.Proof, bytes: Int) {
        let packed = try PartialFile(path)
        // Beside the backup, where there is room for something this large.
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

    /// Replacing the live database by its own copy would lose what is written meanwhile.
    private func refuseItself(_ path: String) throws {
        if sameFile(path, database) { throw CommandError("\(path) is the database itself: name another file") }
        if isFolder(path) { throw CommandError("\(path) is a folder: name a file, or use --nightly \(path)") }
    }
}
