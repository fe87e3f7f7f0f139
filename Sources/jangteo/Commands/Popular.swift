import ArgumentParser
import Shop

struct Popular: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the batch once: the popular list, what has expired, and what is no longer needed.",
        discussion: """
            Computes the popular products, lets unpaid orders expire, closes coupons whose time is over, and keeps old sales \
            by day. Removes old idempotency keys, sessions, failed log-ins, visitors' baskets, known programs, rows of files \
            of products, and pictures that no product has had for a week.
            """)

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
        if !quiet {
            print(
                "popular list replaced; \(report.expiredOrders) orders expired, \(report.closedCoupons) coupons closed, "
                    + "\(report.forgottenKeys) idempotency keys, \(report.endedSessions) sessions, "
                    + "\(report.forgottenRows) rows of files of products and \(report.clearedPictures) pictures "
                    + "forgotten, \(report.movedSales) hours of sales kept by day")
        }
        if let trouble = report.pictureTrouble {
            settings.logger().error(
                "all was tidied up but the pictures: see jangteo doctor", metadata: ["error": "\(trouble)"])
            throw ExitCode(1)
        }
    }
}
