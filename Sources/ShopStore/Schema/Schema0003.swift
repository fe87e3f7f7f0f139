import SQLite

/// The lessons of the shop's first weeks in use; each part is in a file of its own.
@Sendable func schema0003(_ sql: Connection) throws {
    // In order of dependency.
    try schema0003Accounts(sql)
    try schema0003ClosedAccounts(sql)
    try schema0003Baskets(sql)
    try schema0003Search(sql)
    try schema0003Housekeeping(sql)
}
