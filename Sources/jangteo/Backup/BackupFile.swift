import Pictures
import SQLite
import ShopStore

/// Makes backups: complete, verified and on the disk, or not at all.
struct BackupFile {
    let database: String
    /// The shop's pictures, to be copied beside the backup; nil for a backup without them.
    var pictures: BackupPictures?

    /// The copy is flushed to the disk each time this much was written.
    private static let bytesBetweenWriteBacks = 32 << 20

    struct Made {
        let proof: DatabaseCopy.Proof
        let pictures: BackupPictures.Found
        /// The size of a compressed one.
        var bytes = 0
    }

    /// Makes an uncompressed backup, replacing an existing one.
    func make(at path: String) throws -> Made {
        try refuseItself(path)
        let copy = try PartialFile(path)
        let made = try fill(copy, BackupPictures.folder(of: path), reading: .all)
        try copy.finish()
        return made
    }

    /// Makes a compressed backup (`.db.gz`), replacing an existing one.
    func makePacked(at path: String) throws -> Made {
        let packed = try PartialFile(path)
        // Beside the backup, where there is room for something this large.
        let copy = try PartialFile(path.hasSuffix(".gz") ? String(path.dropLast(3)) : path + ".unpacked")
        // All backups in a folder share their pictures.
        var backup = try fill(
            copy, PictureFolder(data: Folder.path(of: path)), reading: .partOfDay(BackupTime.now.seconds / 86_400))
        try Gzip.pack(copy.file, into: packed)
        copy.abandon()
        try Gzip.test(packed)
        backup.bytes = packed.size
        try packed.finish()
        return backup
    }

    private func fill(
        _ copy: PartialFile, _ copies: PictureFolder, reading: BackupPictures.Reading
    ) throws -> Made {
        let made = DatabaseCopy(path: copy.partialPath)
        do {
            var written = 0
            try made.make(of: database) {
                guard copy.size >= written + Self.bytesBetweenWriteBacks else { return }
                written = copy.size
                try copy.writeBack()
            }
            let proof = try made.prove()
            let kept = try pictures?.keep(made, in: copies, reading: reading)
            return Made(proof: proof, pictures: kept ?? BackupPictures.Found())
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
