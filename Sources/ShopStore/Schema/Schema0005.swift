import SQLite

/// The back office: what it keeps of each of its parts.
@Sendable func schema0005(_ sql: Connection) throws {
    try sql.execute(schema0005Stock.description)
    try sql.execute(schema0005Products.description)
    try sql.execute(schema0005Imports.description)
    try sql.execute(schema0005Pictures.description)
    try schema0005Orders(sql)
    try schema0005Figures(sql)
    try schema0005Customers(sql)
    try sql.execute(schema0005SecondFactor.description)
    try sql.execute(schema0005Coupons.description)
    try sql.execute(schema0005Trace.description)
}
