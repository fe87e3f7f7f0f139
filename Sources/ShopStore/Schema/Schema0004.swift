import SQLite

/// Staff: what each may do, and the trace of what they did.
@Sendable func schema0004(_ sql: Connection) throws {
    try sql.rebuild("users", as: users.description, copying: userColumns, with: ["role": role])
    try sql.rebuild("sessions", as: sessions.description, copying: sessionColumns, with: ["role": role])
    try sql.execute(trace.description)
}

/// Whoever could do everything still can.
private let role = "CASE role WHEN 'admin' THEN 'owner' ELSE role END"

private let userColumns = "id, login, login_key, role, name, password_hash, created_at, closed_at"

private let users: StaticString = """
    CREATE TABLE rebuilt (
        id            INTEGER PRIMARY KEY,
        login         TEXT    NOT NULL CHECK (length(login) BETWEEN 3 AND 64),
        login_key     TEXT    NOT NULL UNIQUE CHECK (login_key = lower(login)),
        role          TEXT    NOT NULL CHECK (role IN ('customer', 'reader', 'support', 'manager', 'owner')),
        name          TEXT    NOT NULL,
        password_hash TEXT,
        created_at    INTEGER NOT NULL,
        closed_at     INTEGER
    ) STRICT
    """

private let sessionColumns = "token_hash, user_id, role, created_at, last_used_at, expires_at, device, network"

private let sessions: StaticString = """
    CREATE TABLE rebuilt (
        token_hash   BLOB    NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
        user_id      INTEGER NOT NULL REFERENCES users (id),
        role         TEXT    NOT NULL CHECK (role IN ('customer', 'reader', 'support', 'manager', 'owner')),
        created_at   INTEGER NOT NULL,
        last_used_at INTEGER NOT NULL,
        expires_at   INTEGER NOT NULL CHECK (expires_at > created_at),
        device       TEXT CHECK (length(device) <= 100),
        network      TEXT
    ) STRICT, WITHOUT ROWID
    """

private let trace: StaticString = """
    -- What the staff have done: each line with the hash of the one before it in its own. It is only added to.
    CREATE TABLE trace (
        id         INTEGER PRIMARY KEY CHECK (id > 0),
        at         INTEGER NOT NULL,
        -- NULL for who used the shell of the shop's machine.
        user_id    INTEGER REFERENCES users (id),
        login      TEXT    NOT NULL CHECK (length(login) BETWEEN 1 AND 64),
        role       TEXT CHECK (role = 'reader' OR role = 'support' OR role = 'manager' OR role = 'owner'),
        way        TEXT    NOT NULL CHECK (way = 'browser' OR way = 'program' OR way = 'shell'),
        address    TEXT    NOT NULL,
        action     TEXT    NOT NULL,
        subject    TEXT    NOT NULL,
        subject_id INTEGER NOT NULL,
        hash       BLOB    NOT NULL CHECK (length(hash) = 32),
        CHECK ((user_id IS NULL) = (way = 'shell')),
        CHECK ((role IS NULL) = (way = 'shell'))
    ) STRICT;
    CREATE INDEX trace_user ON trace (user_id, id);
    CREATE INDEX trace_subject ON trace (subject, subject_id, id);

    CREATE TABLE trace_changes (
        trace_id INTEGER NOT NULL REFERENCES trace (id),
        position INTEGER NOT NULL CHECK (position >= 0),
        field    TEXT    NOT NULL,
        before   TEXT,
        after    TEXT,
        PRIMARY KEY (trace_id, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TRIGGER trace_stays BEFORE UPDATE ON trace
        BEGIN SELECT raise(ABORT, 'the trace is only added to'); END;
    CREATE TRIGGER trace_stays_whole BEFORE DELETE ON trace
        BEGIN SELECT raise(ABORT, 'the trace is only added to'); END;
    CREATE TRIGGER trace_changes_stay BEFORE UPDATE ON trace_changes
        BEGIN SELECT raise(ABORT, 'the trace is only added to'); END;
    CREATE TRIGGER trace_changes_stay_whole BEFORE DELETE ON trace_changes
        BEGIN SELECT raise(ABORT, 'the trace is only added to'); END;
    """
