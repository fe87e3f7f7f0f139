import ArgumentParser
import Shop

struct Popular: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the batch once: the popular list, expired orders, old idempotency keys and sessions.")

    @OptionGroup var options: DataOptions

    @Flag(help: "Says nothing where all went well.")
    var quiet = false

    func run() throws {
        let settings = try options.settings()
        let store = try settings.openStore(settings.logger())
        defer { store.close() }
        try PopularProducts(store: store, clock: .system, policy: settings.policy).recompute()
        let report = try Housekeeping(store: store, clock: .system, policy: settings.policy).run()
        if quiet { return }
        print(
            "popular list replaced; \(report.expiredOrders) orders expired, \(report.forgottenKeys) idempotency keys, "
                + "\(report.endedSessions) sessions and \(report.forgottenSales) hours of sales forgotten")
    }
}
