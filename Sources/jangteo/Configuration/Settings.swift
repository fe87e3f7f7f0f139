import FastCGI
import FoundationEssentials
import Logging
import Pictures
import Shop
import ShopStore

/// All settings.
struct Settings {
    let data: String
    /// "" for the socket that a parent passes as descriptor 0.
    let socket: String
    /// The folder that the pages are made from.
    let share: String
    /// The folder with templates that replace those in `share`; "" for none.
    let templates: String
    /// The folder of the nightly backups; "" for none.
    let backups: String
    /// The age in days at which the nightly backup removes an old copy of the shop.
    let copyDays: Int
    let timeZone: String
    let logLevel: Logger.Level
    let server: FastCGIServer.Options
    let store: SQLiteStore.Options
    let policy: Policy
    let passwordCost: PasswordHasher.Cost
    let hashingQueue: Int
    /// How long a request may wait in a standing queue.
    let patience: Duration
    /// The settings in the form that `serve --check` shows.
    let lines: [SettingReader.Line]

    var database: String { data + "/shop.db" }
    /// The folder of the products' pictures.
    var pictures: PictureFolder { PictureFolder(data: data) }

    /// Throws a `SettingError` that names every error.
    init(_ reader: SettingReader) throws {
        data = reader.text("data", default: "var")
        socket = reader.text("socket", default: "")
        share = reader.text("share", default: Self.share)
        templates = reader.text("templates", default: "")
        backups = reader.text("backups", default: "")
        copyDays = reader.integer("copy.days", in: 1...3_650, default: 30)
        timeZone = reader.text("time.zone", default: "Asia/Seoul")
        logLevel = reader.choice("log.level", default: .info)
        server = Self.server(reader)
        store = Self.store(reader)
        var policy = Self.policy(reader)
        passwordCost = PasswordHasher.Cost(logN: reader.integer("password.cost", in: 4...20, default: 14))
        hashingQueue = reader.integer("password.queue", in: 0...256, default: 16)
        patience = .milliseconds(reader.integer("patience.milliseconds", in: 100...60_000, default: 200))
        try reader.finish()
        guard let calendar = ShopCalendar(timeZone: timeZone) else {
            throw SettingError("JANGTEO_TIME_ZONE: there is no time zone \(timeZone)")
        }
        policy.calendar = calendar
        self.policy = policy
        lines = reader.lines
    }

    /// Beside the command where it was built, or where a package installs it.
    private static var share: String {
        // Without /proc, it is where a package installs it.
        let command = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folder = command.lastIndex(of: "/").map { command[..<$0] } ?? ""
        let built = "\(folder)/jangteo_ShopWeb.resources/Storefront"
        return FileManager.default.fileExists(atPath: built) ? built : "/usr/share/jangteo"
    }

    private static func server(_ reader: SettingReader) -> FastCGIServer.Options {
        var options = FastCGIServer.Options()
        options.threads = reader.integer("threads", in: 2...4_096, default: options.threads)
        options.idleSeconds = reader.integer("idle.seconds", in: 1...3_600, default: options.idleSeconds)
        options.stalledSeconds = reader.integer("stalled.seconds", in: 1...600, default: options.stalledSeconds)
        return options
    }

    private static func store(_ reader: SettingReader) -> SQLiteStore.Options {
        var options = SQLiteStore.Options()
        options.synchronous = reader.choice("synchronous", default: options.synchronous)
        options.readers = reader.integer("readers", in: 1...64, default: options.readers)
        options.writerCacheKiB = reader.integer(
            "writer.cache.kib", in: 256...4_194_304, default: options.writerCacheKiB)
        options.readerCacheKiB = reader.integer(
            "reader.cache.kib", in: 256...1_048_576, default: options.readerCacheKiB)
        options.busyTimeoutMilliseconds = reader.integer(
            "busy.milliseconds", in: 1...60_000, default: options.busyTimeoutMilliseconds)
        return options
    }

    private static func policy(_ reader: SettingReader) -> Policy {
        var policy = Policy()
        let amounts = Int(Policy.amountRange.lowerBound.amount)...Int(Policy.amountRange.upperBound.amount)
        func won(_ key: String, _ standard: Won) -> Won {
            Won(Int64(reader.integer(key, in: amounts, default: Int(standard.amount))))
        }
        func span(
            _ key: String, in range: ClosedRange<Int>, of unit: (Int64) -> Timestamp.Span, _ standard: Timestamp.Span
        ) -> Timestamp.Span {
            unit(Int64(reader.integer(key, in: range, default: Int(standard / unit(1)))))
        }
        policy.minimumCharge = won("charge.minimum", policy.minimumCharge)
        policy.maximumCharge = won("charge.maximum", policy.maximumCharge)
        policy.balanceLimit = won("balance.limit", policy.balanceLimit)
        policy.correctionAlone = won("correction.alone", policy.correctionAlone)
        policy.correctionLifetime = span(
            "correction.days", in: 1...365, of: Timestamp.Span.days, policy.correctionLifetime)
        policy.orderLifetime = span("order.minutes", in: 1...100_000, of: Timestamp.Span.minutes, policy.orderLifetime)
        policy.pendingOrders = reader.integer("orders.pending", in: 1...10_000, default: policy.pendingOrders)
        policy.idempotencyLifetime = span(
            "idempotency.hours", in: 1...1_000, of: Timestamp.Span.hours, policy.idempotencyLifetime)
        policy.sessionLifetime = span("session.days", in: 1...3_650, of: Timestamp.Span.days, policy.sessionLifetime)
        policy.sessionIdleLifetime = span(
            "session.idle.days", in: 1...3_650, of: Timestamp.Span.days, policy.sessionIdleLifetime)
        policy.secondFactor = reader.choice("second.factor", default: policy.secondFactor)
        reader.require(policy.minimumCharge <= policy.maximumCharge, "charge.minimum", isAtMost: "charge.maximum")
        reader.require(policy.minimumCharge <= policy.balanceLimit, "charge.minimum", isAtMost: "balance.limit")
        policy.popularHours = Int64(reader.integer("popular.hours", in: 1...8_760, default: Int(policy.popularHours)))
        return policy
    }
}
