import SQLite
import Shop

struct SQLCoupons: CouponRepository {
    let sql: Connection

    func find(_ id: CouponID) throws -> Coupon? {
        try sql.first(
            """
            SELECT id, name, minimum_order_amount, fixed_amount, percent, maximum_amount, quantity, remaining, opens_at,
                closes_at, valid_days
            FROM coupons WHERE id = ?
            """, id.value, read: coupon)
    }

    func openOrComing(at time: Timestamp, limit: Int) throws -> [Coupon] {
        try sql.all(
            """
            SELECT id, name, minimum_order_amount, fixed_amount, percent, maximum_amount, quantity, remaining, opens_at,
                closes_at, valid_days
            FROM coupons WHERE closes_at > ? ORDER BY opens_at, id LIMIT ?
            """, time.milliseconds, limit, read: coupon)
    }

    func takeable(at time: Timestamp, limit: Int) throws -> [Coupon] {
        try sql.all(
            """
            SELECT id, name, minimum_order_amount, fixed_amount, percent, maximum_amount, quantity, remaining, opens_at,
                closes_at, valid_days
            FROM coupons WHERE closes_at > ?1 AND opens_at <= ?1 AND remaining > 0 ORDER BY opens_at, id LIMIT ?2
            """, time.milliseconds, limit, read: coupon)
    }

    func held(by user: UserID, at time: Timestamp, limit: Int) throws -> [CouponID] {
        try sql.all(
            """
            SELECT coupon_id FROM user_coupons WHERE user_id = ? AND coupon_id IN
                (SELECT id FROM coupons WHERE closes_at > ? ORDER BY opens_at, id LIMIT ?)
            """, user.value, time.milliseconds, limit
        ) { CouponID($0.int64(0)) }
    }

    func add(_ draft: CouponDraft, at time: Timestamp) throws -> Coupon {
        let (fixed, percent, maximum): (Int64?, Int64?, Int64?) =
            switch draft.discount {
            case .fixed(let amount): (amount.amount, nil, nil)
            case .percent(let percent, let maximum): (nil, percent, maximum?.amount)
            }
        let id = try sql.insert(
            """
            INSERT INTO coupons (remaining, quantity, opens_at, closes_at, valid_days, minimum_order_amount, fixed_amount,
                percent, maximum_amount, name, created_at)
            VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """, draft.quantity, draft.opensAt.milliseconds, draft.closesAt.milliseconds, draft.validDays,
            draft.minimumOrderAmount.amount, fixed, percent, maximum, draft.name, time.milliseconds)
        return Coupon(
            id: CouponID(id), name: draft.name, discount: draft.discount, minimumOrderAmount: draft.minimumOrderAmount,
            quantity: draft.quantity, remaining: draft.quantity, opensAt: draft.opensAt, closesAt: draft.closesAt,
            validDays: draft.validDays)
    }

    func isIssued(_ coupon: CouponID, to user: UserID) throws -> Bool {
        try sql.first(
            "SELECT 1 FROM user_coupons WHERE coupon_id = ? AND user_id = ?", coupon.value, user.value
        ) { _ in true }
            ?? false
    }

    func issue(_ coupon: Coupon, to user: UserID, at time: Timestamp, expiresAt: Timestamp) throws -> UserCoupon? {
        let taken = try sql.change(
            "UPDATE coupons SET remaining = remaining - 1 WHERE id = ? AND remaining > 0", coupon.id.value)
        guard taken == 1 else { return nil }
        let id = try sql.insert(
            "INSERT INTO user_coupons (coupon_id, user_id, issued_at, expires_at) VALUES (?, ?, ?, ?)", coupon.id.value,
            user.value, time.milliseconds, expiresAt.milliseconds)
        return UserCoupon(
            id: UserCouponID(id), coupon: coupon.id, name: coupon.name, discount: coupon.discount,
            minimumOrderAmount: coupon.minimumOrderAmount, issuedAt: time, expiresAt: expiresAt, usedAt: nil, order: nil
        )
    }

