import POSIX
import ShopTestSupport
import Testing

@testable import Shop

/// How a file of products is written while the shop sells: in pieces that wait for nobody and keep nobody waiting.
struct ProductImportPaceTests {
    let shop: TestShop
    private let calls = Calls()

    init() throws { shop = try TestShop() }

    /// Checks a file of so many rows and applies it; `calls` are those of the second.
    private func apply(
        _ rows: Int, hasWaitingWrites: Bool = false, repeatsReads: Bool = false
    ) throws -> ProductImport {
        let store = WatchedStore(
            shop.store, hasWaitingWrites: hasWaitingWrites, repeatsReads: repeatsReads, willCall: calls.note)
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
        #expect(calls.writes.last == .write, "what was checked is on the disk")
        calls.forget()
        return try imports.apply(checked.id)
    }

    @Test func `some rows are one write, and the last is on the disk before it is answered`() throws {
        let applied = try apply(5)
        #expect(applied.rows.done == 5)
        // The second finds nothing left.
        #expect(calls.writes == [.piece, .piece, .touch])
    }

    @Test func `while others wait, each row is a write`() throws {
        let applied = try apply(10, hasWaitingWrites: true)
        #expect(applied.rows.done == 10)
        #expect(calls.writes == Array(repeating: .piece, count: 11) + [.touch])
        #expect(try shop.audit() == [])
    }

    @Test func `rows whose reading had to be repeated are none that were there before`() throws {
        let applied = try apply(25, repeatsReads: true)
        #expect(applied.rows.wrong == 0)
        #expect(applied.rows.done == 25)
    }

    @Test func `the largest file is spread over less than one call`() {
        #expect(ProductImports.time(for: 10_000, within: .seconds(8)) == ProductImports.timePerWrite)
        #expect(ProductImports.time(for: 0, within: .seconds(8)) == ProductImports.timePerWrite)
        let most = ProductImport.mostRows
        #expect(ProductImports.time(for: Int64(most), within: .seconds(8)) * most < .seconds(8))
    }

    @Test(.enabled("Linux before 6.12 has no turns to choose") { ProcessorTurn.nanoseconds != nil })
    func `pieces are done in short turns of the processor`() throws {
        _ = try apply(15)
        #expect(Set(calls.turnsOfPieces) == [100_000])
    }
}

/// What a store was asked for.
private final class Calls: Sendable {
    private let all = Locked<[(call: WatchedStore.Call, turn: UInt64?)]>([])

    func note(_ call: WatchedStore.Call) { all.write { $0.append((call, ProcessorTurn.nanoseconds)) } }
    func forget() { all.write { $0 = [] } }

    /// Which writes, in their order.
    var writes: [WatchedStore.Call] { all.read { $0.map(\.call).filter { $0 != .read } } }
    /// How long the pieces' thread could keep the processor then, in nanoseconds.
    var turnsOfPieces: [UInt64?] { all.read { all in all.filter { $0.call == .piece }.map(\.turn) } }
}
