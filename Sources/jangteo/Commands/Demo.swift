import ArgumentParser
import Glibc
import POSIX
import Shop
import ShopStore

struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes test data: a small shop to look at, or users and products in bulk.",
        discussion: """
            Without a number: some 40 products, coupons in every state, and past orders; customers who have no balance yet are \
            given one. With numbers: so many users, products, orders and one coupon, straight into the database.
            """)

    @OptionGroup var options: DataOptions

    @Option(help: "Users to make.")
    var users: Int?

    @Option(help: "Products to make.")
    var products: Int?

    @Option(help: "Makes one open coupon of this quantity.")
    var couponQuantity: Int?

    @Option(help: "Orders to make, by all customers and of all products.")
    var orders: Int?

    @Option(help: "The days until now over which the orders are spread.")
    var orderDays = 365

    @Option(help: "The balance of each new user, in won.")
    var balance: Int64?

    @Option(
        help: ArgumentHelp("Writes a token for each new user, one a line in the order of their ids.", valueName: "file")
    )
    var tokens: String?

    private var isBulk: Bool { [users, products, orders, couponQuantity].contains { $0 != nil } || tokens != nil }

    func validate() throws {
        let limit = 10_000_000
        for number in [users, products, orders, couponQuantity] where !(0...limit).contains(number ?? 0) {
            throw ValidationError("numbers run from 0 to \(limit)")
        }
        guard (1...3_650).contains(orderDays) else { throw ValidationError("orders are spread over 1 to 3650 days") }
        let most: Int64 = 1_000_000_000
        guard (0...most).contains(balance ?? 0) else {
            throw ValidationError("a balance runs from 0 to \(most)")
        }
    }

    func run() throws {
        let settings = try options.settings()
        let store = try settings.openStore(settings.logger())
        guard isBulk else {
            defer { store.close() }
            let policy = settings.policy
            let balance = Won(balance ?? 300_000)
            let most = min(policy.maximumCharge, policy.balanceLimit)
            guard balance == .zero || (policy.minimumCharge...most).contains(balance) else {
                throw SettingError(
                    "the customers' balance is charged at once: \(policy.minimumCharge.amount) to \(most.amount)"
                )
            }
            try DemoShop(store: store, clock: .system, policy: policy).fill(balance: balance)
            return
        }
        store.close()
        var demo = BulkDemo()
        demo.users = users ?? 0
        demo.products = products ?? 0
        demo.couponQuantity = couponQuantity ?? 0
        demo.balance = Won(balance ?? 0)
        demo.orders = orders ?? 0
        demo.orderDays = orderDays
        demo.orderLifetime = settings.policy.orderLifetime
        guard let tokens else { return try demo.fill(path: settings.database, clock: .system, token: nil) }
        let file = try SecretFile(tokens)
        try demo.fill(path: settings.database, clock: .system) { token in try file.write(token.text + "\n") }
        try file.close()
    }
}

/// A file that only its owner can read, from its first byte.
private final class SecretFile {
    private let path: String
    private let file: UnsafeMutablePointer<FILE>

    init(_ path: String) throws {
        self.path = path
        let fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        // An existing file keeps its permissions unless they are changed.
        guard fd >= 0, fchmod(fd, 0o600) == 0, let file = fdopen(fd, "w") else {
            throw SettingError("\(SystemError("cannot write \(path)"))")
        }
        self.file = file
    }

    func write(_ text: String) throws {
        guard fputs(text, file) >= 0 else { throw SettingError("cannot write \(path)") }
    }

    func close() throws {
        guard fclose(file) == 0 else { throw SettingError("cannot write \(path)") }
    }
}
