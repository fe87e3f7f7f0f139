import CSQLite
import SQLite
import ShopTestSupport
import TestSupport
import Testing

/// Connections: how they open, fail, wait and checkpoint.
struct ConnectionTests {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder("test.db")
    }

    private func open(_ access: Connection.Access = .create, busy: Int = 0) throws -> Connection {
        try Connection(path: path, access: access, busyTimeoutMilliseconds: busy)
    }

    private func openWithTable(busy: Int = 0) throws -> Connection {
        let sql = try open(busy: busy)
        try sql.execute(
            "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER UNIQUE CHECK (u > 0)) STRICT")
        return sql
    }

    // MARK: Opening

    @Test(arguments: [Connection.Access.readWrite, .readOnly])
    func `only create makes a file`(_ access: Connection.Access) throws {
        let error = #expect(throws: SQLiteError.self) { _ = try open(access) }
        #expect(error?.code == SQLITE_CANTOPEN)
        let made = try open(.create)
        #expect(try made.pragma("user_version") == "0")
    }

    @Test func `a missing folder is reported`() {
        let error = #expect(throws: SQLiteError.self) {
            _ = try Connection(path: "\(path)/no/test.db", access: .create, busyTimeoutMilliseconds: 0)
        }
        #expect(error?.code == SQLITE_CANTOPEN)
        #expect(error?.message.isEmpty == false)
    }

    @Test func `a reading connection cannot write`() throws {
        _ = try openWithTable()
        let reading = try open(.readOnly)
        let error = #expect(throws: SQLiteError.self) { try reading.run("INSERT INTO t VALUES (1, 1)") }
        #expect(error?.code == SQLITE_READONLY)
    }

    // MARK: Errors

    @Test func `errors carry the extended code and the statement`() throws {
        let sql = try openWithTable()
        try sql.run("INSERT INTO t VALUES (1, 1)")
        let primary = #expect(throws: SQLiteError.self) { try sql.run("INSERT INTO t VALUES (1, 2)") }
        #expect(primary?.extendedCode == csqlite_constraint_primary_key)
        #expect(primary?.isUniqueViolation == true)
        let unique = #expect(throws: SQLiteError.self) { try sql.run("INSERT INTO t VALUES (2, 1)") }
        #expect(unique?.extendedCode == csqlite_constraint_unique)
        #expect(unique?.isUniqueViolation == true)
        #expect(unique?.sql == "INSERT INTO t VALUES (2, 1)")
        let check = #expect(throws: SQLiteError.self) { try sql.run("INSERT INTO t VALUES (2, 0)") }
        #expect(check?.isConstraint == true)
        #expect(check?.isUniqueViolation == false)
        let syntax = #expect(throws: SQLiteError.self) { try sql.run("INSERT INTO nowhere VALUES (1)") }
        #expect(syntax?.code == SQLITE_ERROR)
        #expect(syntax?.isConstraint == false)
        #expect(syntax?.description == "SQLite error 1: no such table: nowhere in: INSERT INTO nowhere VALUES (1)")
    }

    @Test func `a violated constraint leaves the transaction open, an OR ROLLBACK does not`() throws {
        let sql = try openWithTable()
        try sql.execute("BEGIN; INSERT INTO t VALUES (1, 1)")
        #expect(throws: SQLiteError.self) { try sql.run("INSERT INTO t VALUES (1, 2)") }
        #expect(!sql.isAutocommit)
        #expect(throws: SQLiteError.self) { try sql.run("INSERT OR ROLLBACK INTO t VALUES (1, 2)") }
        #expect(sql.isAutocommit)
        #expect(try sql.rows(of: "SELECT count(*) FROM t") == [["0"]])
    }

    @Test func `interrupt ends the statement that runs`() throws {
        let sql = try open()
        let error = #expect(throws: SQLiteError.self) {
            try sql.forEach(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT i FROM n"
            ) { row in
                if row.int64(0) == 10 { sql.interrupt() }
            }
        }
        #expect(error?.code == SQLITE_INTERRUPT)
        #expect(try sql.rows(of: "SELECT 1") == [["1"]])
    }

    // MARK: Waiting for others

    @Test func `waiting for another's lock ends at its bound`() throws {
        let holder = try openWithTable()
        try holder.execute("BEGIN IMMEDIATE")
        let waiting = try open(.readWrite, busy: 200)
        let waited = seconds {
            let error = #expect(throws: SQLiteError.self) { try waiting.execute("BEGIN IMMEDIATE") }
            #expect(error?.code == SQLITE_BUSY)
        }
        #expect(waited >= 0.2)
        #expect(waited < 5)
    }

    @Test func `without a time to wait another's lock fails at once`() throws {
        let holder = try openWithTable()
        try holder.execute("BEGIN IMMEDIATE")
        let waiting = try open(.readWrite, busy: 0)
        let waited = seconds {
            _ = #expect(throws: SQLiteError.self) { try waiting.execute("BEGIN IMMEDIATE") }
        }
        #expect(waited < 1)
    }

    @Test func `a lock that is released in time is taken`() throws {
        let holder = try openWithTable()
        try holder.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (1, 1)")
        let path = path
        let racers = Racers(1) { _ in
            let waiting = try Connection(path: path, access: .readWrite, busyTimeoutMilliseconds: 20_000)
            try waiting.execute("BEGIN IMMEDIATE; INSERT INTO t VALUES (2, 2); COMMIT")
        }
        try eventually("all wait") { racers.allWait }
        try holder.execute("COMMIT")
        #expect(racers.outcomes()?.successes == 1)
        #expect(try holder.rows(of: "SELECT count(*) FROM t") == [["2"]])
    }

    // MARK: The WAL

    @Test func `the commit counter sees its own connection's commits and those of others`() throws {
        let sql = try openWithTable()
        let counter = try CommitCounter(try open(.readOnly))
        let atFirst = counter.value
        #expect(counter.value == atFirst)
        try sql.run("INSERT INTO t VALUES (1, 1)")
        let afterOne = counter.value
        #expect(afterOne == atFirst &+ 1)
        let other = try open(.readWrite)
        try other.run("INSERT INTO t VALUES (2, 2)")
        #expect(counter.value == atFirst &+ 2)
        try other.execute("BEGIN; INSERT INTO t VALUES (3, 3); INSERT INTO t VALUES (4, 4)")
        #expect(counter.value == atFirst &+ 2)
        try other.execute("COMMIT")
        #expect(counter.value == atFirst &+ 3)
    }

    @Test func `neither a read nor a rollback nor a checkpoint counts as a commit`() throws {
        let sql = try openWithTable()
        let counter = try CommitCounter(sql)
        let atFirst = counter.value
        try sql.execute("SELECT * FROM t; BEGIN; INSERT INTO t VALUES (1, 1); ROLLBACK; BEGIN IMMEDIATE; COMMIT")
        try sql.checkpoint(.truncate)
        #expect(counter.value == atFirst)
        try sql.run("INSERT INTO t VALUES (1, 1)")
        #expect(counter.value == atFirst &+ 1)
    }

    @Test func `a database without a WAL has no commit counter`() throws {
        let sql = try open()
        try sql.execute("CREATE TABLE t (id INTEGER)")
        #expect(throws: SQLiteError.self) { _ = try CommitCounter(sql) }
    }

    @Test func `a passive checkpoint copies everything when nobody reads`() throws {
        let sql = try openWithTable()
        try sql.run("INSERT INTO t VALUES (1, 1)")
        let (frames, copied) = try sql.checkpoint(.passive)
        #expect(frames > 0)
        #expect(copied == frames)
    }

    @Test func `a passive checkpoint stops at what an older reader needs, and does not fail`() throws {
        let sql = try openWithTable()
        try sql.run("INSERT INTO t VALUES (1, 1)")
        let reader = try open(.readOnly)
        try reader.execute("BEGIN; SELECT count(*) FROM t")
        for number in 2...20 { try sql.run("INSERT INTO t VALUES (?1, ?1)", number) }
        let (frames, copied) = try sql.checkpoint(.passive)
        #expect(copied < frames)
        try reader.execute("COMMIT")
        let after = try sql.checkpoint(.passive)
        #expect(after.copied == after.frames)
    }

    @Test func `after a restart the next commit starts the WAL over`() throws {
        let sql = try openWithTable()
        let size = WALSize(sql)
        for number in 1...50 { try sql.run("INSERT INTO t VALUES (?1, ?1)", number) }
        #expect(size.frames >= 50)
        try sql.checkpoint(.restart)
        try sql.run("INSERT INTO t VALUES (51, 51)")
        #expect(size.frames < 10)
    }

    @Test func `with its size watched a WAL is not copied back by itself`() throws {
        let sql = try openWithTable()
        let size = WALSize(sql)
        for number in 1...1_200 { try sql.run("INSERT INTO t VALUES (?1, ?1)", number) }
        #expect(size.frames >= 1_200)  // SQLite's own limit is 1,000
    }
}
