import ArgumentParser
import FoundationEssentials
import SQLite
import ShopStore

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the database, or brings it to this program's schema.")

    @OptionGroup var options: DataOptions

    func run() throws {
        let settings = try options.settings()
        // The data are the shop's alone. A folder that is there keeps the rights that it has.
        do {
            try FileManager.default.createDirectory(
                atPath: settings.data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw SettingMistake(
                "cannot make the folder \(settings.data): take another with --data, or look at its rights")
        }
        let (from, to) = try settings.withDatabase(mustBeThere: false) {
            let connection = try Connection(
                path: settings.database, access: .create,
                busyTimeoutMilliseconds: settings.store.busyTimeoutMilliseconds)
            return try Migrations.migrate(connection)
        }
        print(from == to ? "schema version \(to), nothing to do" : "schema version \(from) -> \(to)")
    }
}
