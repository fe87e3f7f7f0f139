import SQLite
import Shop

/// Lists of orders for the staff. Each comes from one of three indexes, the newest first; a filter without an index of its
/// own looks at so many orders and no more, so that no list takes long, however rare what is sought.
struct SQLOrderLists: OrderListRepository {
    let sql: Connection
    let orders: SQLOrders

    func list(
        _ selection: OrderSelection, after position: OrderPosition?, limit: Int, lookingAt most: Int
    ) throws -> OrderList {
        let last = try lastLookedAt(selection, after: position, most)
        let found = try page(selection, after: position, from: last, limit + 1)
        if found.count > limit {
            let kept = Array(found.prefix(limit))
            return OrderList(
                kept, next: kept.last.map { OrderPosition(createdAt: $0.order.createdAt, id: $0.order.id) })
        }
        return OrderList(found, next: last, lookedBackTo: last?.createdAt)
    }

    /// The last of `most` orders behind a position; nil if there are fewer.
    private func lastLookedAt(
        _ selection: OrderSelection, after position: OrderPosition?, _ most: Int
    ) throws -> OrderPosition? {
        let start = position ?? selection.start
        let (from, skipped) = (selection.made.lowerBound.milliseconds, most - 1)
        if let customer = selection.customer {
            return try sql.first(
                """
                SELECT created_at, id FROM orders INDEXED BY orders_user WHERE user_id = ? AND id < ?
                ORDER BY id DESC LIMIT 1 OFFSET ?
                """, customer.value, start.id.value, skipped, read: position(of:))
        }
        if selection.comesFromRefunded {
            return try sql.first(
                """
                SELECT created_at, id FROM orders INDEXED BY orders_refunded
                WHERE refunds > 0 AND (created_at, id) < (?, ?) AND created_at >= ?
                ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?
                """, start.createdAt.milliseconds, start.id.value, from, skipped, read: position(of:))
        }
        return try sql.first(
            """
            SELECT created_at, id FROM orders INDEXED BY orders_made
            WHERE (created_at, id) < (?, ?) AND created_at >= ? ORDER BY created_at DESC, id DESC LIMIT 1 OFFSET ?
            """, start.createdAt.milliseconds, start.id.value, from, skipped, read: position(of:))
    }

    private func position(of row: borrowing Row) -> OrderPosition {
        OrderPosition(createdAt: row.time(0), id: OrderID(row.int64(1)))
    }

    /// - Parameter last: the last order that is looked at; nil for no such bound.
    private func page(
        _ selection: OrderSelection, after position: OrderPosition?, from last: OrderPosition?, _ limit: Int
    ) throws -> [ListedOrder] {
        let start = position ?? selection.start
        let end = last ?? selection.end
        let (made, paid, status) = (selection.made, selection.paidMilliseconds, selection.status?.rawValue)
        if let customer = selection.customer {
            return try sql.all(
                """
                SELECT \(Order.Column.self), (SELECT login FROM users WHERE users.id = orders.user_id)
                FROM orders INDEXED BY orders_user
                WHERE user_id = ?1 AND id < ?2 AND id >= ?3 AND created_at >= ?4 AND created_at < ?5
                    AND (?6 IS NULL OR ?6 = CASE WHEN status = 'pending' AND expires_at <= ?7 THEN 'expired' ELSE status END)
                    AND (?8 = 0 OR user_coupon_id IS NOT NULL)
                    AND (?9 IS NULL OR EXISTS
                        (SELECT 1 FROM order_lines AS l WHERE l.order_id = orders.id AND l.product_id = ?9))
                    AND (?10 = 0 OR refunds > 0)
                    AND (?11 IS NULL OR (completed_at >= ?11 AND completed_at < ?12))
                ORDER BY id DESC LIMIT ?13
                """, customer.value, start.id.value, end.id.value, made.lowerBound.milliseconds,
                made.upperBound.milliseconds, status, selection.now.milliseconds, selection.hasCoupon,
                selection.product?.value, selection.isRefunded, paid.start, paid.end, limit, read: listed)
        }
        if selection.comesFromRefunded {
            // They were paid, so that none waits or expires.
            return try sql.all(
                """
                SELECT \(Order.Column.self), (SELECT login FROM users WHERE users.id = orders.user_id)
                FROM orders INDEXED BY orders_refunded
                WHERE refunds > 0 AND (created_at, id) < (?1, ?2) AND (created_at, id) >= (?3, ?4)
                    AND (?5 IS NULL OR ?5 = status) AND (?6 = 0 OR user_coupon_id IS NOT NULL)
                    AND (?7 IS NULL OR EXISTS
                        (SELECT 1 FROM order_lines AS l WHERE l.order_id = orders.id AND l.product_id = ?7))
                ORDER BY created_at DESC, id DESC LIMIT ?8
                """, start.createdAt.milliseconds, start.id.value, end.createdAt.milliseconds, end.id.value, status,
                selection.hasCoupon, selection.product?.value, limit, read: listed)
        }
        return try sql.all(
            """
            SELECT \(Order.Column.self), (SELECT login FROM users WHERE users.id = orders.user_id)
            FROM orders INDEXED BY orders_made
            WHERE (created_at, id) < (?1, ?2) AND (created_at, id) >= (?3, ?4)
                AND (?5 IS NULL OR ?5 = CASE WHEN status = 'pending' AND expires_at <= ?6 THEN 'expired' ELSE status END)
                AND (?7 = 0 OR user_coupon_id IS NOT NULL)
                AND (?8 IS NULL OR EXISTS
                    (SELECT 1 FROM order_lines AS l WHERE l.order_id = orders.id AND l.product_id = ?8))
                AND (?9 IS NULL OR (completed_at >= ?9 AND completed_at < ?10)) AND (?11 = 0 OR refunds > 0)
            ORDER BY created_at DESC, id DESC LIMIT ?12
            """, start.createdAt.milliseconds, start.id.value, end.createdAt.milliseconds, end.id.value, status,
            selection.now.milliseconds, selection.hasCoupon, selection.product?.value, paid.start, paid.end,
            selection.isRefunded, limit, read: listed)
    }

