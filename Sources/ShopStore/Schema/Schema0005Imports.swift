/// Files of products that were given in: what each row would do, and what became of it.
let schema0005Imports: StaticString = """
    CREATE TABLE product_imports (
        id      INTEGER PRIMARY KEY,
        login   TEXT    NOT NULL CHECK (length(login) BETWEEN 1 AND 64),
        at      INTEGER NOT NULL,
        -- The file's SHA-256.
        hash    BLOB    NOT NULL CHECK (length(hash) = 32),
        -- The names of the columns that are not read, one a line.
        ignored TEXT    NOT NULL,
        -- Whether all rows are there.
        checked   INTEGER NOT NULL DEFAULT 0 CHECK (checked IN (0, 1)),
        -- How many of them do what; of the first two, how many are open, and were refused.
        to_add    INTEGER NOT NULL DEFAULT 0 CHECK (to_add >= 0),
        to_change INTEGER NOT NULL DEFAULT 0 CHECK (to_change >= 0),
        same      INTEGER NOT NULL DEFAULT 0 CHECK (same >= 0),
        wrong     INTEGER NOT NULL DEFAULT 0 CHECK (wrong >= 0),
        open      INTEGER NOT NULL DEFAULT 0 CHECK (open >= 0),
        refused   INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0),
        CHECK (open + refused <= to_add + to_change)
    ) STRICT;
    CREATE INDEX product_imports_hash ON product_imports (hash);
    CREATE INDEX product_imports_at ON product_imports (at);

    CREATE TABLE product_import_rows (
        import_id  INTEGER NOT NULL REFERENCES product_imports (id),
        -- Where it is in the file, below the first.
        number     INTEGER NOT NULL CHECK (number > 1),
        kind       TEXT    NOT NULL CHECK (kind = 'add' OR kind = 'change' OR kind = 'same' OR kind = 'wrong'),
        state      TEXT    CHECK (state = 'open' OR state = 'done' OR state = 'refused'),
        product_id INTEGER,
        -- The product's, when the row was checked.
        version    INTEGER CHECK (version > 0),
        sku        TEXT    NOT NULL CHECK (length(sku) <= 200),
        name       TEXT    NOT NULL CHECK (length(name) <= 200),
        -- What is wrong, one a line: column, kind and number.
        problems   TEXT    NOT NULL,
        CHECK ((state IS NOT NULL) = (kind IN ('add', 'change'))),
        PRIMARY KEY (import_id, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX product_import_kinds ON product_import_rows (import_id, kind, number);
    CREATE INDEX product_import_open ON product_import_rows (import_id, number) WHERE state = 'open';
    CREATE INDEX product_import_refused ON product_import_rows (import_id, number) WHERE state = 'refused';

    CREATE TABLE product_import_changes (
        import_id INTEGER NOT NULL,
        number    INTEGER NOT NULL,
        position  INTEGER NOT NULL CHECK (position >= 0),
        field     TEXT    NOT NULL,
        -- What was there before is cut: it is only shown.
        before    TEXT    CHECK (length(before) <= 200),
        after     TEXT,
        FOREIGN KEY (import_id, number) REFERENCES product_import_rows (import_id, number),
        PRIMARY KEY (import_id, number, position)
    ) STRICT, WITHOUT ROWID;
    """
