/// What the pages for browsers need: a basket per session, a list of a user's sessions, pictures.
let schema0002: StaticString = """
    -- Goes with its session, however that ends.
    CREATE TABLE basket_lines (
        token_hash BLOB    NOT NULL REFERENCES sessions (token_hash) ON DELETE CASCADE,
        product_id INTEGER NOT NULL REFERENCES products (id),
        quantity   INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
        added_at   INTEGER NOT NULL,
        PRIMARY KEY (token_hash, product_id)
    ) STRICT, WITHOUT ROWID;

    CREATE INDEX sessions_user ON sessions (user_id, created_at);

    -- The name of one of the pictures that the shop comes with.
    ALTER TABLE products ADD COLUMN picture TEXT CHECK (length(picture) BETWEEN 1 AND 64);
    """
