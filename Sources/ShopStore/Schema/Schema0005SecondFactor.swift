/// The staff's second factors, and when a session's password was last given.
let schema0005SecondFactor: StaticString = """
    CREATE TABLE second_factors (
        user_id   INTEGER PRIMARY KEY REFERENCES users (id),
        -- What the codes are made from: whoever can read it can make them.
        secret    BLOB    NOT NULL CHECK (length(secret) = 20),
        since     INTEGER NOT NULL,
        -- Of the last code that was taken: none is taken twice.
        last_step INTEGER NOT NULL
    ) STRICT;

    -- Being set up: not in force before a first code.
    CREATE TABLE begun_second_factors (
        user_id  INTEGER PRIMARY KEY REFERENCES users (id),
        secret   BLOB    NOT NULL CHECK (length(secret) = 20),
        begun_at INTEGER NOT NULL
    ) STRICT;

    -- Those that were not used yet.
    CREATE TABLE recovery_codes (
        user_id INTEGER NOT NULL REFERENCES users (id),
        hash    BLOB    NOT NULL CHECK (length(hash) = 32),
        PRIMARY KEY (user_id, hash)
    ) STRICT, WITHOUT ROWID;

    -- When the password was given again; NULL where that was when the session began.
    ALTER TABLE sessions ADD COLUMN password_at INTEGER;
    """
