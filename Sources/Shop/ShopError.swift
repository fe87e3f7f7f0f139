/// Every refusal that the shop's rules know. What each is called outside, and its words, stand in one list with the
/// pages and the API.
public enum ShopError: Error, Sendable, Equatable {
    // Accounts
    case unauthenticated
    case forbidden
    case loginTaken
    case invalidCredentials
    case tooManyAttempts(retryAfterSeconds: Int)

    // Balance
    case chargeBelowMinimum(Won)
    case chargeAboveMaximum(Won)
    case balanceLimitExceeded(Won)
    case insufficientBalance(missing: Won)

    // Products
    case productNotFound
    case outOfStock(ProductID)
    case stockAboveLimit(Int64)

    // Basket
    case basketFull(Int)
    case tooManyOfOne(Int64)
    case basketEmpty
    case basketChanged

    // Coupons
    case couponNotFound
    case couponAlreadyIssued
    case couponSoldOut
    case couponNotOpen
    case couponClosed
    case userCouponNotFound
    case couponNotUsable
    case couponMinimumNotMet(Won)

    // Orders and payments
    case orderNotFound
    case orderNotPending
    case orderExpired
    case orderChanged
    case orderNotCompleted
    case tooManyPendingOrders(Int)
    case paymentNotFound

    // Idempotency
    case idempotencyKeyReused
}

/// The shop cannot do it now, through no fault of the caller's: the disk is full, the database locked, a queue full.
public struct Unavailable: Error, Sendable {
    /// What somebody has to see to. To start the shop anew helps none of them but the last.
    public enum Cause: String, Sendable, CaseIterable {
        /// Only more room helps.
        case diskFull = "disk_full"
        /// Another process has had the database's write lock for too long.
        case locked
        /// What stands in the database makes no sense, looked at twice.
        case damaged
        /// The database, or its log, does not lie any more where it was opened.
        case replaced
        case other
    }

    /// For the log; a client is not told.
    public let reason: String
    public let cause: Cause
    public let retryAfterSeconds: Int
    /// Whether it is certain that nothing was changed. Otherwise it may have happened: who sends it again with the same key
    /// has it happen once.
    public let isOutcomeKnown: Bool

    public init(_ reason: String, _ cause: Cause = .other, retryAfterSeconds: Int = 1, isOutcomeKnown: Bool = true) {
        self.reason = reason
        self.cause = cause
        self.retryAfterSeconds = retryAfterSeconds
        self.isOutcomeKnown = isOutcomeKnown
    }
}
