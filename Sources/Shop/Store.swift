/// The shop's storage: runs units of work.
public protocol Store: Sendable {
    /// Reads from one snapshot, from the first statement to the last.
    ///
    /// Throws `UnavailableError` when the database cannot be read now, and whatever `work` throws. `work` may run more than once.
    func read<Result>(_ work: (any Repositories) throws -> Result) throws -> Result

    /// Reads with a single statement, which is its own snapshot: half the cost of `read`.
    func lookUp<Result>(_ work: (any Repositories) throws -> Result) throws -> Result

    /// Changes the shop in one immediate transaction: all of it, durably, or none of it.
    ///
    /// Returns once the commit has reached the disk. What `work` throws undoes what this `work` did and nothing else.
    /// `work` runs on the writer's thread and may run more than once, so it has no effect outside the database and
    /// waits for nothing: everybody else's writes wait behind it.
    ///
    /// Throws `UnavailableError` if it could not be committed. Nothing was changed then, unless the error says otherwise: a
    /// commit that failed on its last way to the disk may turn up there after a power cut.
    func write<Result>(_ work: (any Repositories) throws -> Result) throws -> Result

    /// Changes the shop as `write` does, but returns once it is committed, which need not be on the disk yet.
    ///
    /// A power cut may undo it, whole, with all such pieces after it; it undoes none from before a `write` that has returned.
    /// For the pieces of long work that can be taken up wherever it was left, and that a `write` ends: many a second would
    /// keep the disk from everybody else's writes.
    func writePiece<Result>(_ work: (any Repositories) throws -> Result) throws -> Result

    /// Makes a write that changes nothing, in a transaction like `write`'s, to see whether writing works.
    ///
    /// Throws `UnavailableError` as `write` does.
    func touch() throws

    /// Whether writes wait for the one that runs, which a piece of long work may then end early.
    var hasWaitingWrites: Bool { get }

    /// Whether a write is waiting right now because another process has the database's write lock.
    var waitsForAnother: Bool { get }

    /// A topic's current version: as long as it stays equal, nothing in the topic has changed. Costs next to nothing.
    /// Take it before reading what is to be cached under it.
    func version(of topic: Topic) -> Version
}

/// What is cached in memory until it changes.
public enum Topic: Int, Sendable, CaseIterable {
    /// What the product lists show: products, and which of them are popular.
    case catalogue
    /// Which sessions exist. Only their end changes the version: a new one is cached nowhere yet, and use changes
    /// nothing that is.
    case sessions
}

/// See `Store.version(of:)`.
public struct Version: Hashable, Sendable {
    private let commit: UInt32

    public init(commit: UInt32) { self.commit = commit }
}

/// What a unit of work can reach.
public protocol Repositories {
    var accounts: any AccountRepository { get }
    var balances: any BalanceRepository { get }
    var products: any ProductRepository { get }
    var coupons: any CouponRepository { get }
    var imports: any ProductImportRepository { get }
    var orders: any OrderRepository { get }
    var orderEvents: any OrderEventRepository { get }
    var orderLists: any OrderListRepository { get }
    var refunds: any RefundRepository { get }
    var payments: any PaymentRepository { get }
    var popular: any PopularRepository { get }
    var baskets: any BasketRepository { get }
    var idempotency: any IdempotencyRepository { get }
    var clock: any ClockRepository { get }
    var trace: any TraceRepository { get }
    var figures: any FigureRepository { get }
    var customers: any CustomerRepository { get }
    var corrections: any BalanceCorrectionRepository { get }
    var secondFactors: any SecondFactorRepository { get }
    var pictures: any PictureRepository { get }
}
