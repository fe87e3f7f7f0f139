public import Logging
import POSIX
public import SQLite
public import Shop
public import ShopStore
public import TestSupport

/// A whole shop over a database file of its own, with a clock set by the test.
///
/// Keep it in a property of the suite: the file is removed with it.
@dynamicMemberLookup
public final class TestShop: Sendable {
    public let folder: TemporaryFolder
    /// The database's path.
    public let path: String
    public let clock: TestClock
    /// The machine has been up for as long as its clock says.
    public let uptime: Uptime
    public let store: SQLiteStore
    /// Where its pictures are: in memory.
    public let pictures = FakePictureStore()
    private let shop: Shop

    public init(
        policy: Policy = .test, options: SQLiteStore.Options = .test, security: SecurityLog = .none
    ) throws {
        folder = try TemporaryFolder()
        path = folder("shop.db")
        try makeDatabase(path)
        store = try SQLiteStore(path: path, options: options, logger: .silent)
        clock = TestClock()
        let now = clock.shopClock
        uptime = Uptime { Timestamp.Span(milliseconds: now.now().milliseconds) }
        shop = Shop(
            store: store, clock: now, uptime: uptime, policy: policy, hasher: PasswordHasher(cost: .cheapest),
            gate: HashingGate(atOnce: 2, waiting: 64), security: security, pictures: pictures)
    }

    /// What the shop can do.
    public subscript<Member>(dynamicMember member: KeyPath<Shop, Member>) -> Member { shop[keyPath: member] }

    /// The shop in the form that the server takes.
    public var served: Shop { shop }

    /// The same shop as seen by another process, over a store of its own.
    public func other(over store: any Store, gate: HashingGate = HashingGate(atOnce: 1, waiting: 0)) -> Shop {
        Shop(
            store: store, clock: clock.shopClock, uptime: uptime, policy: shop.policy, hasher: shop.hasher, gate: gate,
            pictures: pictures)
    }

    deinit { store.close() }

    /// The differences that the audit finds; empty if the books are right.
    public func audit() throws -> [String] { try Audit.differences(path: path) }

    /// A connection of the test's own, to bypass the shop's code.
    public func connection(busyTimeoutMilliseconds: Int = 5_000) throws -> Connection {
        try Connection(path: path, access: .readWrite, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
    }

    /// Runs raw SQL, bypassing the shop's code.
    public func execute(_ sql: String) throws { try connection().execute(sql) }

    /// The rows that raw SQL returns, as text, with columns joined by `|`.
    public func rows(_ sql: String) throws -> [String] {
        try connection().rows(of: sql).map { $0.joined(separator: "|") }
    }
}

/// Creates a database file with the newest schema.
public func makeDatabase(_ path: String) throws {
    let connection = try Connection(path: path, access: .create, busyTimeoutMilliseconds: 5_000)
    try Migrations.migrate(connection)
}

extension Policy {
    /// Like the shop's, but staff need no second factor: those tests that are about it ask for one.
    public static var test: Policy {
        var policy = Policy()
        policy.secondFactor = .optional
        return policy
    }
}

extension SQLiteStore.Options {
    /// Like the shop's, with fewer readers.
    public static var test: Self {
        var options = Self()
        options.readers = 4
        return options
    }
}

extension PasswordHasher.Cost {
    /// The lowest cost that scrypt accepts, to keep tests quick.
    public static var cheapest: Self { Self(logN: 4, blockSize: 8, parallelism: 1) }
}

extension Logger {
    /// Tests provoke what would be logged.
    public static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension Submission where Outcome: Sendable {
    /// Makes the call with a submission, and returns the outcome itself instead of its bytes.
    public static func outcome(
        of caller: UserID, _ call: (Submission<Outcome>) throws -> Receipt
    ) throws -> Outcome {
        let seen = Seen<Outcome>()
        _ = try call(
            Submission(caller: caller, key: nil) { outcome in
                seen.outcome.withLock { $0 = outcome }
                return Receipt(code: 201, bytes: [])
            })
        guard let outcome = seen.outcome.withLock({ $0 }) else { throw UnavailableError("a write without an outcome") }
        return outcome
    }
}

private final class Seen<Outcome: Sendable>: Sendable {
    let outcome = Locked<Outcome?>(nil)
}

extension Audit {
    /// The audit's findings.
    public static func differences(path: String) throws -> [String] {
        var found: [String] = []
        _ = try run(path: path) { found.append($0.description) }
        return found
    }
}
