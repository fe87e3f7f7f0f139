import Foundation
import SQLite
import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// SQLite reports damage: the read is retried, and if the damage persists nothing more is written.
struct DamageTests {
    let shop: TestShop
    let user: UserID
    let readiness: Readiness

    init() throws {
        shop = try TestShop()
        user = try shop.customer()
        readiness = shop.readiness
    }

    /// Drops other connections' caches, so that the next read comes from the disk.
    private func forgetPages() throws {
        try shop.store.write { tx in try tx.sql.forgetPages() }
        for _ in 0..<4 { try shop.store.read { tx in try tx.sql.forgetPages() } }
    }

    private func find() throws -> String? {
        try shop.store.read { tx in try tx.accounts.find(user)?.login }
    }

    @Test func `a read that failed once is retried, without consequences`() throws {
        let disk = FaultyDisk(shop.folder)
        try forgetPages()
        disk.fail(.read, with: EIO, times: 1)
        #expect(try find() == "customer")
        disk.repair()
        #expect(readiness.check(within: 10) == .committed)
        try forgetPages()
        disk.fail(.read, with: EIO, times: 1)
        #expect(try shop.charge(1_000, user).balance == Won(1_000))
        disk.repair()
        #expect(readiness.check(within: 10) == .committed)
        #expect(try shop.audit() == [])
    }

    @Test func `if it keeps failing nothing more is written, and the shop is not ready`() throws {
        try spoil(table: "balances")
        let refused = #expect(throws: UnavailableError.self) { try shop.charge(1_000, user) }
        #expect(refused?.cause == .damaged)
        guard case .refused(let reason, .damaged) = readiness.check(within: 10) else {
            Issue.record("it is called ready")
            return
        }
        #expect(reason.contains("damaged"))
        // Even of a page that is intact.
        let other = #expect(throws: UnavailableError.self) { try shop.product() }
        #expect(other?.cause == .damaged)
        #expect(try find() == "customer")
    }

    @Test func `damage that a reader finds stops writes, too`() throws {
        try spoil(table: "balances")
        let refused = #expect(throws: UnavailableError.self) { try shop.balance(user) }
        #expect(refused?.cause == .damaged)
        #expect(throws: UnavailableError.self) { try shop.product() }
    }

    /// Overwrites a table's first page behind SQLite's back; the page must be in the database and nowhere else.
    private func spoil(table: String) throws {
        let sql = try shop.connection()
        // SQLite looks for a log only on the first read.
        #expect(try sql.rows(of: "SELECT count(*) FROM balances").count == 1)
        #expect(try sql.checkpoint(.truncate) == (0, 0))
        try forgetPages()
        let page = try #require(Int(shop.rows("SELECT rootpage FROM sqlite_schema WHERE name = '\(table)'")[0]))
        // In a separate process: closing the file in this one would drop SQLite's locks.
        let dd = Process()
        dd.executableURL = URL(fileURLWithPath: "/bin/dd")
        dd.arguments = ["if=/dev/urandom", "of=\(shop.path)", "bs=4096", "count=1", "seek=\(page - 1)"]
        dd.arguments? += ["conv=notrunc", "status=none"]
        try dd.run()
        dd.waitUntilExit()
        try #require(dd.terminationStatus == 0)
    }
}
