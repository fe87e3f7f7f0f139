import SQLite
import Shop

struct SQLBalanceCorrections: BalanceCorrectionRepository {
    let sql: Connection

    func add(
        _ draft: BalanceCorrectionDraft, by person: BalanceCorrection.Person, at time: Timestamp, until end: Timestamp?,
        entry: EntryID?
    ) throws -> BalanceCorrectionID {
        BalanceCorrectionID(
            try sql.insert(
                """
                INSERT INTO corrections (user_id, amount, status, asked_by, asked_login, asked_at, ends_at, entry_id, reason)
                VALUES (?1, ?2, CASE WHEN ?7 IS NULL THEN 'waiting' ELSE 'made' END, ?3, ?4, ?5, ?6, ?7, ?8)
                """, draft.user.value, draft.amount.amount, person.user?.value, person.login, time.milliseconds,
                end?.milliseconds, entry?.value, draft.reason))
    }

    func find(_ id: BalanceCorrectionID) throws -> BalanceCorrection? {
        try sql.first(
            "SELECT \(BalanceCorrection.Column.self) FROM corrections WHERE id = ?", id.value,
            read: BalanceCorrection.init)
    }

    func decide(
        _ id: BalanceCorrectionID, by person: BalanceCorrection.Person, at time: Timestamp, entry: EntryID?
    ) throws -> Bool {
        try sql.change(
            """
            UPDATE corrections SET status = CASE WHEN ?1 IS NULL THEN 'refused' ELSE 'made' END, entry_id = ?1,
                decided_by = ?2, decided_login = ?3, decided_at = ?4
            WHERE id = ?5 AND status = 'waiting'
            """, entry?.value, person.user?.value, person.login, time.milliseconds, id.value) == 1
    }

    func list(
        of user: UserID, before: BalanceCorrectionID?, limit: Int
    ) throws -> ListPage<BalanceCorrection> {
        let corrections = try sql.all(
            """
            SELECT \(BalanceCorrection.Column.self) FROM corrections WHERE user_id = ? AND id < ?
            ORDER BY id DESC LIMIT ?
            """, user.value, before?.value ?? .max, limit + 1, read: BalanceCorrection.init)
        return ListPage(fetched: corrections, limit: limit)
    }

    func waiting(
        at time: Timestamp, after: BalanceCorrection?, limit: Int
    ) throws -> ListPage<BalanceCorrection> {
        // Those that have lapsed lie before these.
        let last = after?.endsAt.map { max($0, time) } ?? time
        let corrections = try sql.all(
            """
            SELECT \(BalanceCorrection.Column.self) FROM corrections
            WHERE status = 'waiting' AND (ends_at, id) > (?, ?) ORDER BY ends_at, id LIMIT ?
            """, last.milliseconds, last == after?.endsAt ? after?.id.value ?? 0 : .max, limit + 1,
            read: BalanceCorrection.init)
        return ListPage(fetched: corrections, limit: limit)
    }

    func moved(by person: UserID?, of user: UserID, since time: Timestamp) throws -> Won {
        try sql.first(
            """
            SELECT coalesce(sum(abs(amount)), 0) FROM corrections
            WHERE user_id = ? AND asked_by IS ? AND asked_at > ? AND status = 'made' AND ends_at IS NULL
            """, user.value, person?.value, time.milliseconds
        ) { Won($0.int64(0)) } ?? .zero
    }
}

extension BalanceCorrection {
    fileprivate enum Column: Int32, ColumnList {
        case id, userID, amount, status, askedBy, askedLogin, askedAt, endsAt, decidedBy, decidedLogin, decidedAt
        case entryID, reason
        var table: String { "corrections" }
    }

    fileprivate init(_ row: borrowing Row) throws {
        let decided = row.optionalText(Column.decidedLogin).map { login in
            Person(user: row.optionalID(Column.decidedBy), login: login)
        }
        self.init(
            id: row.id(Column.id), user: row.id(Column.userID), amount: row.won(Column.amount),
            reason: row.text(Column.reason), storedStatus: try row.choice(Column.status),
            asked: Person(user: row.optionalID(Column.askedBy), login: row.text(Column.askedLogin)),
            askedAt: row.time(Column.askedAt), endsAt: row.optionalTime(Column.endsAt), decided: decided,
            decidedAt: row.optionalTime(Column.decidedAt), entry: row.optionalID(Column.entryID))
    }
}
