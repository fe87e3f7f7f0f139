import SQLite
import Shop

struct SQLCoupons: CouponRepository {
    let sql: Connection
    let tally: FigureTally

    func find(_ id: CouponID) throws -> Coupon? {
        try sql.first(
            """
            SELECT \(Coupon.Column.self) FROM coupons WHERE id = ?
            """, id.value, read: Coupon.init)
    }

    func openOrComing(at time: Timestamp, limit: Int) throws -> [Coupon] {
        try sql.all(
            """
            SELECT \(Coupon.Column.self) FROM coupons WHERE closes_at > ? AND closed_at IS NULL ORDER BY opens_at, id LIMIT ?
            """, time.milliseconds, limit, read: Coupon.init)
    }

    func takeable(at time: Timestamp, limit: Int) throws -> [Coupon] {
        try sql.all(
            """
            SELECT \(Coupon.Column.self) FROM coupons
            WHERE closes_at > ?1 AND opens_at <= ?1 AND remaining > 0 AND closed_at IS NULL ORDER BY opens_at, id LIMIT ?2
            """, time.milliseconds, limit, read: Coupon.init)
    }

    func held(by user: UserID, at time: Timestamp, limit: Int) throws -> [CouponID] {
        try sql.all(
            """
            SELECT coupon_id FROM user_coupons WHERE user_id = ? AND coupon_id IN
                (SELECT id FROM coupons WHERE closes_at > ? AND closed_at IS NULL ORDER BY opens_at, id LIMIT ?)
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
        tally.count(at: time) { $0.coupons += 1 }
        if let minute = coupon.countedMinute(of: time) {
            try sql.run(
                """
                INSERT INTO coupon_minutes (coupon_id, minute, taken) VALUES (?, ?, 1)
                ON CONFLICT DO UPDATE SET taken = taken + 1
                """, coupon.id.value, minute)
        }
        return UserCoupon(
            id: UserCouponID(id), coupon: coupon.id, name: coupon.name, discount: coupon.discount,
            minimumOrderAmount: coupon.minimumOrderAmount, issuedAt: time, expiresAt: expiresAt, usedAt: nil, order: nil
        )
    }

    func findIssued(_ id: UserCouponID, of user: UserID) throws -> UserCoupon? {
        try sql.first(
            """
            SELECT \(UserCoupon.Column.self)
            FROM user_coupons JOIN coupons ON coupons.id = user_coupons.coupon_id WHERE user_coupons.id = ? AND user_coupons.user_id = ?
            """, id.value, user.value, read: UserCoupon.init)
    }

    func findIssued(of coupon: CouponID, to user: UserID) throws -> UserCoupon? {
        try sql.first(
            """
            SELECT \(UserCoupon.Column.self)
            FROM user_coupons JOIN coupons ON coupons.id = user_coupons.coupon_id WHERE user_coupons.coupon_id = ? AND user_coupons.user_id = ?
            """, coupon.value, user.value, read: UserCoupon.init)
    }

    func issued(to user: UserID, before: UserCouponID?, limit: Int) throws -> ListPage<UserCoupon> {
        let coupons = try sql.all(
            """
            SELECT \(UserCoupon.Column.self)
            FROM user_coupons JOIN coupons ON coupons.id = user_coupons.coupon_id
            WHERE user_coupons.user_id = ? AND user_coupons.id < ? ORDER BY user_coupons.id DESC LIMIT ?
            """, user.value, before?.value ?? .max, limit + 1, read: UserCoupon.init)
        return ListPage(fetched: coupons, limit: limit)
    }

    func usable(by user: UserID, at now: Timestamp, limit: Int) throws -> [UserCoupon] {
        try sql.all(
            """
            SELECT \(UserCoupon.Column.self)
            FROM user_coupons JOIN coupons ON coupons.id = user_coupons.coupon_id
            WHERE user_coupons.user_id = ? AND user_coupons.used_at IS NULL AND user_coupons.expires_at > ? ORDER BY user_coupons.id DESC LIMIT ?
            """, user.value, now.milliseconds, limit, read: UserCoupon.init)
    }

    func use(_ id: UserCouponID, for order: OrderID, at time: Timestamp) throws -> Bool {
        try sql.change(
            "UPDATE user_coupons SET used_at = ?, order_id = ? WHERE id = ? AND used_at IS NULL", time.milliseconds,
            order.value, id.value) == 1
    }

    func giveBack(_ id: UserCouponID) throws {
        try sql.run("UPDATE user_coupons SET used_at = NULL, order_id = NULL WHERE id = ?", id.value)
    }
}

extension Coupon {
    enum Column: Int32, ColumnList {
        case id, name, minimumOrderAmount, fixedAmount, percent, maximumAmount, quantity, remaining, opensAt, closesAt
        case validDays, closedAt
        var table: String { "coupons" }
    }

    init(_ row: borrowing Row) {
        let (closesAt, closedAt) = (row.time(Column.closesAt), row.optionalTime(Column.closedAt))
        self.init(
            id: row.id(Column.id), name: row.text(Column.name),
            discount: row.discount(Column.fixedAmount, Column.percent, Column.maximumAmount),
            minimumOrderAmount: row.won(Column.minimumOrderAmount), quantity: row.int64(Column.quantity),
            remaining: row.int64(Column.remaining), opensAt: row.time(Column.opensAt),
            closesAt: closesAt, validDays: row.int64(Column.validDays),
            // What has run out is closed at its end.
            closedAt: closedAt.flatMap { $0 < closesAt ? $0 : nil }, isOver: closedAt != nil)
    }
}

extension UserCoupon {
    fileprivate enum Column: Int32, ColumnList {
        case id, couponID, issuedAt, expiresAt, usedAt, orderID
        case name, minimumOrderAmount, fixedAmount, percent, maximumAmount

        var table: String {
            switch self {
            case .id, .couponID, .issuedAt, .expiresAt, .usedAt, .orderID: "user_coupons"
            case .name, .minimumOrderAmount, .fixedAmount, .percent, .maximumAmount: "coupons"
            }
        }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(
            id: row.id(Column.id), coupon: row.id(Column.couponID), name: row.text(Column.name),
            discount: row.discount(Column.fixedAmount, Column.percent, Column.maximumAmount),
            minimumOrderAmount: row.won(Column.minimumOrderAmount), issuedAt: row.time(Column.issuedAt),
            expiresAt: row.time(Column.expiresAt), usedAt: row.optionalTime(Column.usedAt),
            order: row.optionalID(Column.orderID))
    }
}

extension Row {
    fileprivate func discount<Column: ColumnList>(_ fixed: Column, _ percent: Column, _ maximum: Column) -> Discount {
        if let amount = optionalWon(fixed) { return .fixed(amount) }
        return .percent(int64(percent), maximum: optionalWon(maximum))
    }
}
