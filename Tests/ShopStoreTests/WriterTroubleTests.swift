import Foundation
import POSIX
import SQLite
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// What SQLite, the disk or another process can do to the writer. No answer is wrong, and the writer goes on.
struct WriterTroubleTests {
    /// Ways to make SQLite end the whole transaction in the middle of a job.
    enum Trouble: CaseIterable {
        case insertOrRollback, triggerThatRollsBack, diskFull, brokenDisk, interrupt, swallowed
    }

    let shop: TestShop
    let disk: FaultyDisk
    let users: [UserID]

    init() throws {
        var options = SQLiteStore.Options.test
        // So small that a large job is written to the disk before its commit.
        options.writerCacheKiB = 64
        options.busyTimeoutMilliseconds = 300
        shop = try TestShop(options: options)
        disk = FaultyDisk(shop.folder)
        let made = shop
        users = try (0..<8).map { try made.customer("user\($0)") }
        try shop.execute(
            """
            CREATE TABLE ballast (bytes BLOB);
            CREATE TRIGGER no_coupons BEFORE INSERT ON coupons BEGIN SELECT RAISE(ROLLBACK, 'no coupons'); END
            """)
    }

    private func make(_ trouble: Trouble, _ sql: Connection) throws {
        switch trouble {
        case .insertOrRollback:
            try sql.execute("INSERT OR ROLLBACK INTO balances VALUES (1, 0, 0)")
        case .triggerThatRollsBack:
            try sql.execute("INSERT INTO coupons VALUES (1, 1, 1, 1, 2, 1, 0, 1, NULL, NULL, 'c', 0)")
        case .diskFull:
            try sql.execute("PRAGMA max_page_count = 1")  // as many as exist
            defer { #expect(throws: Never.self) { try sql.execute("PRAGMA max_page_count = 1000000") } }
            try sql.execute("INSERT INTO ballast VALUES (zeroblob(1000000))")
        case .brokenDisk:
            disk.fail(with: EIO)
            defer { disk.repair() }
            try sql.execute("INSERT INTO ballast VALUES (zeroblob(1000000))")
        case .interrupt:
            try Interrupter(shop.store).whileInterrupting {
                try sql.execute(
                    """
                    INSERT INTO ballast
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000000) SELECT i FROM n
                    """)
            }
        case .swallowed:
            // What a repository must not do: carry on after such an error.
            #expect(throws: SQLiteError.self) { try sql.execute("INSERT OR ROLLBACK INTO balances VALUES (1, 0, 0)") }
        }
    }

    @Test(arguments: Trouble.allCases)
    func `a job that ends the whole transaction fails alone, and the others are served`(_ trouble: Trouble) throws {
        let (test, users) = (self, users)
        let outcomes = try shop.together(8) { tx, number in
            let entry = try tx.balances.move(Won(1_000), .charge, of: users[number], order: nil, at: TestClock.start)
            if number == 3 {
                try test.make(trouble, try tx.sql)
            }
            return entry?.balance
        }
        for (number, outcome) in outcomes.enumerated() where number != 3 {
            #expect((try? outcome.get()) == Won(1_000), "\(number): \(outcome)")
        }
        #expect(!outcomes[3].isSuccess)
        if trouble != .insertOrRollback, trouble != .triggerThatRollsBack {
            #expect(outcomes[3].error is UnavailableError, "\(outcomes[3])")
        }
        #expect(try users.map(shop.balance) == [1_000, 1_000, 1_000, 0, 1_000, 1_000, 1_000, 1_000])
        #expect(try shop.rows("SELECT (SELECT count(*) FROM ballast), (SELECT count(*) FROM coupons)") == ["0|0"])
        #expect(try shop.charge(1_000, users[3]).balance == Won(1_000))
        #expect(try shop.audit() == [])
    }

    @Test(arguments: [ENOSPC, EIO])
    func `a commit that fails fails all of its group, and the next group is clean`(_ error: Int32) throws {
        let (disk, users) = (disk, users)
        let outcomes = try shop.together(6) { tx, number in
            disk.fail(with: error)
            if number == 5 { throw ShopError.forbidden }
            return try tx.balances.move(Won(1_000), .charge, of: users[number], order: nil, at: TestClock.start)
        }
        #expect(outcomes.allSatisfy { $0.error is UnavailableError }, "\(outcomes)")
        #expect(throws: UnavailableError.self) { try shop.charge(1_000, users[0]) }
        #expect(try users.map(shop.balance) == [Int64](repeating: 0, count: 8))
        disk.repair()
        #expect(try shop.charge(2_000, users[0]).balance == Won(2_000))
        #expect(try shop.rows("SELECT count(*) FROM balance_entries") == ["1"])
        #expect(try shop.rows("PRAGMA integrity_check") == ["ok"])
        #expect(try shop.audit() == [])
    }

    /// Its frames are in the log, and a power cut may find them there: only the next commit overwrites them.
    @Test func `a commit whose sync failed has an unknown outcome, and happens once`() throws {
        let key = IdempotencyKey(text: "k", of: [1])
        func chargeWithKey() throws -> Receipt {
            try shop.balances.charge(
                Won(1_000), Submission(caller: users[0], key: key) { Receipt(code: 201, bytes: Array("\($0.id)".utf8)) }
            )
        }
        disk.fail(.sync, with: EIO)
        let refused = #expect(throws: UnavailableError.self) { try chargeWithKey() }
        #expect(refused?.isOutcomeKnown == false)
        #expect(try shop.balance(users[0]) == 0)
        // What a power cut would leave at this moment.
        let after = try TemporaryFolder()
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: shop.path + suffix, toPath: after("shop.db") + suffix)
        }
        disk.repair()
        let found = try Connection(path: after("shop.db"), access: .readWrite, busyTimeoutMilliseconds: 0)
        #expect(try found.rows(of: "SELECT amount FROM balances WHERE user_id = \(users[0].value)") == [["1000"]])
        #expect(try chargeWithKey().isReplayed == false)
        #expect(try chargeWithKey().isReplayed)
        #expect(try shop.balance(users[0]) == 1_000)
        #expect(try shop.audit() == [])
    }

    @Test func `a failure before the commit is known to have changed nothing`() throws {
        disk.fail(with: ENOSPC)
        let refused = #expect(throws: UnavailableError.self) { try shop.charge(1_000, users[0]) }
        #expect(refused?.isOutcomeKnown == true)
        #expect(refused?.cause == .diskFull)
    }

    @Test func `a failed commit's announcement about the catalogue is withdrawn`() throws {
        let before = shop.store.version(of: .catalogue)
        disk.fail(with: ENOSPC)
        #expect(throws: UnavailableError.self) { try shop.product() }
        #expect(shop.store.version(of: .catalogue) == before)
        disk.repair()
        _ = try shop.charge(1_000, users[0])
        #expect(shop.store.version(of: .catalogue) == before)
        _ = try shop.product()
        #expect(shop.store.version(of: .catalogue) != before)
    }

    @Test func `a disk that fails under load answers nothing falsely`() throws {
        let (shop, disk, users) = (shop, disk, users)
        let racers = Racers(8) { number in
            var answered: Int64 = 0
            for round in 0..<60 {
                if number == 0 { round % 10 == 5 ? disk.fail(with: ENOSPC) : disk.repair() }
                do {
                    _ = try shop.charge(1_000, users[number])
                    answered += 1_000
                } catch is UnavailableError {}
            }
            return answered
        }
        let answered = try #require(racers.outcomes()).map { try $0.get() }
        disk.repair()
        #expect(try users.map(shop.balance) == answered)
        #expect(answered.reduce(0, +) > 0)
        #expect(try shop.audit() == [])
    }

    // MARK: Another process

    @Test func `while another process writes for too long, a write is unavailable; afterwards it works again`() throws {
        let other = try shop.connection()
        try other.execute("BEGIN IMMEDIATE")
        let waited = seconds {
            #expect(throws: UnavailableError.self) { try shop.charge(1_000, users[0]) }
        }
        #expect(waited >= 0.3)
        #expect(waited < 5)
        #expect(try shop.balance(users[0]) == 0)
        try other.execute("COMMIT")
        #expect(try shop.charge(1_000, users[0]).balance == Won(1_000))
    }

    @Test func `a write waits for another process that finishes in time`() throws {
        let shop = try TestShop()
        let user = try shop.customer()
        let other = try shop.connection()
        try other.execute("BEGIN IMMEDIATE")
        let racers = Racers(3) { _ in try shop.charge(1_000, user) }
        try eventually("all wait") { racers.allWait }
        try other.execute("COMMIT")
        #expect(try #require(racers.outcomes()).allSatisfy(\.isSuccess))
        #expect(try shop.balance(user) == 3_000)
    }

    @Test func `a read-only database refuses writes as unavailable`() throws {
        try shop.store.write { tx in try tx.sql.execute("PRAGMA query_only = ON") }
        let refused = #expect(throws: UnavailableError.self) { try shop.charge(1_000, users[0]) }
        #expect(refused?.reason.contains("readonly") == true, "\(String(describing: refused))")
        #expect(try shop.balance(users[0]) == 0)
    }
}

/// Interrupts the writer repeatedly, but only while one job runs.
private final class Interrupter: Sendable {
    private let store: SQLiteStore
    private let isRunning = Locked(false)

    init(_ store: SQLiteStore) { self.store = store }

    func whileInterrupting(_ work: () throws -> Void) throws {
        isRunning.withLock { $0 = true }
        defer { isRunning.withLock { $0 = false } }
        Thread.detachNewThread { [self] in
            while isRunning.withLock({ isRunning in
                if isRunning { store.interruptWriter() }
                return isRunning
            }) { usleep(2_000) }
        }
        try work()
    }
}
