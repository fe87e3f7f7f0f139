import ArgumentParser
import ShopStore

struct AuditBooks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Proves that balances, coupons, stock, sales and payments add up; exit status 1 when they do not.",
        discussion: "Reads one snapshot, while the shop goes on selling.")

    @OptionGroup var options: DataOptions

    @Option(
        help: ArgumentHelp(
            "An end of the trace that an earlier audit or backup has printed: it has to be there still.",
            valueName: "number:hash"))
    var kept: String?

    func validate() throws {
        if let kept, TraceEnd(kept) == nil { throw ValidationError("--kept is no NUMBER:HASH, as audit prints it") }
    }

    func run() throws {
        let settings = try options.settings()
        // Printed afterwards: a slow reader of the output would hold the snapshot, and with it the WAL.
        var differences: [Audit.Difference] = []
        let outcome = Result {
            try settings.withDatabase {
                try Audit.run(path: settings.database, kept: kept.flatMap { TraceEnd($0) }) { differences.append($0) }
            }
        }
        // Those found before the audit could not go on, too.
        for difference in differences { print(difference) }
        let report = try outcome.get()
        print("the trace ends with \(report.traceEnd)")
        print(differences.isEmpty ? "\(report.rules) rules hold" : "\(differences.count) differences")
        if !differences.isEmpty { throw ExitCode(1) }
    }
}
