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

    /// Which copies from before are read again, whether they are still what they were.
    enum Reading {
        case all
        /// A part of them on each day, so that all are read within four weeks.
        case partOfDay(Int)

        func includes(_ picture: Picture) -> Bool {
            switch self {
            case .all: return true
            case .partOfDay(let day):
                let number = Int(picture.hash.bytes[0]) << 8 | Int(picture.hash.bytes[1])
                return number % Self.days == day % Self.days
            }
        }

        private static let days = 28
    }

    /// Copies those that the backup names into a folder beside it, as far as they are not there already, or are damaged.
    func keep(_ backup: DatabaseCopy, in copies: PictureFolder, reading: Reading) throws -> Found {
        var found = Found()
        try backup.forEachPicture { picture in
            found.add(try pictures.copy(picture, to: copies, reads: reading.includes(picture)), picture)
        }
        return found
    }

    /// Brings back those that the backup names and the shop lacks, or has only damaged. What the shop has and the backup does
    /// not name stays for a week: somebody may find that it was the wrong backup.
    func bringBack(_ database: DatabaseCopy, of backup: String) throws -> Found {
        let own = Self.folder(of: backup)
        let copies = isFolder(own.path) ? own : PictureFolder(data: Folder.path(of: backup))
        var found = Found()
        try pictures.renew()
        try database.forEachPicture { found.add(try copies.copy($0, to: pictures), $0) }
        return found
    }
}
