import Foundation
import SQLite
import ShopTestSupport
import Synchronization
import TestSupport
import Testing

/// Checkpoints that reach the disk bit by bit.
struct GradualWriteTests {
    let folder: TemporaryFolder
    private let sql: Connection
    /// Pages of a quarter of a MiB.
    private static let pages = 64

    init() throws {
        folder = try TemporaryFolder()
        sql = try Connection(path: folder("test.db"), access: .create, busyTimeoutMilliseconds: 0)
        try sql.execute(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (b BLOB NOT NULL) STRICT")
    }

    private func write(pages: Int) throws {
        try sql.run(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO t SELECT randomblob(3000) FROM n
            """, pages)
    }

    private func checkpointer() throws -> Connection {
        let connection = try Connection(path: folder("test.db"), access: .readWrite, busyTimeoutMilliseconds: 0)
        // Only once it has read something does it know of the log.
        _ = try connection.first("SELECT count(*) FROM t") { _ in () }
        return connection
    }

    @Test func `it pauses after each quarter of a MiB, has copied all, and nothing is lost`() throws {
        try write(pages: 4 * Self.pages)
        var pauses = 0
        let (frames, copied) = try checkpointer().checkpoint(.passive) { pauses += 1 }
        #expect(copied == frames)
        #expect(pauses == frames / Self.pages)
        #expect(pauses >= 4)
        #expect(try sql.first("PRAGMA integrity_check") { $0.text(0) } == "ok")
        #expect(try sql.first("SELECT count(*) FROM t") { $0.int64(0) } == Int64(4 * Self.pages))
    }

    @Test func `what another thread writes meanwhile is neither held up nor counted`() throws {
        try write(pages: 2 * Self.pages)
        var pauses = 0
        try checkpointer().checkpoint(.passive) {
            pauses += 1
            let isWritten = Mutex(false)
            // More than a quarter of a MiB, into the log.
            let writer = Thread { [self] in
                if (try? write(pages: 2 * Self.pages)) != nil { isWritten.withLock { $0 = true } }
            }
            writer.start()
            #expect(throws: Never.self) { try eventually("it is written", within: 30) { isWritten.withLock { $0 } } }
        }
        #expect(pauses == 2)
        #expect(try sql.first("SELECT count(*) FROM t") { $0.int64(0) } == Int64(6 * Self.pages))
    }

    @Test func `without a pause it is copied at once`() throws {
        try write(pages: 2 * Self.pages)
        let disk = FaultyDisk(folder)
        disk.fail(.writeOut, with: EIO)
        let (frames, copied) = try checkpointer().checkpoint(.passive)
        #expect(copied == frames)
    }

    @Test(arguments: [EIO, ENOSPC])
    func `what the disk does not take fails the checkpoint, which can be done again`(_ error: Int32) throws {
        try write(pages: 2 * Self.pages)
        let disk = FaultyDisk(folder)
        disk.fail(.writeOut, with: error, times: 1)
        let connection = try checkpointer()
        #expect(throws: SQLiteError.self) { try connection.checkpoint(.passive) {} }
        var pauses = 0
        let (frames, copied) = try connection.checkpoint(.passive) { pauses += 1 }
        #expect(copied == frames)
        // All of it is written again.
        #expect(pauses == frames / Self.pages)
        #expect(try sql.first("PRAGMA integrity_check") { $0.text(0) } == "ok")
    }

    @Test(arguments: [ENOSYS, EPERM])
    func `a system that cannot do it, or refuses it, costs nothing but the pace`(_ error: Int32) throws {
        try write(pages: 2 * Self.pages)
        let disk = FaultyDisk(folder)
        disk.fail(.writeOut, with: error)
        let (frames, copied) = try checkpointer().checkpoint(.passive) {}
        #expect(copied == frames)
    }
}
