import SQLite
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

extension Repositories {
    /// The underlying connection, for what no repository does.
    var sql: Connection {
        get throws { try #require(self as? Unit).connection }
    }
}

extension TestShop {
    /// Hands the writer jobs that it finds waiting all at once, and so runs in one group.
    func together<Outcome: Sendable>(
        _ count: Int, _ work: @escaping @Sendable (any Repositories, _ number: Int) throws -> Outcome
    ) throws -> [Result<Outcome, any Error>] {
        let writer = try HeldWriter(self)
        let store = store
        let racers = Racers(count) { number in try store.write { tx in try work(tx, number) } }
        try eventually("all wait") { racers.allWait }
        try writer.release()
        return try #require(racers.outcomes())
    }
}

/// Holds the writer in the middle of a job that changes nothing.
struct HeldWriter {
    private let hold = Hold()
    private let racer: Racers<Void>

    init(_ shop: TestShop) throws {
        let (store, hold) = (shop.store, hold)
        racer = Racers(1) { _ in try store.write { _ in hold.wait() } }
        try eventually("one is held back") { hold.waiting == 1 }
    }

    func release() throws {
        hold.release()
        try #require(racer.outcomes()).forEach { try $0.get() }
    }
}
