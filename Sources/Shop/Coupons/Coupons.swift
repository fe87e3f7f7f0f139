/// Coupons, first come first served.
public struct Coupons: Capability, Sendable {
    /// How many of a customer's coupons, the newest, there are to choose from.
    static let mostUsable = 200
    static let mostOpenOrComing = 100

    let context: Context

    /// The coupons that are open or will open, at most 100.
    public func openOrComing() throws -> [Coupon] {
        let now = clock.now()
        return try store.read { tx in try tx.coupons.openOrComing(at: now, limit: Self.mostOpenOrComing) }
    }

    /// Of the coupons that are open or will open, those that the user has.
    public func held(by user: UserID) throws -> [CouponID] {
        let now = clock.now()
        return try store.read { tx in try tx.coupons.held(by: user, at: now, limit: Self.mostOpenOrComing) }
    }

    /// The coupons that can be taken now, the earliest opened first.
    public func takeable(limit: Int) throws -> [Coupon] {
        let now = clock.now()
        return try store.read { tx in try tx.coupons.takeable(at: now, limit: limit) }
    }

    /// Of the coupons that can be taken now, those that the user already has.
    public func heldOfTakeable(by user: UserID, limit: Int) throws -> [CouponID] {
        let now = clock.now()
        return try store.read { tx in
            try tx.coupons.takeable(at: now, limit: limit).map(\.id).filter { coupon in
                try tx.coupons.isIssued(coupon, to: user)
            }
        }
    }

    public func isHeld(_ id: CouponID, by user: UserID) throws -> Bool {
        try store.read { tx in try tx.coupons.isIssued(id, to: user) }
    }

    /// One coupon, open or not, and the user's own copy of it.
    public func find(_ id: CouponID, for user: UserID?) throws -> (coupon: Coupon, mine: UserCoupon?) {
        try store.read { tx in
            guard let coupon = try tx.coupons.find(id) else { throw ShopError.couponNotFound }
            return (coupon, try user.flatMap { try tx.coupons.findIssued(of: id, to: $0) })
        }
    }

    /// The user's coupons that can be used, newest first, at most 200.
    public func usable(by user: UserID) throws -> [UserCoupon] {
        let now = clock.now()
        return try store.read { tx in try tx.coupons.usable(by: user, at: now, limit: Self.mostUsable) }
    }

    /// The user's coupons, newest first.
    public func issued(to user: UserID, before: UserCouponID?, limit: Int) throws -> ListPage<UserCoupon> {
        try store.read { tx in try tx.coupons.issued(to: user, before: before, limit: limit) }
    }

    /// Gives the caller one of the coupon's stock.
    ///
    /// A refusal that the committed state already decides comes from a read: the flood behind the last coupon costs no
    /// write. Only callers who get past that are checked again inside the write, where it counts.
    public func issue(_ id: CouponID, _ submission: Submission<UserCoupon>) throws -> Receipt {
        let now = clock.now()
        let replayed = try store.read { tx -> Receipt? in
            if let kept = try submission.kept(in: tx, at: now, policy) { return kept }
            _ = try issuable(id, to: submission.caller, at: now, tx)
            return nil
        }
        if let replayed { return replayed }
        return try store.write(once: submission, at: now, policy) { tx in
            let coupon = try issuable(id, to: submission.caller, at: now, tx)
            let expiresAt = now + .days(coupon.validDays)
            guard let mine = try tx.coupons.issue(coupon, to: submission.caller, at: now, expiresAt: expiresAt) else {
                throw ShopError.couponSoldOut
            }
            return mine
        }
    }

    /// The coupon, if this user may take one now. Whoever has it already is told so, sold out or not.
    private func issuable(_ id: CouponID, to user: UserID, at now: Timestamp, _ tx: any Repositories) throws -> Coupon {
        guard let coupon = try tx.coupons.find(id) else { throw ShopError.couponNotFound }
        if try tx.coupons.isIssued(id, to: user) { throw ShopError.couponAlreadyIssued }
        if coupon.remaining == 0 { throw ShopError.couponSoldOut }
        if coupon.isClosed(at: now) { throw ShopError.couponClosed }
        if now < coupon.opensAt { throw ShopError.couponNotOpen }
        return coupon
    }
}
