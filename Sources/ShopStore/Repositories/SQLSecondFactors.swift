import SQLite
import Shop

struct SQLSecondFactors: SecondFactorRepository {
    let sql: Connection

    func find(of user: UserID) throws -> SecondFactor? {
        try sql.first(
            "SELECT \(SecondFactor.Column.self) FROM second_factors WHERE user_id = ?", user.value,
            read: SecondFactor.init)
    }

    func set(_ factor: SecondFactor, of user: UserID) throws {
        try sql.run(
            """
            INSERT INTO second_factors (user_id, secret, since, last_step) VALUES (?, ?, ?, ?)
            ON CONFLICT (user_id) DO UPDATE
            SET secret = excluded.secret, since = excluded.since, last_step = excluded.last_step
            """, user.value, factor.totp.secret, factor.since.milliseconds, factor.lastStep)
        try forgetBegun(by: user)
    }

    func use(step: Int64, of user: UserID) throws {
        try sql.run("UPDATE second_factors SET last_step = ? WHERE user_id = ?", step, user.value)
    }

    func remove(of user: UserID) throws -> Bool {
        try forgetBegun(by: user)
        try forgetRecoveryCodes(of: user)
        return try sql.change("DELETE FROM second_factors WHERE user_id = ?", user.value) > 0
    }

    func begun(by user: UserID) throws -> BegunSecondFactor? {
        try sql.first(
            "SELECT \(BegunSecondFactor.Column.self) FROM begun_second_factors WHERE user_id = ?", user.value,
            read: BegunSecondFactor.init)
    }

    func begin(_ factor: BegunSecondFactor, by user: UserID) throws {
        try sql.run(
            """
            INSERT INTO begun_second_factors (user_id, secret, begun_at) VALUES (?, ?, ?)
            ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, begun_at = excluded.begun_at
            """, user.value, factor.totp.secret, factor.begunAt.milliseconds)
    }

    private func forgetBegun(by user: UserID) throws {
        try sql.run("DELETE FROM begun_second_factors WHERE user_id = ?", user.value)
    }

    // MARK: Recovery codes

    func setRecoveryCodes(_ hashes: [[UInt8]], of user: UserID) throws {
        try forgetRecoveryCodes(of: user)
        for hash in hashes {
            try sql.run("INSERT INTO recovery_codes (user_id, hash) VALUES (?, ?)", user.value, hash)
        }
    }

    func takeRecoveryCode(_ hash: [UInt8], of user: UserID) throws -> Bool {
        try sql.change("DELETE FROM recovery_codes WHERE user_id = ? AND hash = ?", user.value, hash) > 0
    }

    func recoveryCodesLeft(of user: UserID) throws -> Int {
        try sql.first("SELECT count(*) FROM recovery_codes WHERE user_id = ?", user.value) { Int($0.int64(0)) } ?? 0
    }

    private func forgetRecoveryCodes(of user: UserID) throws {
        try sql.run("DELETE FROM recovery_codes WHERE user_id = ?", user.value)
    }
}

extension SecondFactor {
    fileprivate enum Column: Int32, ColumnList {
        case secret, since, lastStep
        var table: String { "second_factors" }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(
            totp: TOTP(secret: row.bytes(Column.secret)), since: row.time(Column.since),
            lastStep: row.int64(Column.lastStep))
    }
}

extension BegunSecondFactor {
    fileprivate enum Column: Int32, ColumnList {
        case secret, begunAt
        var table: String { "begun_second_factors" }
    }

    fileprivate init(_ row: borrowing Row) {
        self.init(totp: TOTP(secret: row.bytes(Column.secret)), begunAt: row.time(Column.begunAt))
    }
}
