/// Every refusal that the shop's rules know. What each is called over HTTP, and its words, stand in one list with the
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
/// Nothing was changed.
public struct Unavailable: Error, Sendable {
    /// For the log; a client is not told.
    public let reason: String
    public let retryAfterSeconds: Int
    /// Only more room helps.
    public let isDiskFull: Bool

    public init(_ reason: String, retryAfterSeconds: Int = 1, isDiskFull: Bool = false) {
        self.reason = reason
        self.isDiskFull = isDiskFull
        self.retryAfterSeconds = retryAfterSeconds
    }
}
