import SQLite

/// The clock reading by which the batch last forgot anything.
func schema0003Housekeeping(_ sql: Connection) throws {
    try sql.execute(
        """
        -- The machine's clock, and how long the machine had been up, at the last run of the batch that trusted the clock.
        CREATE TABLE trusted_clock (
            id     INTEGER PRIMARY KEY CHECK (id = 1),
            at     INTEGER NOT NULL,
            uptime INTEGER NOT NULL CHECK (uptime >= 0)
        ) STRICT;
        """)
}
