/// Where the shop keeps what it knows: gives out units of work.
public protocol Store: Sendable {
    /// Reads from one snapshot, from the first statement to the last.
    ///
    /// Throws `Unavailable` when the database cannot be read now, and whatever `work` throws. `work` may run more than once.
    func read<Result>(_ work: (any Repositories) throws -> Result) throws -> Result

    /// Reads with one statement, which is a snapshot by itself: half the price of `read`.
    func lookUp<Result>(_ work: (any Repositories) throws -> Result) throws -> Result

    /// Changes the shop in one immediate transaction: all of it, durably, or none of it.
    ///
    /// Returns after the commit has reached the disk. What `work` throws undoes what this `work` did and nothing else.
    /// `work` runs on the writer's thread and may run more than once, so it has no effect outside the database, and it waits for
    /// nothing: everybody else's writes wait behind it.
    ///
    /// Throws `Unavailable` when it could not be committed; then nothing was changed, unless that says otherwise: a commit
    /// that failed on its last way to the disk may be found there after a power cut.
    func write<Result>(_ work: (any Repositories) throws -> Result) throws -> Result

    /// Writes something that changes nothing, in a transaction as `write`'s, to see whether that can be done.
    ///
    /// Throws `Unavailable` as `write` does.
    func touch() throws

    /// Whether a write waits at this moment because another process has the database's write lock.
    var waitsForAnother: Bool { get }

    /// A mark of how a topic stands now: as long as it stays equal, nothing of it has changed. Costs next to nothing. Take
    /// it before reading what is to be kept under it.
    func version(of topic: Topic) -> Version
}

/// What is kept in memory until it changes.
public enum Topic: Int, Sendable, CaseIterable {
    /// What the product lists show: products, and which of them are popular.
    case catalogue
    /// Which sessions there are. Only their end counts: one that begins is nowhere kept, and their use changes nothing
    /// that is.
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
    var orders: any OrderRepository { get }
    var payments: any PaymentRepository { get }
    var popular: any PopularRepository { get }
    var baskets: any BasketRepository { get }
    var idempotency: any IdempotencyRepository { get }
    var clock: any ClockRepository { get }
}
