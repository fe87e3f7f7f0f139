import Foundation
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// Whether a write reaches the disk is found out by making one.
struct ReadinessTests {
    let shop: TestShop
    let readiness: Readiness

    init() throws {
        var options = SQLiteStore.Options.test
        options.busyTimeoutMilliseconds = 200
        shop = try TestShop(options: options)
        readiness = shop.readiness
    }

    @Test func `a shop that can write is ready, and a page more is in the log`() throws {
        #expect(readiness.check(within: 10) == .committed)
        // The writer counts its frames after it has answered.
        let frames = try framesInFile()
        try eventually("the log is as long as before") { shop.store.walFrames == frames }
        let groups = shop.store.writeStatistics.groups
        #expect(readiness.check(within: 10) == .committed)
        try eventually("one page more is written") { shop.store.walFrames == frames + 1 }
        #expect(shop.store.writeStatistics.groups == groups + 1)
    }

    /// For a log that has not started over: after its header of 32 bytes, each page has a header of 24.
    private func framesInFile() throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: shop.path + "-wal")
        return ((attributes[.size] as? Int ?? 0) - 32) / (4_096 + 24)
    }

    @Test func `it leaves the caches alone`() throws {
        let before = Topic.allCases.map { shop.store.version(of: $0) }
        #expect(readiness.check(within: 10) == .committed)
        #expect(Topic.allCases.map { shop.store.version(of: $0) } == before)
    }

    @Test func `a stuck writer is late, and a single write is tried, however many ask`() throws {
        let writer = try HeldWriter(shop)
        let racers = Racers(16) { _ in readiness.check(within: 0.2) }
        let outcomes = try #require(racers.outcomes())
        #expect(try outcomes.allSatisfy { try $0.get() == .late })
        #expect(shop.store.writeQueueDepth == 1)
        try writer.release()
        #expect(readiness.check(within: 10) == .committed)
    }

    @Test func `another's lock is reported as such`() throws {
        let other = try shop.connection()
        try other.execute("BEGIN IMMEDIATE")
        guard case .refused(let reason, .locked) = readiness.check(within: 10) else {
            Issue.record("a write got through")
            return
        }
        #expect(reason.contains("locked"))
        // Even before the wait for it is over.
        let patient = try TestShop()
        let another = try patient.connection()
        try another.execute("BEGIN IMMEDIATE")
        #expect(
            patient.readiness.check(within: 0.3)
                == .refused(reason: "another process has the database's write lock", .locked))
        try another.execute("COMMIT")
        try other.execute("COMMIT")
        #expect(readiness.check(within: 10) == .committed)
    }

    @Test(arguments: [ENOSPC, EIO])
    func `a full disk is distinguished from a broken one`(error: Int32) throws {
        let disk = FaultyDisk(shop.folder)
        disk.fail(with: error)
        guard case .refused(_, let cause) = readiness.check(within: 10) else {
            Issue.record("a write got through")
            return
        }
        #expect(cause == (error == ENOSPC ? .diskFull : .other))
        disk.repair()
        #expect(readiness.check(within: 10) == .committed)
    }
}
