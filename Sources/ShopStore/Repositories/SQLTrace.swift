import SQLite
import Shop

struct SQLTrace: TraceRepository {
    let sql: Connection

    func add(_ line: TraceLine, by staff: Staff, at time: Timestamp) throws {
        let last = try sql.first("SELECT id, hash FROM trace WHERE id = (SELECT max(id) FROM trace)") { row in
            (id: row.int64(0), hash: row.bytes(1))
        }
        let id = TraceID((last?.id ?? 0) + 1)
        let hash = TraceEntry.hash(
            after: last?.hash ?? TraceEntry.firstHash, id: id, at: time, staff: staff, line: line)
        try sql.run(
            """
            INSERT INTO trace (id, at, user_id, login, role, way, address, action, subject, subject_id, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, id.value, time.milliseconds, staff.user?.value, staff.login, staff.role?.rawValue, staff.way.rawValue,
            staff.address, line.action.rawValue, line.subject.kind.rawValue, line.subject.id, hash)
        for (position, change) in line.changes.enumerated() {
            try sql.run(
                "INSERT INTO trace_changes (trace_id, position, field, before, after) VALUES (?, ?, ?, ?, ?)", id.value,
                position, change.field.rawValue, change.before, change.after)
        }
    }

    func list(
        _ query: TraceQuery, in times: Range<Timestamp>, before: TracePosition?, limit: Int
    ) throws -> ListPage<TraceEntry> {
        let start = before ?? TracePosition(at: times.upperBound, id: TraceID(0))
        let (at, id, first) = (start.at.milliseconds, start.id.value, times.lowerBound.milliseconds)
        let (user, action) = (query.user?.value, query.action?.rawValue)
        let entries =
            switch (query.subject, user, action) {
            case (let subject?, _, _):
                // There are few about one subject.
                try sql.all(
                    """
                    SELECT \(TraceEntry.Column.self) FROM trace
                    WHERE subject = ?1 AND subject_id = ?2 AND (at, id) < (?3, ?4) AND at >= ?5
                        AND (?6 IS NULL OR user_id = ?6) AND (?7 IS NULL OR action = ?7)
                    ORDER BY at DESC, id DESC LIMIT ?8
                    """, subject.kind.rawValue, subject.id, at, id, first, user, action, limit + 1, read: entry)
            case (nil, let user?, let action?):
                try sql.all(
                    """
                    SELECT \(TraceEntry.Column.self) FROM trace
                    WHERE user_id = ? AND action = ? AND (at, id) < (?, ?) AND at >= ?
                    ORDER BY at DESC, id DESC LIMIT ?
                    """, user, action, at, id, first, limit + 1, read: entry)
            case (nil, let user?, nil):
                try sql.all(
                    """
                    SELECT \(TraceEntry.Column.self) FROM trace
                    WHERE user_id = ? AND (at, id) < (?, ?) AND at >= ? ORDER BY at DESC, id DESC LIMIT ?
                    """, user, at, id, first, limit + 1, read: entry)
            case (nil, nil, let action?):
                try sql.all(
                    """
                    SELECT \(TraceEntry.Column.self) FROM trace
                    WHERE action = ? AND (at, id) < (?, ?) AND at >= ? ORDER BY at DESC, id DESC LIMIT ?
                    """, action, at, id, first, limit + 1, read: entry)
            case (nil, nil, nil):
                try sql.all(
                    """
                    SELECT \(TraceEntry.Column.self) FROM trace
                    WHERE (at, id) < (?, ?) AND at >= ? ORDER BY at DESC, id DESC LIMIT ?
                    """, at, id, first, limit + 1, read: entry)
            }
        return ListPage(fetched: entries, limit: limit)
    }

    func entry(_ row: borrowing Row) throws -> TraceEntry {
        let id: TraceID = row.id(TraceEntry.Column.id)
        let changes = try sql.all(
            "SELECT \(TraceChange.Column.self) FROM trace_changes WHERE trace_id = ? ORDER BY position", id.value,
            read: TraceChange.init)
        return try TraceEntry(row, id, changes)
    }
}

extension TraceEntry {
    enum Column: Int32, ColumnList {
        case id, at, userID, login, role, way, address, action, subject, subjectID, hash
        var table: String { "trace" }
    }

    fileprivate init(_ row: borrowing Row, _ id: TraceID, _ changes: [TraceChange]) throws {
        let staff = Staff(
            stored: row.optionalID(Column.userID), login: row.text(Column.login),
            role: row.isNull(Column.role.rawValue) ? nil : try row.choice(Column.role), way: try row.choice(Column.way),
            address: row.text(Column.address))
        let subject = TraceSubject(try row.choice(Column.subject), row.int64(Column.subjectID))
        self.init(
            id: id, at: row.time(Column.at), staff: staff,
            line: TraceLine(stored: try row.choice(Column.action), subject, changes), hash: row.bytes(Column.hash))
    }
}

extension TraceChange {
    fileprivate enum Column: Int32, ColumnList {
        case field, before, after
        var table: String { "trace_changes" }
    }

    fileprivate init(_ row: borrowing Row) throws {
        self.init(
            try row.choice(Column.field), row.optionalText(Column.before), row.optionalText(Column.after))
    }
}
