import SQLite

/// An account that is closed keeps its login, its orders and its books; nobody logs in to it any more.
func schema0003ClosedAccounts(_ sql: Connection) throws {
    try sql.execute("ALTER TABLE users ADD COLUMN closed_at INTEGER")
}
