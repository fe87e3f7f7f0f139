import SQLite

/// A closed account keeps its login, its orders and its books; nobody can log in to it.
func schema0003ClosedAccounts(_ sql: Connection) throws {
    try sql.execute("ALTER TABLE users ADD COLUMN closed_at INTEGER")
}
