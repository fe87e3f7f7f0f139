import SQLite
import Shop

/// Coupons as the staff see them.
extension SQLCoupons {
    func list(
        _ filter: ManagedCouponFilter, at now: Timestamp, before: CouponID?, limit: Int
    ) throws -> ListPage<Coupon> {
        let (before, now) = (before?.value ?? .max, now.milliseconds)
        let coupons: [Coupon] =
            switch filter {
            case .all:
                try sql.all(
                    "SELECT \(Coupon.Column.self) FROM coupons WHERE id < ? ORDER BY id DESC LIMIT ?", before,
                    limit + 1,
                    read: Coupon.init)
            case .coming:
                try sql.all(
                    """
                    SELECT \(Coupon.Column.self) FROM coupons
                    WHERE closes_at > ?1 AND opens_at > ?1 AND closed_at IS NULL AND id < ?2 ORDER BY id DESC LIMIT ?3
                    """, now, before, limit + 1, read: Coupon.init)
            case .open:
                try sql.all(
                    """
                    SELECT \(Coupon.Column.self) FROM coupons
                    WHERE closes_at > ?1 AND opens_at <= ?1 AND closed_at IS NULL AND id < ?2 ORDER BY id DESC LIMIT ?3
                    """, now, before, limit + 1, read: Coupon.init)
            case .ending:
                try sql.all(
                    """
                    SELECT \(Coupon.Column.self) FROM coupons
                    WHERE closes_at > ?1 AND closes_at <= ?2 AND opens_at <= ?1 AND remaining > 0 AND closed_at IS NULL
                        AND id < ?3 ORDER BY id DESC LIMIT ?4
                    """, now, now + Coupon.endingWithin.milliseconds, before, limit + 1, read: Coupon.init)
            case .scarce:
                try sql.all(
                    """
                    SELECT \(Coupon.Column.self) FROM coupons
                    WHERE closes_at > ?1 AND opens_at <= ?1 AND remaining BETWEEN 1 AND quantity / ?2
                        AND closed_at IS NULL AND id < ?3 ORDER BY id DESC LIMIT ?4
                    """, now, Coupon.scarceShare, before, limit + 1, read: Coupon.init)
            case .closed:
                try sql.all(
                    """
                    SELECT \(Coupon.Column.self) FROM coupons
                    WHERE (closes_at <= ? OR closed_at IS NOT NULL) AND id < ? ORDER BY id DESC LIMIT ?
                    """, now, before, limit + 1, read: Coupon.init)
            }
        return ListPage(fetched: coupons, limit: limit)
    }

    func usedCount(of coupon: CouponID) throws -> Int64 {
        try sql.first(
            "SELECT count(*) FROM user_coupons WHERE coupon_id = ? AND used_at IS NOT NULL", coupon.value
        ) { $0.int64(0) } ?? 0
    }

    func takenByMinute(of coupon: CouponID) throws -> [Int64] {
        var minutes = [Int64](repeating: 0, count: Coupon.countedMinutes.count)
        try sql.forEach("SELECT minute, taken FROM coupon_minutes WHERE coupon_id = ?", coupon.value) { row in
            let minute = Int(row.int64(0))
            if minutes.indices.contains(minute) { minutes[minute] = row.int64(1) }
        }
        return minutes
    }

    func holders(of coupon: CouponID, used: Bool, after: UserID?, limit: Int) throws -> ListPage<CouponHolder> {
        let after = after?.value ?? 0
        let holders: [CouponHolder] =
            used
            ? try sql.all(
                """
                SELECT \(CouponHolder.Column.self) FROM user_coupons JOIN users ON users.id = user_coupons.user_id
                WHERE user_coupons.coupon_id = ? AND user_coupons.used_at IS NOT NULL AND user_coupons.user_id > ?
                ORDER BY user_coupons.user_id LIMIT ?
                """, coupon.value, after, limit + 1, read: CouponHolder.init)
            : try sql.all(
                """
                SELECT \(CouponHolder.Column.self) FROM user_coupons JOIN users ON users.id = user_coupons.user_id
                WHERE user_coupons.coupon_id = ? AND user_coupons.user_id > ? ORDER BY user_coupons.user_id LIMIT ?
                """, coupon.value, after, limit + 1, read: CouponHolder.init)
        return ListPage(fetched: holders, limit: limit)
    }

    func close(_ id: CouponID, at time: Timestamp) throws -> Bool {
        try sql.change(
            "UPDATE coupons SET closed_at = ? WHERE id = ? AND closed_at IS NULL", time.milliseconds, id.value) == 1
    }

    func closeRunOut(by time: Timestamp, limit: Int) throws -> Int {
        try sql.change(
            """
            UPDATE coupons SET closed_at = closes_at WHERE id IN
                (SELECT id FROM coupons WHERE closes_at <= ? AND closed_at IS NULL LIMIT ?)
            """, time.milliseconds, limit)
    }
}

extension CouponHolder {
    fileprivate enum Column: Int32, ColumnList {
        case userID, issuedAt, expiresAt, usedAt, orderID, login, name

        var table: String {
            switch self {
            case .userID, .issuedAt, .expiresAt, .usedAt, .orderID: "user_coupons"
            case .login, .name: "users"
            }
        }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(
            user: row.id(Column.userID), login: row.text(Column.login), name: row.text(Column.name),
            issuedAt: row.time(Column.issuedAt), expiresAt: row.time(Column.expiresAt),
            usedAt: row.optionalTime(Column.usedAt), order: row.optionalID(Column.orderID))
    }
}
