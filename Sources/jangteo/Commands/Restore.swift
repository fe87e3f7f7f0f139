import ArgumentParser
import SQLite
import ShopStore

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Puts a backup in the place of the database; refuses while a shop runs.",
        discussion: """
            FILE is what 'jangteo backup' has made, packed (.gz) or not. It is checked and audited before anything is \
            changed. What was there is kept beside it, as shop.db.before-restore-TIME. Pictures come from FILE.pictures or from \
            the folder pictures beside FILE; those that are there already and not damaged stay.
            """)

    @OptionGroup var options: DataOptions

    @Argument(help: "The backup.")
    var file: String

    func run() throws {
        let settings = try options.settings()
        try settings.makeDataFolder()
        try OrphanedLogError.check(settings.database)
        let lock = try ShopLock(folder: settings.data, .alone)
        Interruption.watch()
        let restored = try withExtendedLifetime(lock) {
            try Restoration(
                database: settings.database, folder: settings.data,
                pictures: BackupPictures(pictures: settings.pictures)
            ).restore(file)
        }
        let aside = restored.aside.map { "what was there is \($0)" } ?? "there was none before"
        let advice = restored.version < Migrations.current ? "; run jangteo migrate before the shop starts" : ""
        print("\(settings.database) is \(file), schema version \(restored.version); \(aside)\(advice)")
        let pictures = restored.pictures
        if pictures.flawed > 0 {
            print(
                "\(pictures.flawed) of \(pictures.count) pictures are neither here nor beside the backup, the first is "
                    + "\(pictures.first): see jangteo doctor")
        }
    }
}
