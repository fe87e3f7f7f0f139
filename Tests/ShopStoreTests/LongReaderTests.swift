import Foundation
import SQLite
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// Another process reads for long: the log grows, this is reported, and the log is cut once the reader is gone.
struct LongReaderTests {
    let shop: TestShop
    let user: UserID

    init() throws {
        var options = SQLiteStore.Options.test
        options.checkpointFrames = 50
        options.walFrames = 200
        shop = try TestShop(options: options)
        user = try shop.customer()
    }

    private let bound = Connection.logBytes(frames: 200)

    private func grow() throws -> Connection {
        let reader = try shop.connection()
        try reader.execute("BEGIN; SELECT count(*) FROM users")
        while shop.store.logBytes < 3 * bound { _ = try shop.charge(1_000, user) }
        try eventually("the reader holds the log up") { shop.store.logHeldUpSeconds > 0 }
        return reader
    }

    @Test func `it is cut even if nobody writes any more`() throws {
        let reader = try grow()
        try reader.execute("COMMIT")
        try eventually("the log is cut") { shop.store.logBytes == 0 }
        #expect(shop.store.logHeldUpSeconds == 0)
        #expect(try shop.audit() == [])
    }

    @Test func `it is cut while writing goes on`() throws {
        let reader = try grow()
        try reader.execute("COMMIT")
        try eventually("the log is cut") {
            _ = try shop.charge(1_000, user)
            return shop.store.logBytes <= bound
        }
        #expect(try shop.audit() == [])
    }

    @Test func `a shop that stops cuts it`() throws {
        let reader = try grow()
        try reader.execute("COMMIT")
        shop.store.close()
        #expect(shop.store.logBytes == 0)
        #expect(try shop.audit() == [])
    }
}