    private func listed(_ row: borrowing Row) throws -> ListedOrder {
        ListedOrder(
            order: try Order(row, try orders.lines(of: row.id(Order.Column.id))), login: row.text(Order.Column.count))
    }

    func totals(_ selection: OrderSelection, lookingAt most: Int) throws -> OrderTotals {
        let last = try lastLookedAt(selection, after: nil, most)
        let (start, end) = (selection.start, last ?? selection.end)
        let (made, paid, status) = (selection.made, selection.paidMilliseconds, selection.status?.rawValue)
        func read(_ row: borrowing Row) -> OrderTotals {
            OrderTotals(
                count: row.int64(0), paid: Won(row.int64(1)), discount: Won(row.int64(2)), refunded: Won(row.int64(3)),
                since: last?.createdAt)
        }
        let totals: OrderTotals?
        if let customer = selection.customer {
            totals = try sql.first(
                """
                SELECT count(*), sum(final_amount) FILTER (WHERE completed_at IS NOT NULL),
                    sum(discount_amount) FILTER (WHERE completed_at IS NOT NULL), sum(refunded_amount)
                FROM orders INDEXED BY orders_user
                WHERE user_id = ?1 AND id < ?2 AND id >= ?3 AND created_at >= ?4 AND created_at < ?5
                    AND (?6 IS NULL OR ?6 = CASE WHEN status = 'pending' AND expires_at <= ?7 THEN 'expired' ELSE status END)
                    AND (?8 = 0 OR user_coupon_id IS NOT NULL)
                    AND (?9 IS NULL OR EXISTS
                        (SELECT 1 FROM order_lines AS l WHERE l.order_id = orders.id AND l.product_id = ?9))
                    AND (?10 = 0 OR refunds > 0)
                    AND (?11 IS NULL OR (completed_at >= ?11 AND completed_at < ?12))
                """, customer.value, start.id.value, end.id.value, made.lowerBound.milliseconds,
                made.upperBound.milliseconds, status, selection.now.milliseconds, selection.hasCoupon,
                selection.product?.value, selection.isRefunded, paid.start, paid.end, read: read)
        } else if selection.comesFromRefunded {
            // From the index alone: they lie far apart in the table.
            totals = try sql.first(
                """
                SELECT count(*), sum(final_amount), sum(discount_amount), sum(refunded_amount)
                FROM orders INDEXED BY orders_refunded
                WHERE refunds > 0 AND (created_at, id) < (?1, ?2) AND (created_at, id) >= (?3, ?4)
                    AND (?5 IS NULL OR ?5 = status) AND (?6 = 0 OR user_coupon_id IS NOT NULL)
                    AND (?7 IS NULL OR EXISTS
                        (SELECT 1 FROM order_lines AS l WHERE l.order_id = orders.id AND l.product_id = ?7))
                """, start.createdAt.milliseconds, start.id.value, end.createdAt.milliseconds, end.id.value, status,
                selection.hasCoupon, selection.product?.value, read: read)
        } else {
            totals = try sql.first(
                """
                SELECT count(*), sum(final_amount) FILTER (WHERE completed_at IS NOT NULL),
                    sum(discount_amount) FILTER (WHERE completed_at IS NOT NULL), sum(refunded_amount)
                FROM orders INDEXED BY orders_made
                WHERE (created_at, id) < (?1, ?2) AND (created_at, id) >= (?3, ?4)
                    AND (?5 IS NULL OR ?5 = CASE WHEN status = 'pending' AND expires_at <= ?6 THEN 'expired' ELSE status END)
                    AND (?7 = 0 OR user_coupon_id IS NOT NULL)
                    AND (?8 IS NULL OR EXISTS
                        (SELECT 1 FROM order_lines AS l WHERE l.order_id = orders.id AND l.product_id = ?8))
                    AND (?9 IS NULL OR (completed_at >= ?9 AND completed_at < ?10)) AND (?11 = 0 OR refunds > 0)
                """, start.createdAt.milliseconds, start.id.value, end.createdAt.milliseconds, end.id.value, status,
                selection.now.milliseconds, selection.hasCoupon, selection.product?.value, paid.start, paid.end,
                selection.isRefunded, read: read)
        }
        return totals ?? .none
    }
}

extension OrderSelection {
    /// Before the newest: no order has this number.
    fileprivate var start: OrderPosition {
        OrderPosition(createdAt: made.upperBound, id: OrderID(customer == nil ? 0 : .max))
    }

    /// Whether the index of the refunded ones has all that is asked for. It does not say when they were paid.
    fileprivate var comesFromRefunded: Bool { isRefunded && paid == nil }

    fileprivate var paidMilliseconds: (start: Int64?, end: Int64?) {
        (paid?.lowerBound.milliseconds, paid?.upperBound.milliseconds)
    }

    /// Behind the oldest.
    fileprivate var end: OrderPosition { OrderPosition(createdAt: made.lowerBound, id: OrderID(0)) }
}
