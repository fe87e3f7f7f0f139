/// The numbers in the shop's rules. The defaults are what a shop starts with; the configuration can change them.
public struct Policy: Sendable {
    /// What the amounts below can be set to.
    public static let amountRange = Won(1)...Won(1_000_000_000_000)

    public var minimumCharge = Won(1_000)
    public var maximumCharge = Won(1_000_000)
    public var balanceLimit = Won(10_000_000)

    /// How long an order waits for its payment.
    public var orderLifetime = Timestamp.Span.minutes(30)
    /// So many orders of one customer wait for it at once. Each costs room on the disk, and nobody anything.
    public var pendingOrders = 20
    /// How long the receipt for an idempotency key is kept.
    public var idempotencyLifetime = Timestamp.Span.hours(24)

    /// A token ends so long after it was made …
    public var sessionLifetime = Timestamp.Span.days(30)
    /// … or when it was not used for so long.
    public var sessionIdleLifetime = Timestamp.Span.days(14)

    /// A visitor's basket is forgotten when nothing was put in for so long. The visitor's token is worth nothing afterwards.
    public var visitorBasketLifetime = Timestamp.Span.days(30)

    /// The popular products are those most sold in the running hour and so many before it.
    public var popularHours: Int64 = 72
    public var popularCount = 5

    public init() {}
}
