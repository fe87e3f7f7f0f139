import SQLite

/// Customers: how they are found, and the corrections of their balances.
func schema0005Customers(_ sql: Connection) throws {
    try sql.execute(finding.description)
    try sql.rebuild("balance_entries", as: entries.description, copying: entryColumns)
    try sql.execute(corrections.description)
}

private let finding: StaticString = """
    -- What a name is looked for by, in any case; only Latin letters have one here.
    ALTER TABLE users ADD COLUMN name_key TEXT GENERATED ALWAYS AS (lower(name)) VIRTUAL;
    CREATE INDEX users_name ON users (name_key, id);
    -- Staff and closed accounts are few among many.
    CREATE INDEX users_staff ON users (id) WHERE role <> 'customer';
    CREATE INDEX users_staff_login ON users (login_key) WHERE role <> 'customer';
    CREATE INDEX users_staff_name ON users (name_key, id) WHERE role <> 'customer';
    CREATE INDEX users_closed ON users (id) WHERE closed_at IS NOT NULL;
    CREATE INDEX users_closed_login ON users (login_key) WHERE closed_at IS NOT NULL;
    CREATE INDEX users_closed_name ON users (name_key, id) WHERE closed_at IS NOT NULL;
    CREATE INDEX users_owners ON users (role) WHERE role = 'owner' AND closed_at IS NULL;
    """

private let entryColumns = "user_id, id, kind, amount, balance, order_id, created_at"

private let entries: StaticString = """
    -- Each user's are numbered from 1 on and lie together: one look finds the page to show, and one page is written.
    CREATE TABLE rebuilt (
        user_id    INTEGER NOT NULL REFERENCES balances (user_id),
        id         INTEGER NOT NULL CHECK (id > 0),
        kind       TEXT    NOT NULL CHECK (kind = 'charge' OR kind = 'payment' OR kind = 'refund'
                                           OR kind = 'correction'),
        amount     INTEGER NOT NULL CHECK (CASE kind WHEN 'payment' THEN amount < 0 WHEN 'correction' THEN amount <> 0
                                           ELSE amount > 0 END),
        balance    INTEGER NOT NULL CHECK (balance >= 0),
        order_id   INTEGER REFERENCES orders (id),
        created_at INTEGER NOT NULL,
        CHECK ((kind IN ('charge', 'correction')) = (order_id IS NULL)),
        PRIMARY KEY (user_id, id)
    ) STRICT, WITHOUT ROWID
    """

private let corrections: StaticString = """
    -- By what the staff corrected balances, and why. One with an end waited, or waits, for a second person.
    CREATE TABLE corrections (
        id            INTEGER PRIMARY KEY,
        user_id       INTEGER NOT NULL REFERENCES balances (user_id),
        amount        INTEGER NOT NULL CHECK (amount <> 0),
        status        TEXT    NOT NULL CHECK (status IN ('waiting', 'made', 'refused')),
        -- NULL for who used the shell of the shop's machine.
        asked_by      INTEGER REFERENCES users (id),
        asked_login   TEXT    NOT NULL CHECK (length(asked_login) BETWEEN 1 AND 64),
        asked_at      INTEGER NOT NULL,
        ends_at       INTEGER CHECK (ends_at > asked_at),
        decided_by    INTEGER REFERENCES users (id),
        decided_login TEXT CHECK (length(decided_login) BETWEEN 1 AND 64),
        decided_at    INTEGER,
        entry_id      INTEGER,
        reason        TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
        FOREIGN KEY (user_id, entry_id) REFERENCES balance_entries (user_id, id),
        CHECK ((entry_id IS NOT NULL) = (status = 'made')),
        CHECK (ends_at IS NOT NULL OR status = 'made'),
        CHECK ((decided_at IS NOT NULL) = (ends_at IS NOT NULL AND status <> 'waiting')),
        CHECK ((decided_login IS NOT NULL) = (decided_at IS NOT NULL)),
        CHECK (status <> 'made' OR decided_at IS NULL OR decided_by IS NOT asked_by),
        CHECK (asked_by IS NOT user_id)
    ) STRICT;
    CREATE INDEX corrections_user ON corrections (user_id, id);
    CREATE UNIQUE INDEX corrections_entry ON corrections (user_id, entry_id) WHERE entry_id IS NOT NULL;
    CREATE INDEX corrections_waiting ON corrections (ends_at, id) WHERE status = 'waiting';
    """
