import SQLite

/// What happened in the shop by hour and by product, so that figures need not be counted from the orders.
func schema0005Figures(_ sql: Connection) throws {
    try sql.execute(schema0005Figures.description)
    try sql.execute(schema0005FiguresAnew.description)
}

private let schema0005Figures: StaticString = """
    -- By hours since 1970. Each thing counts for the hour in which it happened, and is never taken back.
    CREATE TABLE figures (
        hour          INTEGER PRIMARY KEY,
        orders        INTEGER NOT NULL DEFAULT 0,
        order_amount  INTEGER NOT NULL DEFAULT 0,
        paid          INTEGER NOT NULL DEFAULT 0,
        revenue       INTEGER NOT NULL DEFAULT 0,
        refunds       INTEGER NOT NULL DEFAULT 0,
        refund_amount INTEGER NOT NULL DEFAULT 0,
        coupons       INTEGER NOT NULL DEFAULT 0,
        customers     INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    -- What was sold before the hours in product_sales, by days since 1970 of the shop's calendar.
    CREATE TABLE product_days (
        day        INTEGER NOT NULL,
        product_id INTEGER NOT NULL REFERENCES products (id),
        quantity   INTEGER NOT NULL CHECK (quantity > 0),
        amount     INTEGER NOT NULL CHECK (amount >= 0),
        PRIMARY KEY (day, product_id)
    ) STRICT, WITHOUT ROWID;

    -- With what is to be paid for each, so that what waits is added up from it alone.
    DROP INDEX orders_pending;
    CREATE INDEX orders_pending ON orders (user_id, expires_at, final_amount) WHERE status = 'pending';

    DROP TABLE product_sales;
    CREATE TABLE product_sales (
        hour       INTEGER NOT NULL,
        product_id INTEGER NOT NULL REFERENCES products (id),
        -- Without what was given back since.
        quantity   INTEGER NOT NULL CHECK (quantity >= 0),
        -- With it, and what it cost before any coupon.
        sold       INTEGER NOT NULL CHECK (sold >= quantity),
        amount     INTEGER NOT NULL CHECK (amount >= 0),
        PRIMARY KEY (hour, product_id)
    ) STRICT, WITHOUT ROWID;
    """

/// Makes all figures anew from the records. Each record is added to its row in turn, nearly in the order of time: nothing is
/// sorted, and a database of any size takes the same memory. The batch will move old sales to their days.
let schema0005FiguresAnew: StaticString = """
    DELETE FROM figures;
    INSERT INTO figures (hour, orders, order_amount) SELECT created_at / 3600000, 1, total_amount FROM orders WHERE true
        ON CONFLICT (hour) DO UPDATE SET orders = figures.orders + 1,
            order_amount = figures.order_amount + excluded.order_amount;
    INSERT INTO figures (hour, paid, revenue) SELECT paid_at / 3600000, 1, amount FROM payments WHERE true
        ON CONFLICT (hour) DO UPDATE SET paid = figures.paid + 1, revenue = figures.revenue + excluded.revenue;
    INSERT INTO figures (hour, refunds, refund_amount)
        SELECT at / 3600000, 1, amount FROM refunds WHERE true
        ON CONFLICT (hour) DO UPDATE SET refunds = figures.refunds + 1,
            refund_amount = figures.refund_amount + excluded.refund_amount;
    INSERT INTO figures (hour, coupons) SELECT issued_at / 3600000, 1 FROM user_coupons WHERE true
        ON CONFLICT (hour) DO UPDATE SET coupons = figures.coupons + 1;
    INSERT INTO figures (hour, customers) SELECT created_at / 3600000, 1 FROM users WHERE role = 'customer'
        ON CONFLICT (hour) DO UPDATE SET customers = figures.customers + 1;

    DELETE FROM kept_sales;
    DELETE FROM product_days;
    DELETE FROM product_sales;
    INSERT INTO product_sales (hour, product_id, quantity, sold, amount)
        SELECT o.completed_at / 3600000, l.product_id,
            l.quantity - coalesce((SELECT sum(r.quantity) FROM refund_lines AS r
                WHERE r.order_id = l.order_id AND r.product_id = l.product_id), 0),
            l.quantity, l.quantity * l.unit_price
        FROM orders AS o CROSS JOIN order_lines AS l ON l.order_id = o.id WHERE o.completed_at IS NOT NULL
        ON CONFLICT (hour, product_id) DO UPDATE SET quantity = product_sales.quantity + excluded.quantity,
            sold = product_sales.sold + excluded.sold, amount = product_sales.amount + excluded.amount;
    """
