import POSIX
import Shop
import ShopTestSupport
import TestSupport
import Testing

/// How a file of products is written while the shop sells: in pieces that wait for nobody and keep nobody waiting.
struct ProductImportPaceTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private func apply(_ rows: Int, over store: WatchedStore) throws -> ProductImport {
        let imports = try shop.other(over: store).productImports(by: .test)
        let checked = try imports.check(hash: Array(repeating: 7, count: 32), ignored: []) { take in
            for number in 2..<(2 + rows) {
                var row = ProductRow(number: number)
                row.sku = .some(SKU("N-\(number)"))
                row.name = "상품 \(number)"
                row.price = Won(1_000)
                row.stock = 10
                try take(row)
            }
        }
        #expect(store.done.last == .write, "what was checked is on the disk")
        store.forget()
        return try imports.apply(checked.id)
    }

    @Test func `some rows are one write, and the last is on the disk before it is answered`() throws {
        let store = WatchedStore(shop.store)
        let applied = try apply(5, over: store)
        #expect(applied.rows.done == 5)
        // The second finds nothing left.
        #expect(store.done == [.piece, .piece, .touch])
    }

    @Test func `while others wait, each row is a write`() throws {
        let store = WatchedStore(shop.store, hasWaitingWrites: true)
        let applied = try apply(10, over: store)
        #expect(applied.rows.done == 10)
        #expect(store.done == Array(repeating: .piece, count: 11) + [.touch])
        #expect(try shop.audit() == [])
    }

    @Test func `rows whose reading had to be repeated are none that were there before`() throws {
        let applied = try apply(25, over: WatchedStore(shop.store, repeatsReads: true))
        #expect(applied.rows.wrong == 0)
        #expect(applied.rows.done == 25)
    }
}

/// Notes which writes are made.
private final class WatchedStore: Store {
    enum Write: Equatable {
        case write, piece, touch
    }

    let hasWaitingWrites: Bool
    private let repeatsReads: Bool
    private let store: any Store
    private let writes = Locked<[Write]>([])

    /// - Parameter repeatsReads: runs what reads twice, as when the first time a file had to be opened anew.
    init(_ store: any Store, hasWaitingWrites: Bool = false, repeatsReads: Bool = false) {
        self.store = store
        self.repeatsReads = repeatsReads
        self.hasWaitingWrites = hasWaitingWrites
    }

    var done: [Write] { writes.read { $0 } }

    func forget() { writes.write { $0 = [] } }

    func read<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        if repeatsReads { _ = try store.read(work) }
        return try store.read(work)
    }

    func lookUp<Result>(_ work: (any Repositories) throws -> Result) throws -> Result { try store.lookUp(work) }

    func write<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        writes.write { $0.append(.write) }
        return try store.write(work)
    }

    func writePiece<Result>(_ work: (any Repositories) throws -> Result) throws -> Result {
        writes.write { $0.append(.piece) }
        return try store.writePiece(work)
    }

    func touch() throws {
        writes.write { $0.append(.touch) }
        try store.touch()
    }

    var waitsForAnother: Bool { store.waitsForAnother }
    func version(of topic: Topic) -> Version { store.version(of: topic) }
}
