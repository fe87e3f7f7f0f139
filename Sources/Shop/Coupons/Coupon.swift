/// What a coupon takes off an order.
public enum Discount: Sendable, Equatable {
    /// What `fixed` takes off, and the ceilings that `percent` can have.
    public static let amountRange = Won(1)...Won(.max)
    public static let percentRange: ClosedRange<Int64> = 1...100

    case fixed(Won)
    /// Rounded down, and at most `maximum`, if there is one.
    case percent(Int64, maximum: Won?)

    /// What it takes off a total; never more than the total.
    public func amount(off total: Won) -> Won {
        switch self {
        case .fixed(let amount): return min(amount, total)
        case .percent(let percent, let maximum):
            // A total is at most 10^14 (100 lines of 1,000 at 10^9 won), so this does not overflow.
            let share = Won(total.amount * percent / 100)
            return min(maximum ?? share, share)
        }
    }
}

/// A coupon that is issued first come, first served.
public struct Coupon: Sendable, Equatable {
    /// In characters.
    public static let nameLength = 1...200
    public static let quantityRange: ClosedRange<Int64> = 1...1_000_000_000
    public static let minimumOrderRange = Won.zero...Won(.max)
    public static let validDaysRange: ClosedRange<Int64> = 1...3_650
    /// The default for `validDays`.
    public static let usualValidDays: Int64 = 30

    public let id: CouponID
    public let name: String
    public let discount: Discount
    public let minimumOrderAmount: Won
    public let quantity: Int64
    public let remaining: Int64
    public let opensAt: Timestamp
    public let closesAt: Timestamp
    /// How many days an issued coupon can be used for.
    public let validDays: Int64
    /// When the staff closed it early; nil if they did not.
    public let closedAt: Timestamp?
    /// Whether it was closed for good: by the staff, or by the batch after its time.
    public let isOver: Bool

    public init(
        id: CouponID, name: String, discount: Discount, minimumOrderAmount: Won, quantity: Int64, remaining: Int64,
        opensAt: Timestamp, closesAt: Timestamp, validDays: Int64, closedAt: Timestamp? = nil,
        isOver: Bool = false
    ) {
        self.id = id
        self.name = name
        self.discount = discount
        self.minimumOrderAmount = minimumOrderAmount
        self.quantity = quantity
        self.remaining = remaining
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.validDays = validDays
        self.closedAt = closedAt
        self.isOver = isOver
    }

    /// Whether nobody can take one any more. One that is over stays so, even if the clock is set back.
    public func isClosed(at now: Timestamp) -> Bool { isOver || now >= closesAt }

    /// The minutes of the first hour, which are counted.
    public static let countedMinutes: Range<Int64> = 0..<60

    /// The minute since the opening; nil before it, and behind the first hour.
    public func countedMinute(of time: Timestamp) -> Int64? {
        guard time >= opensAt else { return nil }
        let minute = (time.milliseconds - opensAt.milliseconds) / Timestamp.Span.minutes(1).milliseconds
        return Self.countedMinutes.contains(minute) ? minute : nil
    }
}

/// What an admin gives for a new coupon.
public struct CouponDraft: Sendable {
    public let name: String
    public let discount: Discount
    public let minimumOrderAmount: Won
    public let quantity: Int64
    public let opensAt: Timestamp
    public let closesAt: Timestamp
    public let validDays: Int64

    public init(
        name: String, discount: Discount, minimumOrderAmount: Won, quantity: Int64, opensAt: Timestamp,
        closesAt: Timestamp, validDays: Int64
    ) {
        self.name = name
        self.discount = discount
        self.minimumOrderAmount = minimumOrderAmount
        self.quantity = quantity
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.validDays = validDays
    }
}

/// A coupon in a user's hands.
public struct UserCoupon: Sendable, Equatable {
    public enum Status: String, Sendable {
        case issued, used, expired
    }

    public let id: UserCouponID
    public let coupon: CouponID
    public let name: String
    public let discount: Discount
    public let minimumOrderAmount: Won
    public let issuedAt: Timestamp
    public let expiresAt: Timestamp
    public let usedAt: Timestamp?
    /// The order it was used for.
    public let order: OrderID?

    public init(
        id: UserCouponID, coupon: CouponID, name: String, discount: Discount, minimumOrderAmount: Won,
        issuedAt: Timestamp, expiresAt: Timestamp, usedAt: Timestamp?, order: OrderID?
    ) {
        self.id = id
        self.coupon = coupon
        self.name = name
        self.discount = discount
        self.minimumOrderAmount = minimumOrderAmount
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
        self.order = order
    }

    public func status(at now: Timestamp) -> Status {
        if usedAt != nil { return .used }
        return now < expiresAt ? .issued : .expired
    }
}

public protocol CouponRepository: ManagedCouponRepository {
    func find(_ id: CouponID) throws -> Coupon?
    /// Those that are open at this time or will open, soonest first.
    func openOrComing(at time: Timestamp, limit: Int) throws -> [Coupon]
    /// Those that are open at this time and not sold out, the earliest opened first.
    func takeable(at time: Timestamp, limit: Int) throws -> [Coupon]
    /// Of what `openOrComing` finds, what the user has.
    func held(by user: UserID, at time: Timestamp, limit: Int) throws -> [CouponID]
    func add(_ draft: CouponDraft, at time: Timestamp) throws -> Coupon
    func isIssued(_ coupon: CouponID, to user: UserID) throws -> Bool
    /// Takes one from the stock and gives it to the user, who must not have one yet. Does nothing and returns nil if
    /// none is left.
    func issue(_ coupon: Coupon, to user: UserID, at time: Timestamp, expiresAt: Timestamp) throws -> UserCoupon?

    func findIssued(_ id: UserCouponID, of user: UserID) throws -> UserCoupon?
    /// The user's own copy of this coupon.
    func findIssued(of coupon: CouponID, to user: UserID) throws -> UserCoupon?
    /// The user's coupons before `before`, newest first.
    func issued(to user: UserID, before: UserCouponID?, limit: Int) throws -> ListPage<UserCoupon>
    /// The user's coupons that are neither used nor expired, newest first.
    func usable(by user: UserID, at now: Timestamp, limit: Int) throws -> [UserCoupon]
    /// Marks it used for the order. Does nothing and returns false if it is used already.
    func use(_ id: UserCouponID, for order: OrderID, at time: Timestamp) throws -> Bool
    /// Makes it usable again.
    func giveBack(_ id: UserCouponID) throws
}