    func findIssued(_ id: UserCouponID, of user: UserID) throws -> UserCoupon? {
        try sql.first(
            """
            SELECT u.id, c.name, c.minimum_order_amount, c.fixed_amount, c.percent, c.maximum_amount, c.id, u.issued_at,
                u.expires_at, u.used_at, u.order_id
            FROM user_coupons AS u JOIN coupons AS c ON c.id = u.coupon_id WHERE u.id = ? AND u.user_id = ?
            """, id.value, user.value, read: userCoupon)
    }

    func findIssued(of coupon: CouponID, to user: UserID) throws -> UserCoupon? {
        try sql.first(
            """
            SELECT u.id, c.name, c.minimum_order_amount, c.fixed_amount, c.percent, c.maximum_amount, c.id, u.issued_at,
                u.expires_at, u.used_at, u.order_id
            FROM user_coupons AS u JOIN coupons AS c ON c.id = u.coupon_id WHERE u.coupon_id = ? AND u.user_id = ?
            """, coupon.value, user.value, read: userCoupon)
    }

    func issued(to user: UserID, before: UserCouponID?, limit: Int) throws -> Page<UserCoupon> {
        let coupons = try sql.all(
            """
            SELECT u.id, c.name, c.minimum_order_amount, c.fixed_amount, c.percent, c.maximum_amount, c.id, u.issued_at,
                u.expires_at, u.used_at, u.order_id
            FROM user_coupons AS u JOIN coupons AS c ON c.id = u.coupon_id
            WHERE u.user_id = ? AND u.id < ? ORDER BY u.id DESC LIMIT ?
            """, user.value, before?.value ?? .max, limit + 1, read: userCoupon)
        return Page(fetched: coupons, limit: limit)
    }

    func usable(by user: UserID, at now: Timestamp, limit: Int) throws -> [UserCoupon] {
        try sql.all(
            """
            SELECT u.id, c.name, c.minimum_order_amount, c.fixed_amount, c.percent, c.maximum_amount, c.id, u.issued_at,
                u.expires_at, u.used_at, u.order_id
            FROM user_coupons AS u JOIN coupons AS c ON c.id = u.coupon_id
            WHERE u.user_id = ? AND u.used_at IS NULL AND u.expires_at > ? ORDER BY u.id DESC LIMIT ?
            """, user.value, now.milliseconds, limit, read: userCoupon)
    }

    func use(_ id: UserCouponID, for order: OrderID, at time: Timestamp) throws -> Bool {
        try sql.change(
            "UPDATE user_coupons SET used_at = ?, order_id = ? WHERE id = ? AND used_at IS NULL", time.milliseconds,
            order.value, id.value) == 1
    }

    func giveBack(_ id: UserCouponID) throws {
        try sql.run("UPDATE user_coupons SET used_at = NULL, order_id = NULL WHERE id = ?", id.value)
    }

    private func coupon(_ row: borrowing Row) -> Coupon {
        Coupon(
            id: CouponID(row.int64(0)), name: row.text(1), discount: discount(row), minimumOrderAmount: row.won(2),
            quantity: row.int64(6), remaining: row.int64(7), opensAt: row.time(8), closesAt: row.time(9),
            validDays: row.int64(10))
    }

    private func userCoupon(_ row: borrowing Row) -> UserCoupon {
        UserCoupon(
            id: UserCouponID(row.int64(0)), coupon: CouponID(row.int64(6)), name: row.text(1), discount: discount(row),
            minimumOrderAmount: row.won(2), issuedAt: row.time(7), expiresAt: row.time(8), usedAt: row.optionalTime(9),
            order: row.optionalInt64(10).map { OrderID($0) })
    }

    /// Columns 3 to 5 of both.
    private func discount(_ row: borrowing Row) -> Discount {
        if let amount = row.optionalInt64(3) { return .fixed(Won(amount)) }
        return .percent(row.int64(4), maximum: row.optionalInt64(5).map { Won($0) })
    }
}
