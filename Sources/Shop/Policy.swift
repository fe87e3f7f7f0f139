/// The numbers in the shop's rules. These are the defaults; the configuration can change them.
public struct Policy: Sendable {
    /// The range of the amounts below.
    public static let amountRange = Won(1)...Won(1_000_000_000_000)

    public var minimumCharge = Won(1_000)
    public var maximumCharge = Won(1_000_000)
    public var balanceLimit = Won(10_000_000)

    /// By how much one of the staff may correct one balance within a day without a second person.
    public var correctionAlone = Won(50_000)
    /// How long a correction waits for a second person.
    public var correctionLifetime = Timestamp.Span.days(7)

    /// How long an order waits for its payment.
    public var orderLifetime = Timestamp.Span.minutes(30)
    /// How many unpaid orders a customer may have at once. Each takes disk space and costs nobody anything.
    public var pendingOrders = 20
    /// How long the receipt for an idempotency key is kept.
    public var idempotencyLifetime = Timestamp.Span.hours(24)

    /// A token ends this long after it was made …
    public var sessionLifetime = Timestamp.Span.days(30)
    /// … or after this long without use.
    public var sessionIdleLifetime = Timestamp.Span.days(14)

    /// Whether owners and managers need a second factor.
    public var secondFactor = SecondFactorRule.required
    /// Refunds and other people's accounts take a password that was given at most this long ago.
    public var passwordLifetime = Timestamp.Span.minutes(15)

    /// A visitor's basket is forgotten after this long without an addition, and the visitor's token with it.
    public var visitorBasketLifetime = Timestamp.Span.days(30)

    /// The files of a picture are removed this long after the last product has stopped naming it.
    public var unusedPictureLifetime = Timestamp.Span.days(7)

    /// The popular products are the best sellers of the current hour and this many hours before it.
    public var popularHours: Int64 = 72
    public var popularCount = 5

    /// The days that figures are added up by.
    public var calendar = ShopCalendar.korea

    public init() {}
}
