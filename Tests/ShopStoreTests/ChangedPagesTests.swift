import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// How many pages a change of a product writes: a file of products changes thousands, and everybody's commits wait for the disk.
struct ChangedPagesTests {
    let shop: TestShop
    let id: ProductID

    init() throws {
        shop = try TestShop()
        let now = TestClock.start
        id = try shop.store.write { tx in
            let sku = try #require(SKU("A-1"))
            let draft = ProductDraft(name: "사과", description: "", price: Won(1_000), stock: 5, sku: sku)
            return try tx.products.add(draft, at: now).id
        }
    }

    private func pages(_ work: (any Repositories) throws -> Void) throws -> Int {
        let before = try frames()
        try shop.store.write(work)
        return try frames() - before
    }

    private func frames() throws -> Int {
        // The writer counts a commit's frames after it is answered, and before the next one.
        try shop.store.write { _ in }
        return shop.store.walFrames
    }

    @Test func `a change of the price writes the product and the indexes by price`() throws {
        // All that are listed, what a search sorts by, and those without a picture.
        let written = try pages { tx in try tx.products.update(id, ProductChange(price: Won(2_000))) }
        #expect(written == 1 + 3)
    }

    @Test func `a change of the stock writes the product and its ledger`() throws {
        let change = StockChange(3, .delivery)
        let written = try pages { tx in try tx.products.supply(change, to: id, by: "kim", at: TestClock.start) }
        #expect(written == 1 + 1)
    }
}
