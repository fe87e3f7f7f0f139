import CSQLite
import Foundation
import SQLite
import ShopTestSupport
import TestSupport
import Testing

/// Copying a database that others are writing to.
struct OnlineBackupTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ name: String, _ access: Connection.Access = .create) throws -> Connection {
        try Connection(path: folder(name), access: access, busyTimeoutMilliseconds: 100)
    }

    /// A database of a few hundred pages whose rows are all the same number.
    private func source() throws -> Connection {
        let sql = try open("source.db")
        try sql.execute(
            """
            PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, round INTEGER, filler BLOB);
            INSERT INTO t SELECT value, 0, zeroblob(1000) FROM
                (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 1000) SELECT * FROM n)
            """)
        return sql
    }

    private func rounds(_ sql: Connection) throws -> [[String]] {
        try sql.rows(of: "SELECT DISTINCT round FROM t")
    }

    @Test func `what others write meanwhile is not in it, and nothing is copied twice`() throws {
        let writer = try source()
        let target = try open("target.db")
        var round = 0
        var copied: [Int] = []
        try open("source.db", .readOnly).copySnapshot(to: target, pagesAtOnce: 10) { done, _ in
            copied.append(done)
            round += 1
            try writer.execute("UPDATE t SET round = \(round)")
        }
        #expect(copied == copied.sorted() && Set(copied).count == copied.count)
        #expect(copied.count > 20)
        #expect(try rounds(target) == [["0"]])
        #expect(try rounds(writer) == [["\(round)"]])
        #expect(try target.pragma("integrity_check") == "ok")
        // The snapshot was released: the WAL can start over.
        try writer.checkpoint(.truncate)
        let wal = try FileManager.default.attributesOfItem(atPath: folder("source.db-wal"))
        #expect(wal[.size] as? Int == 0)
    }

    @Test func `writers do not wait for a copy`() throws {
        let writer = try source()
        var longest = 0.0
        try open("source.db", .readOnly).copySnapshot(to: try open("target.db"), pagesAtOnce: 10) { _, _ in
            longest = max(longest, try seconds { try writer.execute("UPDATE t SET round = 1 WHERE id = 7") })
        }
        #expect(longest < 1)
    }

    @Test func `what the caller throws ends it, and the target is what it was`() throws {
        struct Enough: Error {}
        _ = try source()
        let target = try open("target.db")
        try target.execute("CREATE TABLE mine (x)")
        let reader = try open("source.db", .readOnly)
        #expect(throws: Enough.self) {
            try reader.copySnapshot(to: target, pagesAtOnce: 10) { _, _ in throw Enough() }
        }
        #expect(reader.isAutocommit)
        #expect(try target.rows(of: "SELECT name FROM sqlite_schema") == [["mine"]])
    }

    @Test func `a target that another keeps locked is busy, after the time that is waited`() throws {
        _ = try source()
        let other = try open("target.db")
        try other.execute("CREATE TABLE mine (x); BEGIN EXCLUSIVE")
        let reader = try open("source.db", .readOnly)
        let target = try open("target.db")
        let error = #expect(throws: SQLiteError.self) { try reader.copySnapshot(to: target) }
        #expect(error?.isBusy == true)
        #expect(reader.isAutocommit)
        try other.execute("COMMIT")
        try reader.copySnapshot(to: target)
        #expect(try rounds(target) == [["0"]])
    }

    @Test func `a source that another keeps locked is busy`() throws {
        let sql = try open("source.db")
        try sql.execute("CREATE TABLE t (round); BEGIN EXCLUSIVE")
        let reader = try open("source.db", .readOnly)
        let error = #expect(throws: SQLiteError.self) { try reader.copySnapshot(to: try open("target.db")) }
        #expect(error?.isBusy == true)
    }
}
