import SQLite

/// What tells returning users from strangers.
func schema0003Accounts(_ sql: Connection) throws {
    try sql.execute(schema0003Accounts.description)
    var generator = SystemRandomNumberGenerator()
    let key = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    try sql.run("INSERT INTO secrets (name, value) VALUES ('device', ?)", key)
}

private let schema0003Accounts: StaticString = """
    -- What the shop signs with.
    CREATE TABLE secrets (
        name  TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL CHECK (length(value) >= 32)
    ) STRICT, WITHOUT ROWID;

    -- From where a login was logged in by a program, which has no cookie to be known by.
    CREATE TABLE known_programs (
        login_key TEXT    NOT NULL,
        network   TEXT    NOT NULL,
        last_at   INTEGER NOT NULL,
        PRIMARY KEY (login_key, network)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX known_programs_age ON known_programs (last_at);

    -- What somebody logged in with, '' for a program; and from where. NULL for a session from before.
    ALTER TABLE sessions ADD COLUMN device TEXT CHECK (length(device) <= 100);
    ALTER TABLE sessions ADD COLUMN network TEXT;
    """
