import ArgumentParser
import SQLite
import ShopStore

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the database, or brings it to this program's schema, in one transaction.")

    @OptionGroup var options: DataOptions

    @Option(
        help: ArgumentHelp(
            "Makes a proven backup in this folder first, where there are data that would be changed.", valueName: "dir")
    )
    var backup: String?

    @Flag(help: "Says nothing where there is nothing to do.")
    var quiet = false

    func run() throws {
        let settings = try options.settings()
        try settings.makeDataFolder()
        Interruption.watch()
        let (from, to) = try settings.withLock(mustBeThere: false) {
            let connection = try Connection(
                path: settings.database, access: .create,
                busyTimeoutMilliseconds: settings.store.busyTimeoutMilliseconds)
            return try Migrations.migrate(connection) { _ in
                if let backup { try makeBackup(of: settings.database, in: backup) }
            }
        }
        if quiet, from == to { return }
        print(from == to ? "schema version \(to), nothing to do" : "schema version \(from) -> \(to)")
    }

    private func makeBackup(of database: String, in folder: String) throws {
        do {
            let file = try BackupFolder(path: folder).makeBeforeMigration(of: database, to: Migrations.current)
            print("\(file) holds the shop as it was")
        } catch {
            throw CommandError("not migrated, for there is no backup: \(error)")
        }
    }
}
