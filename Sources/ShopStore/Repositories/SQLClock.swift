import SQLite
import Shop

struct SQLClock: ClockRepository {
    let sql: Connection

    func trusted() throws -> ClockReading? {
        try sql.first("SELECT \(ClockReading.Column.self) FROM trusted_clock WHERE id = 1", read: ClockReading.init)
    }

    func trust(_ reading: ClockReading) throws {
        try sql.run(
            """
            INSERT INTO trusted_clock (id, at, uptime) VALUES (1, ?, ?)
            ON CONFLICT (id) DO UPDATE SET at = excluded.at, uptime = excluded.uptime
            """, reading.at.milliseconds, reading.uptime.milliseconds)
    }
}

extension ClockReading {
    fileprivate enum Column: Int32, ColumnList {
        case at, uptime
        var table: String { "trusted_clock" }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(at: row.time(Column.at), uptime: Timestamp.Span(milliseconds: row.int64(Column.uptime)))
    }
}
