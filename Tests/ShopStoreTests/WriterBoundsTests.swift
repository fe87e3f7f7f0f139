import Foundation
import POSIX
import SQLite
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// Every queue, wait and file of the writer has a bound.
struct WriterBoundsTests {
    @Test func `past the bound of the queue a write is refused at once, and those within it are done`() throws {
        let shop = try TestShop()
        let bound = Writer.Limits().queueDepth
        let writer = try HeldWriter(shop)
        let refused = Locked(0)
        let racers = Racers(bound + 50) { _ in
            do {
                try shop.store.write { _ in }
            } catch is UnavailableError {
                refused.withLock { $0 += 1 }
                throw UnavailableError("refused")
            }
        }
        // The refused ones do not wait for the writer, which is still held.
        try eventually("fifty are refused") { refused.withLock { $0 } == 50 }
        try writer.release()
        #expect(racers.outcomes()?.successes == bound)
        try shop.store.write { _ in }
    }

    @Test func `a write that has not begun in time is withdrawn, and is never done`() throws {
        var options = SQLiteStore.Options.test
        options.writeWaitSeconds = 0.2
        let shop = try TestShop(options: options)
        let user = try shop.customer()
        let writer = try HeldWriter(shop)
        let waited = seconds {
            #expect(throws: UnavailableError.self) { try shop.charge(1_000, user) }
        }
        #expect(waited >= 0.2)
        #expect(waited < 5)
        try writer.release()
        #expect(try shop.charge(2_000, user).balance == Won(2_000))
    }

    @Test func `a write that has begun is waited for, however long it takes`() throws {
        var options = SQLiteStore.Options.test
        options.writeWaitSeconds = 0.05
        let shop = try TestShop(options: options)
        let writer = try HeldWriter(shop)
        usleep(150_000)  // three times as long as it may wait to begin
        try writer.release()
    }

    @Test func `closing finishes the waiting writes, and accepts no more`() throws {
        let shop = try TestShop()
        let users = try (0..<6).map { try shop.customer("user\($0)") }
        let writer = try HeldWriter(shop)
        let racers = Racers(6) { number in try shop.charge(1_000, users[number]) }
        try eventually("all wait") { racers.allWait }
        let closing = Racers(1) { _ in shop.store.close() }
        try eventually("whoever closes waits") { closing.allWait }
        try writer.release()
        #expect(closing.outcomes() != nil)
        #expect(try #require(racers.outcomes()).allSatisfy(\.isSuccess))
        #expect(throws: UnavailableError.self) { try shop.charge(1_000, users[0]) }
        #expect(try users.map(shop.balance) == [Int64](repeating: 1_000, count: 6))
        shop.store.close()
    }

    @Test func `closing ends while others keep asking, and every answered write was done`() throws {
        for _ in 0..<20 {
            let shop = try TestShop()
            let user = try shop.customer()
            let racers = Racers(4) { _ in
                var answered: Int64 = 0
                while true {
                    do {
                        answered += try shop.charge(1_000, user).amount.amount
                    } catch is UnavailableError {
                        return answered
                    }
                }
            }
            let closing = Racers(1) { _ in shop.store.close() }
            #expect(closing.outcomes(withinSeconds: 20) != nil)
            let answered = try #require(racers.outcomes(withinSeconds: 20)).map { try $0.get() }
            #expect(try shop.balance(user) == answered.reduce(0, +))
        }
    }

    // MARK: The WAL

    private func walFrames(_ shop: TestShop) throws -> Int {
        let size = try FileManager.default.attributesOfItem(atPath: shop.path + "-wal")[.size] as? Int
        return (try #require(size)) / 4_120
    }

    private func smallWAL() throws -> TestShop {
        var options = SQLiteStore.Options.test
        options.checkpointFrames = 50
        options.walFrames = 200
        return try TestShop(options: options)
    }

    @Test func `the WAL stays bounded while writing goes on without a pause`() throws {
        let shop = try smallWAL()
        let users = try (0..<4).map { try shop.customer("user\($0)") }
        var longest = 0
        let racers = Racers(4) { number in
            for _ in 0..<400 { _ = try shop.charge(1_000, users[number]) }
        }
        while !racers.haveEnded { longest = max(longest, try walFrames(shop)) }
        #expect(racers.outcomes()?.successes == 4)
        longest = max(longest, try walFrames(shop))
        // Its bound and the groups that arrive during the wait for the checkpoint; unbounded it would be thousands.
        #expect(longest < 300, "\(longest) frames")
        #expect(longest > 50)
    }

    @Test func `a long read holds up no write, though the WAL passes its bound meanwhile`() throws {
        let shop = try smallWAL()
        let user = try shop.customer()
        let reader = try shop.connection()
        try reader.execute("BEGIN; SELECT count(*) FROM users")
        let took = try seconds {
            for _ in 0..<300 { _ = try shop.charge(1_000, user) }
        }
        #expect(took < 4, "\(took) s for 300 charges")  // as long as one wait for the reader
        #expect(try walFrames(shop) > 200)
        try reader.execute("COMMIT")
        for _ in 0..<100 { _ = try shop.charge(1_000, user) }
        let (frames, copied) = try shop.connection().checkpoint(.passive)
        #expect(copied == frames)
        #expect(frames < 300)
    }

    @Test func `a log that the disk does not take is kept, and copied once it does`() throws {
        var options = SQLiteStore.Options.test
        options.checkpointFrames = 100
        let shop = try TestShop(options: options)
        let disk = FaultyDisk(shop.folder)
        try shop.execute("CREATE TABLE ballast (bytes BLOB)")
        // A quarter of a MiB and a little more, each time other pages.
        func write() throws {
            try shop.store.write { tx in try tx.sql.execute("INSERT INTO ballast VALUES (randomblob(300000))") }
        }
        disk.fail(.writeOut, with: EIO)
        // What was copied before may let it start over, but only once.
        try eventually("the log grows", within: 30) {
            try write()
            return shop.store.walFrames > 10 * 70
        }
        disk.repair()
        try eventually("the log starts over", within: 30) {
            try write()
            return shop.store.walFrames < 10 * 70
        }
        #expect(try shop.store.read { tx in try tx.sql.rows(of: "PRAGMA integrity_check") } == [["ok"]])
    }
}
