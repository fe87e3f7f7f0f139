import ArgumentParser
import ShopStore

struct AuditBooks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Proves that balances, coupons, stock, sales and payments add up; exit status 1 when they do not.",
        discussion: "Reads one snapshot, while the shop goes on selling.")

    @OptionGroup var options: DataOptions

    func run() throws {
        let settings = try options.settings()
        var differences = 0
        let rules = try settings.withDatabase {
            try Audit.run(path: settings.database) { difference in
                print(difference)
                differences += 1
            }
        }
        print(differences == 0 ? "\(rules) rules hold" : "\(differences) differences")
        if differences > 0 { throw ExitCode(1) }
    }
}
