/// A coupon as the staff see it: how it went, and what became of those that were taken.
public struct ManagedCoupon: Sendable, Equatable {
    public let coupon: Coupon
    /// How many of those taken have been used.
    public let used: Int64
    /// How many were taken in each minute of the first hour, `Coupon.countedMinutes`.
    public let minutes: [Int64]
}

/// Which coupons.
public enum ManagedCouponFilter: String, Sendable, CaseIterable {
    case all, coming, open
    /// Can be taken, and not for long any more.
    case ending
    /// Can be taken, and not by many any more.
    case scarce
    case closed
}

extension Coupon {
    /// One that closes within this time is about to end.
    public static let endingWithin = Timestamp.Span.days(3)
    /// One of which no more than one in so many is left is nearly gone.
    public static let scarceShare: Int64 = 10
}

/// Somebody who has taken a coupon.
public struct CouponHolder: Sendable, Equatable {
    public let user: UserID
    public let login: String
    public let name: String
    public let issuedAt: Timestamp
    public let expiresAt: Timestamp
    public let usedAt: Timestamp?
    /// The order it was used for.
    public let order: OrderID?

    public init(
        user: UserID, login: String, name: String, issuedAt: Timestamp, expiresAt: Timestamp, usedAt: Timestamp?,
        order: OrderID?
    ) {
        self.user = user
        self.login = login
        self.name = name
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
        self.order = order
    }

    public func status(at now: Timestamp) -> UserCoupon.Status {
        if usedAt != nil { return .used }
        return now < expiresAt ? .issued : .expired
    }
}

public protocol ManagedCouponRepository {
    /// The newest first.
    func list(
        _ filter: ManagedCouponFilter, at now: Timestamp, before: CouponID?, limit: Int
    ) throws -> ListPage<Coupon>
    func usedCount(of coupon: CouponID) throws -> Int64
    /// In each of `Coupon.countedMinutes`.
    func takenByMinute(of coupon: CouponID) throws -> [Int64]
    /// By the users' numbers.
    func holders(of coupon: CouponID, used: Bool, after: UserID?, limit: Int) throws -> ListPage<CouponHolder>
    /// Does nothing and returns false if it was closed before.
    func close(_ id: CouponID, at time: Timestamp) throws -> Bool
    /// Closes at most `limit` of those that have run out by this time, each at its end; returns how many.
    func closeRunOut(by time: Timestamp, limit: Int) throws -> Int
}

/// The coupons, for those of the staff who may see how they go.
public struct ManagedCoupons: Capability, Sendable {
    let context: Context

    /// The newest first.
    public func list(_ filter: ManagedCouponFilter, before: CouponID?, limit: Int) throws -> ListPage<Coupon> {
        let now = clock.now()
        return try store.read { tx in try tx.coupons.list(filter, at: now, before: before, limit: limit) }
    }

    /// Throws `couponNotFound`.
    public func find(_ id: CouponID) throws -> ManagedCoupon {
        try store.read { tx in
            guard let coupon = try tx.coupons.find(id) else { throw ShopError.couponNotFound }
            return ManagedCoupon(
                coupon: coupon, used: try tx.coupons.usedCount(of: id), minutes: try tx.coupons.takenByMinute(of: id))
        }
    }

    /// Who has taken it, by their numbers. Throws `couponNotFound`.
    ///
    /// - Parameter used: only those who have used it.
    public func holders(
        of id: CouponID, used: Bool, after: UserID?, limit: Int
    ) throws -> ListPage<CouponHolder> {
        try store.read { tx in
            guard try tx.coupons.find(id) != nil else { throw ShopError.couponNotFound }
            return try tx.coupons.holders(of: id, used: used, after: after, limit: limit)
        }
    }
}

extension Shop {
    /// Throws `forbidden` for who may not see them.
    public func managedCoupons(for staff: Staff) throws -> ManagedCoupons {
        try staff.check(.readCoupons)
        return ManagedCoupons(context: context)
    }

    /// The same for a file of who has taken a coupon, as with orders: throws `passwordRequired`, too.
    public func managedCoupons(forFileOf staff: Staff) throws -> ManagedCoupons {
        let coupons = try managedCoupons(for: staff)
        try staff.checkPassword()
        return coupons
    }
}
