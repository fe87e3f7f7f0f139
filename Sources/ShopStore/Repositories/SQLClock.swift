import SQLite
import Shop

struct SQLClock: ClockRepository {
    let sql: Connection

    func trusted() throws -> ClockReading? {
        try sql.first("SELECT at, uptime FROM trusted_clock WHERE id = 1") { row in
            ClockReading(at: row.time(0), uptime: Timestamp.Span(milliseconds: row.int64(1)))
        }
    }

    func trust(_ reading: ClockReading) throws {
        try sql.run(
            """
            INSERT INTO trusted_clock (id, at, uptime) VALUES (1, ?, ?)
            ON CONFLICT (id) DO UPDATE SET at = excluded.at, uptime = excluded.uptime
            """, reading.at.milliseconds, reading.uptime.milliseconds)
    }
}
