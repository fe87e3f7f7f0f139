public import CoreMetrics

/// A shop: all its capabilities by name, over one store, one clock and one policy.
///
/// Copies as cheaply as a reference; copies share whatever is counted or cached in memory.
public struct Shop: Sendable {
    let context: Context

    /// - Parameters:
    ///   - uptime: how long the machine has been up, by which the batch detects a wrong clock.
    ///   - gate: hashes the passwords; by default on one thread.
    ///   - security: hears of security events.
    ///   - backups: tells of the last backup.
    ///   - pictures: keeps the products' pictures; nil for a shop to which none can be added.
    ///   - metrics: makes the metrics.
    public init(
        store: any Store, clock: ShopClock = .system, uptime: Uptime = .system, policy: Policy = Policy(),
        hasher: PasswordHasher = PasswordHasher(), gate: HashingGate = HashingGate(atOnce: 1, waiting: 0),
        security: SecurityLog = .none, backups: BackupWatch = .off, pictures: (any PictureStore)? = nil,
        metrics: any MetricsFactory = NOOPMetricsHandler.instance
    ) {
        context = Context(
            store: store, clock: clock, uptime: uptime, policy: policy, hasher: hasher, gate: gate, security: security,
            backups: backups, pictures: pictures ?? NoPictures(), metrics: metrics)
    }

    /// A shop over the same store with another clock or other rules. What it counts, it has to `flush` itself.
    public func with(clock: ShopClock? = nil, uptime: Uptime? = nil, policy: Policy? = nil) -> Shop {
        Shop(
            store: context.store, clock: clock ?? context.clock, uptime: uptime ?? context.uptime,
            policy: policy ?? context.policy, hasher: context.hasher, gate: context.gate, security: context.security,
            backups: context.backups, pictures: context.pictures, metrics: context.metrics)
    }

    public var accounts: Accounts { Accounts(context: context) }
    public var balances: Balances { Balances(context: context) }
    public var products: Products { Products(context: context) }
    public var popular: PopularProducts { PopularProducts(context: context) }
    public var coupons: Coupons { Coupons(context: context) }
    public var baskets: Baskets { Baskets(context: context) }
    public var orders: Orders { Orders(context: context) }
    public var payments: Payments { Payments(context: context) }
    public var housekeeping: Housekeeping { Housekeeping(context: context) }
    public var readiness: Readiness { context.readiness }

    public var clock: ShopClock { context.clock }
    public var policy: Policy { context.policy }
    public var hasher: PasswordHasher { context.hasher }
    public var metrics: any MetricsFactory { context.metrics }
    public var views: ProductViews { context.views }
    public var sessionUse: SessionUse { context.sessionUse }

    /// Writes what was counted behind the answers: views, and the use of sessions. What cannot be written is kept for
    /// the next time.
    public func flush() throws {
        try views.flush(to: context.store)
        try sessionUse.flush(to: context.store, at: clock.now())
    }
}

/// What one shop's capabilities are built on.
final class Context: Sendable {
    let store: any Store
    let clock: ShopClock
    let uptime: Uptime
    let policy: Policy
    let hasher: PasswordHasher
    let gate: HashingGate
    let security: SecurityLog
    let backups: BackupWatch
    let pictures: any PictureStore
    let metrics: any MetricsFactory
    let sessions: SessionCache
    let sessionUse = SessionUse()
    let views = ProductViews()
    let readiness: Readiness

    init(
        store: any Store, clock: ShopClock, uptime: Uptime, policy: Policy, hasher: PasswordHasher, gate: HashingGate,
        security: SecurityLog, backups: BackupWatch, pictures: any PictureStore, metrics: any MetricsFactory
    ) {
        self.store = store
        self.clock = clock
        self.uptime = uptime
        self.policy = policy
        self.hasher = hasher
        self.gate = gate
        self.security = security
        self.backups = backups
        self.pictures = pictures
        self.metrics = metrics
        sessions = SessionCache(CacheCounters("sessions", metrics))
        readiness = Readiness(store)
    }
}

/// One of the things that a shop can do.
protocol Capability: Sendable {
    var context: Context { get }
}

extension Capability {
    var store: any Store { context.store }
    var clock: ShopClock { context.clock }
    var policy: Policy { context.policy }
}
