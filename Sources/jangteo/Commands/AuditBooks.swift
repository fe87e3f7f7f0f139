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
        // Printed afterwards: a slow reader of the output would hold the snapshot, and with it the WAL.
        var differences: [Audit.Difference] = []
        let rules = try settings.withDatabase {
            try Audit.run(path: settings.database) { differences.append($0) }
        }
        for difference in differences { print(difference) }
        print(differences.isEmpty ? "\(rules) rules hold" : "\(differences.count) differences")
        if !differences.isEmpty { throw ExitCode(1) }
    }
}
