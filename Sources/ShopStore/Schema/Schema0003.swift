import SQLite

/// What the shop's first weeks in use have taught; each part stands in a file of its own.
@Sendable func schema0003(_ sql: Connection) throws {
    // In the order in which they need each other.
    try schema0003Accounts(sql)
    try schema0003ClosedAccounts(sql)
    try schema0003Baskets(sql)
    try schema0003Search(sql)
    try schema0003Housekeeping(sql)
}
