/// The first schema: every rule that SQL can enforce is enforced here, as well as in the code above.
///
/// Amounts are whole won, times milliseconds since 1970. Columns that change often come before the row's long texts, so
/// that changing them does not touch the texts' overflow pages.
let schema0001: StaticString = """
    CREATE TABLE users (
        id            INTEGER PRIMARY KEY,
        login         TEXT    NOT NULL CHECK (length(login) BETWEEN 3 AND 64),
        login_key     TEXT    NOT NULL UNIQUE CHECK (login_key = lower(login)),
        role          TEXT    NOT NULL CHECK (role IN ('customer', 'admin')),
        name          TEXT    NOT NULL,
        password_hash TEXT,
        created_at    INTEGER NOT NULL
    ) STRICT;

    -- A session keeps the role that it was begun with: who calls is one look-up.
    CREATE TABLE sessions (
        token_hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
        user_id      INTEGER NOT NULL REFERENCES users (id),
        role         TEXT    NOT NULL CHECK (role IN ('customer', 'admin')),
        created_at   INTEGER NOT NULL,
        last_used_at INTEGER NOT NULL,
        expires_at   INTEGER NOT NULL CHECK (expires_at > created_at)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_expiry ON sessions (expires_at);
    CREATE INDEX sessions_use ON sessions (last_used_at);

    CREATE TABLE failed_logins (
        subject  TEXT    NOT NULL PRIMARY KEY,
        failures INTEGER NOT NULL CHECK (failures > 0),
        last_at  INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX failed_logins_age ON failed_logins (last_at);

    CREATE TABLE balances (
        user_id INTEGER PRIMARY KEY REFERENCES users (id),
        amount  INTEGER NOT NULL CHECK (amount >= 0),
        -- So many there are, and so the last of them is numbered.
        entries INTEGER NOT NULL CHECK (entries >= 0)
    ) STRICT;

    CREATE TABLE products (
        id          INTEGER PRIMARY KEY,
        listed      INTEGER NOT NULL CHECK (listed IN (0, 1)),
        price       INTEGER NOT NULL CHECK (price BETWEEN 0 AND 1000000000),
        -- What was ever supplied; what of it was sold is the difference.
        supplied    INTEGER NOT NULL CHECK (supplied >= stock),
        stock       INTEGER NOT NULL CHECK (stock >= 0),
        views       INTEGER NOT NULL CHECK (views >= 0),
        created_at  INTEGER NOT NULL,
        name        TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        description TEXT    NOT NULL CHECK (length(description) <= 10000)
    ) STRICT;
    CREATE INDEX products_newest ON products (listed, id);
    CREATE INDEX products_price ON products (listed, price, id);
    -- What a search sorts by, close together: it would read a page for each product that it finds otherwise.
    CREATE INDEX products_offer ON products (id, listed, price);
    CREATE INDEX products_views ON products (listed, views, id);

    -- Pairs of neighbouring characters of name and description, and each character; the row id is the product's id.
    CREATE VIRTUAL TABLE product_search USING fts5 (pairs, content = '', tokenize = 'ascii');

    CREATE TABLE coupons (
        id                   INTEGER PRIMARY KEY,
        remaining            INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND quantity),
        quantity             INTEGER NOT NULL CHECK (quantity > 0),
        opens_at             INTEGER NOT NULL,
        closes_at            INTEGER NOT NULL CHECK (closes_at > opens_at),
        valid_days           INTEGER NOT NULL CHECK (valid_days BETWEEN 1 AND 3650),
        minimum_order_amount INTEGER NOT NULL CHECK (minimum_order_amount >= 0),
        fixed_amount         INTEGER CHECK (fixed_amount > 0),
        percent              INTEGER CHECK (percent BETWEEN 1 AND 100),
        maximum_amount       INTEGER CHECK (maximum_amount IS NULL OR (maximum_amount > 0 AND percent IS NOT NULL)),
        name                 TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
        created_at           INTEGER NOT NULL,
        CHECK ((fixed_amount IS NULL) <> (percent IS NULL))
    ) STRICT;
    CREATE INDEX coupons_closing ON coupons (closes_at);

    CREATE TABLE user_coupons (
        id         INTEGER PRIMARY KEY,
        coupon_id  INTEGER NOT NULL REFERENCES coupons (id),
        user_id    INTEGER NOT NULL REFERENCES users (id),
        issued_at  INTEGER NOT NULL,
        expires_at INTEGER NOT NULL CHECK (expires_at > issued_at),
        used_at    INTEGER,
        order_id   INTEGER REFERENCES orders (id),
        UNIQUE (coupon_id, user_id),
        CHECK ((used_at IS NULL) = (order_id IS NULL))
    ) STRICT;
    CREATE INDEX user_coupons_user ON user_coupons (user_id, id);

    CREATE TABLE orders (
        id              INTEGER PRIMARY KEY,
        user_id         INTEGER NOT NULL REFERENCES users (id),
        status          TEXT    NOT NULL CHECK (status IN ('pending', 'completed', 'cancelled', 'expired', 'refunded')),
        total_amount    INTEGER NOT NULL CHECK (total_amount >= 0),
        discount_amount INTEGER NOT NULL CHECK (discount_amount BETWEEN 0 AND total_amount),
        final_amount    INTEGER NOT NULL CHECK (final_amount = total_amount - discount_amount),
        user_coupon_id  INTEGER REFERENCES user_coupons (id),
        created_at      INTEGER NOT NULL,
        expires_at      INTEGER NOT NULL CHECK (expires_at > created_at),
        completed_at    INTEGER,
        CHECK ((completed_at IS NOT NULL) = (status IN ('completed', 'refunded'))),
        CHECK (user_coupon_id IS NOT NULL OR discount_amount = 0)
    ) STRICT;
    CREATE INDEX orders_user ON orders (user_id, id);
    CREATE INDEX orders_pending ON orders (expires_at) WHERE status = 'pending';
    CREATE UNIQUE INDEX orders_coupon_once ON orders (user_coupon_id)
        WHERE status = 'completed' AND user_coupon_id IS NOT NULL;

    CREATE TABLE order_lines (
        order_id   INTEGER NOT NULL REFERENCES orders (id),
        product_id INTEGER NOT NULL REFERENCES products (id),
        position   INTEGER NOT NULL CHECK (position >= 0),
        unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
        quantity   INTEGER NOT NULL CHECK (quantity > 0),
        name       TEXT    NOT NULL,
        PRIMARY KEY (order_id, product_id)
    ) STRICT, WITHOUT ROWID;

    -- One an order, and known by its number.
    CREATE TABLE payments (
        order_id    INTEGER PRIMARY KEY REFERENCES orders (id),
        user_id     INTEGER NOT NULL REFERENCES users (id),
        amount      INTEGER NOT NULL CHECK (amount >= 0),
        balance     INTEGER NOT NULL CHECK (balance >= 0),
        status      TEXT    NOT NULL CHECK (status IN ('paid', 'refunded')),
        paid_at     INTEGER NOT NULL,
        refunded_at INTEGER,
        CHECK ((refunded_at IS NOT NULL) = (status = 'refunded'))
    ) STRICT;

    -- Each user's are numbered from 1 on and lie together: one look finds the page to show, and one page is written.
    CREATE TABLE balance_entries (
        user_id    INTEGER NOT NULL REFERENCES balances (user_id),
        id         INTEGER NOT NULL CHECK (id > 0),
        kind       TEXT    NOT NULL CHECK (kind IN ('charge', 'payment', 'refund')),
        amount     INTEGER NOT NULL CHECK (CASE kind WHEN 'payment' THEN amount < 0 ELSE amount > 0 END),
        balance    INTEGER NOT NULL CHECK (balance >= 0),
        order_id   INTEGER REFERENCES orders (id),
        created_at INTEGER NOT NULL,
        CHECK ((kind = 'charge') = (order_id IS NULL)),
        PRIMARY KEY (user_id, id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE product_sales (
        hour       INTEGER NOT NULL,
        product_id INTEGER NOT NULL REFERENCES products (id),
        quantity   INTEGER NOT NULL CHECK (quantity >= 0),
        PRIMARY KEY (hour, product_id)
    ) STRICT, WITHOUT ROWID;

    -- The hour since which all sales are kept; those before it are being forgotten.
    CREATE TABLE kept_sales (
        id         INTEGER PRIMARY KEY CHECK (id = 1),
        since_hour INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE popular_products (
        rank       INTEGER PRIMARY KEY CHECK (rank > 0),
        product_id INTEGER NOT NULL UNIQUE REFERENCES products (id),
        sales      INTEGER NOT NULL CHECK (sales >= 0)
    ) STRICT;
    CREATE TABLE popular_runs (
        id          INTEGER PRIMARY KEY CHECK (id = 1),
        computed_at INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE idempotency_keys (
        user_id     INTEGER NOT NULL REFERENCES users (id),
        key         TEXT    NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
        fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
        status      INTEGER NOT NULL CHECK (status BETWEEN 200 AND 299),
        body        BLOB    NOT NULL,
        created_at  INTEGER NOT NULL,
        PRIMARY KEY (user_id, key)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
    """
