import SQLite
import Shop

/// What happens to orders: a ledger of events for each, and refunds in parts.
func schema0005Orders(_ sql: Connection) throws {
    try sql.rebuild(
        "orders", as: orders.description, copying: orderColumns,
        with: [
            "refunds": "status = 'refunded'",
            "refunded_amount": "CASE status WHEN 'refunded' THEN final_amount ELSE 0 END",
        ])
    try sql.execute(schema0005Orders.description)
    try addLinesOfOlderRefunds(sql)
    try sql.execute(schema0005OrderLedgerStays.description)
}

private let orderColumns = """
    id, user_id, status, total_amount, discount_amount, final_amount, user_coupon_id, created_at, expires_at, \
    completed_at, refunds, refunded_amount
    """

private let orders: StaticString = """
    -- For IN with more than two words, SQLite makes a table of them for each row that is written, which takes as long as all
    -- the rest of an order: in tables that are written much, the words are compared one by one.
    CREATE TABLE rebuilt (
        id              INTEGER PRIMARY KEY,
        user_id         INTEGER NOT NULL REFERENCES users (id),
        status          TEXT    NOT NULL CHECK (status = 'pending' OR status = 'completed' OR status = 'cancelled'
                                                OR status = 'expired' OR status = 'refunded'),
        total_amount    INTEGER NOT NULL CHECK (total_amount >= 0),
        discount_amount INTEGER NOT NULL CHECK (discount_amount BETWEEN 0 AND total_amount),
        final_amount    INTEGER NOT NULL CHECK (final_amount = total_amount - discount_amount),
        user_coupon_id  INTEGER REFERENCES user_coupons (id),
        created_at      INTEGER NOT NULL,
        expires_at      INTEGER NOT NULL CHECK (expires_at > created_at),
        completed_at    INTEGER,
        -- So many there are, and so the last of them is numbered; and what they gave back.
        refunds         INTEGER NOT NULL DEFAULT 0 CHECK (refunds >= 0),
        refunded_amount INTEGER NOT NULL DEFAULT 0 CHECK (refunded_amount BETWEEN 0 AND final_amount),
        CHECK ((completed_at IS NOT NULL) = (status IN ('completed', 'refunded'))),
        CHECK (user_coupon_id IS NOT NULL OR discount_amount = 0)
    ) STRICT
    """

private let schema0005Orders: StaticString = """
    CREATE INDEX orders_made ON orders (created_at);
    -- With what their totals are made of.
    CREATE INDEX orders_refunded
        ON orders (created_at, id, status, user_coupon_id, final_amount, discount_amount, refunded_amount)
        WHERE refunds > 0;

    -- What has happened to each order since it was made, which the order itself tells and counts as 1: it lies together, is
    -- numbered through, and is only added to.
    CREATE TABLE order_events (
        order_id INTEGER NOT NULL REFERENCES orders (id),
        id       INTEGER NOT NULL CHECK (id > 1),
        kind     TEXT    NOT NULL CHECK (kind = 'paid' OR kind = 'cancelled' OR kind = 'expired' OR kind = 'refunded'
                                         OR kind = 'note'),
        actor    TEXT    NOT NULL CHECK (actor = 'customer' OR actor = 'shop' OR actor = 'staff'),
        -- Who of the staff; NULL where it was not written down.
        login    TEXT CHECK (length(login) BETWEEN 1 AND 64),
        -- What was paid or refunded.
        amount   INTEGER CHECK (amount >= 0),
        note     TEXT CHECK (length(note) BETWEEN 1 AND 1000),
        -- NULL where it is not known: of an order that was cancelled before there was this ledger.
        at       INTEGER CHECK (at IS NOT NULL OR kind = 'cancelled'),
        CHECK (login IS NULL OR actor = 'staff'),
        CHECK ((amount IS NOT NULL) = (kind IN ('paid', 'refunded'))),
        CHECK ((note IS NOT NULL) = (kind = 'note')),
        PRIMARY KEY (order_id, id)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO order_events (order_id, id, kind, actor, amount, at)
        SELECT order_id, 2, 'paid', 'customer', amount, paid_at FROM payments;
    INSERT INTO order_events (order_id, id, kind, actor, at)
        SELECT id, 2, 'cancelled', 'customer', NULL FROM orders WHERE status = 'cancelled';
    INSERT INTO order_events (order_id, id, kind, actor, at)
        SELECT id, 2, 'expired', 'shop', expires_at FROM orders WHERE status = 'expired';

    CREATE TABLE refunds (
        order_id          INTEGER NOT NULL REFERENCES payments (order_id),
        id                INTEGER NOT NULL CHECK (id > 0),
        amount            INTEGER NOT NULL CHECK (amount >= 0),
        returned_to_stock INTEGER NOT NULL CHECK (returned_to_stock IN (0, 1)),
        login             TEXT CHECK (length(login) BETWEEN 1 AND 64),
        at                INTEGER NOT NULL,
        PRIMARY KEY (order_id, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE refund_lines (
        order_id   INTEGER NOT NULL,
        refund_id  INTEGER NOT NULL,
        product_id INTEGER NOT NULL,
        quantity   INTEGER NOT NULL CHECK (quantity > 0),
        amount     INTEGER NOT NULL CHECK (amount >= 0),
        PRIMARY KEY (order_id, refund_id, product_id),
        FOREIGN KEY (order_id, refund_id) REFERENCES refunds (order_id, id),
        FOREIGN KEY (order_id, product_id) REFERENCES order_lines (order_id, product_id)
    ) STRICT, WITHOUT ROWID;
    -- Those from before gave back everything. Who gave them is in the trace, since there is one.
    INSERT INTO refunds (order_id, id, amount, returned_to_stock, login, at)
        SELECT p.order_id, 1, p.amount, 1,
            (SELECT t.login FROM trace AS t
            WHERE t.subject = 'order' AND t.subject_id = p.order_id AND t.action = 'order-refunded'
            ORDER BY t.id DESC LIMIT 1),
            p.refunded_at
        FROM payments AS p WHERE p.status = 'refunded';
    INSERT INTO order_events (order_id, id, kind, actor, login, amount, at)
        SELECT order_id, 3, 'refunded', 'staff', login, amount, at FROM refunds;
    """

