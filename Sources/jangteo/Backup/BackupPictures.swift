import Pictures
import Shop
import ShopStore

/// The pictures that belong to a backup: copies of the files, in a folder beside it.
struct BackupPictures {
    /// The shop's own.
    let pictures: PictureFolder

    /// How many a database names, and how many of them have no files, or not as they were made.
    struct Found: Sendable {
        var count = 0
        var flawed = 0
        /// The path of the first of those.
        var first = ""

        mutating func add(_ damage: PictureFolder.Damage?, _ picture: Picture) {
            count += 1
            guard let damage else { return }
            flawed += 1
            guard flawed == 1 else { return }
            if case .missing(let file) = damage { first = file.path } else { first = picture.files[0].path }
        }
    }

    /// The folder beside a backup that was made by name.
    static func folder(of backup: String) -> PictureFolder { PictureFolder(path: backup + ".pictures") }

    /// Copies those that the backup names into a folder beside it, as far as they are not there already.
    func keep(_ backup: DatabaseCopy, in copies: PictureFolder) throws -> Found {
        var found = Found()
        try backup.forEachPicture { found.add(try pictures.copy($0, to: copies), $0) }
        return found
    }

    /// Brings back those that the backup names and the shop lacks. What the shop has and the backup does not name stays for
    /// a week: somebody may find that it was the wrong backup.
    func bringBack(_ database: DatabaseCopy, of backup: String) throws -> Found {
        let own = Self.folder(of: backup)
        let copies = isFolder(own.path) ? own : PictureFolder(data: Folder.path(of: backup))
        var found = Found()
        try pictures.renew()
        try database.forEachPicture { found.add(try copies.copy($0, to: pictures), $0) }
        return found
    }
}
