import ArgumentParser
import Shop

struct Popular: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the batch once: the popular list, expired orders, old idempotency keys and sessions.")

    @OptionGroup var options: DataOptions

    @Flag(help: "Says nothing where all went well.")
    var quiet = false

    @Flag(help: "Goes by the clock, though it has gone further since the last run than the machine has been up.")
    var clockIsRight = false

    func run() throws {
        let settings = try options.settings()
        let report = try settings.withShop { shop in
            try shop.popular.recompute()
            return try shop.housekeeping.run(clockIsRight: clockIsRight)
        }
        if let unexplained = report.unexplained {
            settings.logger().error(
                """
                nothing was forgotten: the clock has gone further since the last run than the machine has been up: \
                look at timedatectl, and where it is right run jangteo popular --clock-is-right
                """,
                metadata: ["minutes": "\(unexplained.milliseconds / 60_000)"])
            return
        }
        if quiet { return }
        print(
            "popular list replaced; \(report.expiredOrders) orders expired, \(report.forgottenKeys) idempotency keys, "
                + "\(report.endedSessions) sessions forgotten, \(report.movedSales) hours of sales kept by day")
    }
}
