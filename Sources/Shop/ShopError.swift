/// Every refusal that the shop's rules know. Their public codes and words are in one list with those of the pages and
/// the API.
public enum ShopError: Error, Sendable, Equatable {
    // Accounts
    case unauthenticated
    case forbidden
    case loginTaken
    case invalidCredentials
    case tooManyAttempts(retryAfterSeconds: Int)
    /// The password was given too long ago for this.
    case passwordRequired

    // Second factors
    /// The account has one, and no code was given.
    case codeRequired
    case invalidCode
    /// The role needs one, and the account has none.
    case secondFactorRequired
    case secondFactorNotFound
    case secondFactorNotBegun

    // What staff do with accounts
    case accountNotFound
    case accountClosed
    /// Only an owner decides about this account.
    case staffAccount
    /// The shop would have no owner left.
    case lastOwner

    // Balance
    case chargeBelowMinimum(Won)
    case chargeAboveMaximum(Won)
    case balanceLimitExceeded(Won)
    case insufficientBalance(missing: Won)
    case correctionNotFound
    case correctionNotWaiting
    /// Who asked for it cannot confirm it.
    case correctionNeedsAnother
    /// It would take more than the balance that there is.
    case correctionExceedsBalance(Won)
    /// Nobody corrects their own balance.
    case ownBalance

    // Products
    case productNotFound
    case outOfStock(ProductID)
    case stockAboveLimit(Int64)
    /// Somebody has edited it since.
    case productChanged(ProductID)
    /// The product that has it already.
    case skuTaken(ProductID)
    case productFileRefused(ProductFileFlaw)
    case importNotFound

    // Pictures
    case pictureRefused(PictureFlaw)
    case tooManyPictures(Int)
    case pictureNotFound

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
    /// Nobody of the staff refunds an order of their own while somebody else could.
    case ownOrder
    case refundAboveOrder(ProductID)
    case refundOutdated
    case tooManyPendingOrders(Int)
    case paymentNotFound

    // Idempotency
    case idempotencyKeyReused
}

/// The shop cannot do it now, through no fault of the caller: the disk is full, the database locked, a queue full.
public struct UnavailableError: Error, Sendable {
    /// What somebody has to fix. Restarting the shop helps only with the last.
    public enum Cause: String, Sendable, CaseIterable {
        /// Only freeing space helps.
        case diskFull = "disk_full"
        /// Another process has held the database's write lock for too long.
        case locked
        /// The database's content makes no sense, even when read again.
        case damaged
        /// The database or its log is no longer where it was opened.
        case replaced
        case other
    }

    /// For the log; never shown to a client.
    public let reason: String
    public let cause: Cause
    public let retryAfterSeconds: Int
    /// Whether it is certain that nothing was changed. Otherwise it may have happened; sending it again with the same
    /// key makes it happen once.
    public let isOutcomeKnown: Bool

    public init(_ reason: String, _ cause: Cause = .other, retryAfterSeconds: Int = 1, isOutcomeKnown: Bool = true) {
        self.reason = reason
        self.cause = cause
        self.retryAfterSeconds = retryAfterSeconds
        self.isOutcomeKnown = isOutcomeKnown
    }
}
