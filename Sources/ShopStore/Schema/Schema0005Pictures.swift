/// The products' own pictures. Their files are below the data folder; the first one is in the product's row, too, in
/// `picture`, so that a list needs to look nowhere else.
let schema0005Pictures: StaticString = """
    CREATE TABLE pictures (
        -- Its files are named after it.
        hash         BLOB    NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
        -- Of the largest size; it says which others there are.
        width        INTEGER NOT NULL CHECK (width BETWEEN 1 AND 960),
        height       INTEGER NOT NULL CHECK (height BETWEEN 1 AND 16383),
        added_at     INTEGER NOT NULL,
        -- When the last product stopped naming it; NULL while one does.
        unused_since INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pictures_unused ON pictures (unused_since) WHERE unused_since IS NOT NULL;

    CREATE TABLE product_pictures (
        product_id INTEGER NOT NULL REFERENCES products (id),
        position   INTEGER NOT NULL CHECK (position BETWEEN 1 AND 8),
        hash       BLOB    NOT NULL REFERENCES pictures (hash),
        -- What it shows, for those who do not see it.
        text       TEXT    NOT NULL CHECK (length(text) BETWEEN 1 AND 200),
        PRIMARY KEY (product_id, position)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX product_pictures_hash ON product_pictures (hash);
    """