/// What was paid for each line is not stored, but follows from the discount.
private func addLinesOfOlderRefunds(_ sql: Connection) throws {
    typealias Line = (product: Int64, quantity: Int64, amount: Won)
    var (order, discount, lines): (Int64, Won, [Line]) = (0, .zero, [])
    func add() throws {
        let paid = RefundShares.paid(for: lines.map(\.amount), discount: discount)
        for (line, paid) in zip(lines, paid) {
            try sql.run(
                """
                INSERT INTO refund_lines (order_id, refund_id, product_id, quantity, amount) VALUES (?, 1, ?, ?, ?)
                """, order, line.product, line.quantity, paid.amount)
        }
        lines = []
    }
    try sql.forEach(
        """
        SELECT o.id, o.discount_amount, l.product_id, l.quantity, l.unit_price * l.quantity
        FROM refunds AS r JOIN orders AS o ON o.id = r.order_id JOIN order_lines AS l ON l.order_id = o.id
        ORDER BY o.id, l.position
        """
    ) { row in
        if row.int64(0) != order { try add() }
        (order, discount) = (row.int64(0), Won(row.int64(1)))
        lines.append((row.int64(2), row.int64(3), Won(row.int64(4))))
    }
    try add()
}

private let schema0005OrderLedgerStays: StaticString = """
    CREATE TRIGGER order_events_stay BEFORE UPDATE ON order_events
        BEGIN SELECT raise(ABORT, 'the ledger of an order is only added to'); END;
    CREATE TRIGGER order_events_stay_whole BEFORE DELETE ON order_events
        BEGIN SELECT raise(ABORT, 'the ledger of an order is only added to'); END;
    CREATE TRIGGER refunds_stay BEFORE UPDATE ON refunds
        BEGIN SELECT raise(ABORT, 'refunds are only added to'); END;
    CREATE TRIGGER refunds_stay_whole BEFORE DELETE ON refunds
        BEGIN SELECT raise(ABORT, 'refunds are only added to'); END;
    CREATE TRIGGER refund_lines_stay BEFORE UPDATE ON refund_lines
        BEGIN SELECT raise(ABORT, 'refunds are only added to'); END;
    CREATE TRIGGER refund_lines_stay_whole BEFORE DELETE ON refund_lines
        BEGIN SELECT raise(ABORT, 'refunds are only added to'); END;
    """
