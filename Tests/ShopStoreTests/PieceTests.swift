import POSIX
import SQLite
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// Pieces of long work: commits that need not be on the disk, between those that have to be.
struct PieceTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private static func add(_ tx: any Repositories, _ name: String) throws {
        _ = try tx.products.add(
            ProductDraft(name: name, description: "", price: Won(1), stock: 1), at: TestClock.start)
    }

    /// As SQLite says it of the connection: 2 if each commit waits for the disk, 1 if none does.
    private static func synchronous(_ tx: any Repositories) throws -> String {
        try tx.sql.rows(of: "PRAGMA synchronous")[0][0]
    }

    @Test func `a piece does not wait for the disk, and a write beside it does`() throws {
        #expect(try shop.store.write(Self.synchronous) == "2")
        #expect(try shop.store.writePiece(Self.synchronous) == "1")
        #expect(try shop.store.write(Self.synchronous) == "2")
    }

    @Test func `a configuration in which no write waits stays as it is`() throws {
        var options = SQLiteStore.Options.test
        options.synchronous = .normal
        let shop = try TestShop(options: options)
        #expect(try shop.store.write(Self.synchronous) == "1")
        #expect(try shop.store.writePiece(Self.synchronous) == "1")
        #expect(try shop.store.write(Self.synchronous) == "1")
    }

    @Test func `pieces are committed by themselves, and take turns with the others' groups`() throws {
        let commits = try CommitCounter(try shop.connection())
        let before = commits.value
        let order = Locked<[String]>([])
        let writer = try HeldWriter(shop)
        let store = shop.store
        let racers = Racers(7) { number in
            let isPiece = number < 3
            let work = { (tx: any Repositories) in
                let name = isPiece ? "piece" : "write"
                try Self.add(tx, "\(name) \(number)")
                let level = try Self.synchronous(tx)
                order.write { $0.append("\(name) \(level)") }
            }
            if isPiece { try store.writePiece(work) } else { try store.write(work) }
        }
        try eventually("all wait") { racers.allWait }
        try writer.release()
        for outcome in try #require(racers.outcomes()) { try outcome.get() }
        // The one that held the writer was no piece.
        #expect(
            order.read { $0 }
                == ["piece 1", "write 2", "write 2", "write 2", "write 2", "piece 1", "piece 1"])
        #expect(commits.value &- before == 4)
        #expect(try shop.rows("SELECT count(*) FROM products") == ["7"])
    }

    @Test func `what a piece throws undoes the piece and nothing else`() throws {
        try shop.store.writePiece { tx in try Self.add(tx, "하나") }
        #expect(throws: ShopError.forbidden) {
            try shop.store.writePiece { tx in
                try Self.add(tx, "둘")
                throw ShopError.forbidden
            }
        }
        try shop.store.writePiece { tx in try Self.add(tx, "셋") }
        #expect(try shop.rows("SELECT name FROM products ORDER BY id") == ["하나", "셋"])
    }

    @Test func `after a failed piece the next write waits for the disk`() throws {
        #expect(throws: ShopError.forbidden) { try shop.store.writePiece { _ in throw ShopError.forbidden } }
        #expect(try shop.store.write(Self.synchronous) == "2")
    }
}
