import SQLite

/// Baskets belong to people: a customer's to the account, a visitor's to the cookie of the visit. Unpaid orders are
/// counted per customer.
func schema0003Baskets(_ sql: Connection) throws {
    try sql.execute(schema0003Baskets.description)
}

private let schema0003Baskets: StaticString = """
    CREATE TABLE customer_basket_lines (
        user_id    INTEGER NOT NULL REFERENCES users (id),
        product_id INTEGER NOT NULL REFERENCES products (id),
        quantity   INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
        added_at   INTEGER NOT NULL,
        PRIMARY KEY (user_id, product_id)
    ) STRICT, WITHOUT ROWID;

    -- What somebody had on several devices lies in one basket now. No basket has more than 100 lines: the oldest stay.
    INSERT INTO customer_basket_lines (user_id, product_id, quantity, added_at)
        SELECT user_id, product_id, quantity, added_at FROM (
            SELECT user_id, product_id, quantity, added_at,
                row_number() OVER (PARTITION BY user_id ORDER BY added_at, product_id) AS place
            FROM (
                SELECT s.user_id, b.product_id, min(sum(b.quantity), 1000) AS quantity, min(b.added_at) AS added_at
                FROM basket_lines AS b JOIN sessions AS s ON s.token_hash = b.token_hash
                GROUP BY s.user_id, b.product_id
            )
        ) WHERE place <= 100;
    DROP TABLE basket_lines;

    -- Only whoever has put something in has one. Numbered one after the other: from the first to the last number is how many
    -- there are, at most.
    CREATE TABLE visitor_baskets (
        id         INTEGER PRIMARY KEY,
        token_hash BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
        used_at    INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX visitor_baskets_use ON visitor_baskets (used_at);
    CREATE TABLE visitor_basket_lines (
        token_hash BLOB    NOT NULL REFERENCES visitor_baskets (token_hash) ON DELETE CASCADE,
        product_id INTEGER NOT NULL REFERENCES products (id),
        quantity   INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
        added_at   INTEGER NOT NULL,
        PRIMARY KEY (token_hash, product_id)
    ) STRICT, WITHOUT ROWID;

    -- In place of one by time alone: it holds none but those that wait, which are few, so the batch looks through it.
    DROP INDEX orders_pending;
    CREATE INDEX orders_pending ON orders (user_id, expires_at) WHERE status = 'pending';
    """
