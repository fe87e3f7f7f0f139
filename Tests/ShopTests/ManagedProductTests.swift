import Shop
import ShopTestSupport
import Testing

/// Products as the staff keep them: found by what is to be done, and edited by several at once.
struct ManagedProductTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private var products: ManagedProducts {
        get throws { try shop.served.managedProducts(for: .test) }
    }

    private var administration: ProductAdministration {
        get throws { try shop.served.productAdministration(by: .test) }
    }

    private func add(
        _ name: String, price: Int64 = 1_000, stock: Int64 = 5, picture: String? = nil, sku: String? = nil,
        lowStock: Int64? = nil, isListed: Bool = true
    ) throws -> ProductID {
        let draft = ProductDraft(
            name: name, description: "", price: Won(price), stock: stock, picture: picture,
            sku: sku.flatMap { SKU($0) }, lowStock: lowStock, isListed: isListed)
        let now = shop.clock.now
        return try shop.store.write { tx in try tx.products.add(draft, at: now) }.id
    }

    /// The names on all pages of two, one after the other.
    private func names(_ query: ManagedProductQuery) throws -> [String] {
        var names: [String] = []
        var after: ManagedProductQuery.Position?
        repeat {
            let page = try products.list(query.from(after, limit: 2))
            #expect(page.items.count <= 2)
            names += page.items.map(\.name)
            after = page.next
        } while after != nil
        return names
    }

    @Test func `each filter finds its products in each order, page by page`() throws {
        _ = try add("마", price: 3_000, isListed: false)
        _ = try add("라", price: 1_000, stock: 0, picture: "apple")
        _ = try add("다", price: 2_000, stock: 3, lowStock: 3)
        _ = try add("나", price: 1_000, stock: 0, picture: "apple", lowStock: 9, isListed: false)
        _ = try add("가", price: 2_000, stock: 0, lowStock: 1)
        _ = try add("바", price: 5_000, stock: 1, picture: "apple", lowStock: 4)
        let expected: [(ManagedProductQuery.Filter, newest: String, name: String, cheapest: String)] = [
            (.all, "바가나다라마", "가나다라마바", "라나다가마바"), (.listed, "바가다라", "가다라바", "라다가바"),
            (.unlisted, "나마", "나마", "나마"), (.soldOut, "가라", "가라", "라가"), (.low, "바다", "다바", "다바"),
            (.withoutPicture, "가다마", "가다마", "다가마"),
        ]
        #expect(expected.map(\.0) == ManagedProductQuery.Filter.allCases)
        for (filter, newest, name, cheapest) in expected {
            func found(_ order: ManagedProductQuery.Order) throws -> String {
                try names(ManagedProductQuery(filter: filter, order: order)).joined()
            }
            #expect(try found(.newest) == newest, "\(filter)")
            #expect(try found(.name) == name, "\(filter)")
            #expect(try found(.cheapestFirst) == cheapest, "\(filter)")
            #expect(try found(.dearestFirst) == String(cheapest.reversed()), "\(filter)")
        }
        #expect(try products.work() == [.soldOut: 2, .low: 2, .withoutPicture: 3])
    }

    @Test func `a search finds unlisted ones too, and a product by its SKU before all others`() throws {
        _ = try add("사과 A-1", sku: "B-7")
        _ = try add("사과", stock: 0, sku: "A-1", isListed: false)
        _ = try add("배")
        _ = try add("풋사과")
        #expect(try names(ManagedProductQuery(words: ["사과"])) == ["풋사과", "사과", "사과 A-1"])
        #expect(try names(ManagedProductQuery(filter: .listed, words: ["사과"])) == ["풋사과", "사과 A-1"])
        #expect(try names(ManagedProductQuery(words: ["a-1"])) == ["사과", "사과 A-1"])
        #expect(try names(ManagedProductQuery(filter: .listed, words: ["a-1"])) == ["사과 A-1"])
        #expect(try names(ManagedProductQuery(words: ["b-7"])) == ["사과 A-1"])
    }

    @Test func `a search that looks at many in vain goes on behind a short page`() throws {
        _ = try add("귤 하나", isListed: false)
        let now = shop.clock.now
        try shop.store.write { tx in
            for _ in 0..<2_500 {
                _ = try tx.products.add(
                    ProductDraft(name: "귤", description: "", price: Won(1), stock: 1), at: now)
            }
        }
        let query = ManagedProductQuery(filter: .unlisted, words: ["귤"])
        #expect(try products.list(query).items.isEmpty)
        #expect(try names(query) == ["귤 하나"])
        #expect(try products.all(query)?.map(\.name) == ["귤 하나"])
        #expect(try products.all(ManagedProductQuery(words: ["귤"])) == nil)
    }

    @Test func `an edit counts, a sale and a delivery do not`() throws {
        let apple = try add("사과")
        #expect(try products.find(apple).version == 1)
        _ = try shop.change(apple, price: 2_000)
        _ = try shop.change(apple, price: 2_000)
        _ = try shop.change(apple, stockChange: 5)
        let user = try shop.customer(balance: 10_000)
        _ = try shop.pay(try shop.order([(apple, 1)], user).id, user)
        #expect(try products.find(apple).version == 2)
    }

    @Test func `an edit of an old version changes nothing, its stock neither`() throws {
        let apple = try add("사과")
        let version = try products.find(apple).version
        _ = try administration.update(apple, ProductChange(name: "배", version: version))
        #expect(throws: ShopError.productChanged(apple)) {
            try administration.update(
                apple, ProductChange(price: Won(5), stockChange: StockChange(3, .delivery), version: version))
        }
        let product = try products.find(apple)
        #expect((product.name, product.price, product.stock) == ("배", Won(1_000), 5))
        #expect(try shop.audit() == [])
    }

    @Test func `of two who edit one product at once, one is told`() throws {
        let apple = try add("사과")
        let race = Racers(8) { number in
            _ = try administration.update(apple, ProductChange(price: Won(Int64(number)), version: 1))
        }
        let outcomes = try #require(race.outcomes())
        #expect(outcomes.count { (try? $0.get()) != nil } == 1)
        for case .failure(let error) in outcomes { #expect(error as? ShopError == .productChanged(apple)) }
        #expect(try products.find(apple).version == 2)
    }

    @Test func `a SKU is one product's, however it is written, and can be taken away`() throws {
        let (apple, pear) = (try add("사과", sku: "A-1"), try add("배"))
        #expect(throws: ShopError.skuTaken(apple)) {
            try administration.update(pear, ProductChange(sku: SKU("a-1")))
        }
        let user = try shop.customer()
        #expect(throws: ShopError.skuTaken(apple)) {
            try Submission.outcome(of: user) {
                try administration.add(
                    ProductDraft(name: "", description: "", price: .zero, stock: 0, sku: SKU("a-1")), $0)
            }
        }
        #expect(try administration.update(apple, ProductChange(sku: SKU("a-1"))).sku?.text == "a-1")
        #expect(try administration.update(apple, ProductChange(sku: .some(nil), lowStock: 3)).sku == nil)
        let changed = try administration.update(pear, ProductChange(sku: SKU("A-1")))
        #expect((changed.sku?.text, changed.lowStock) == ("A-1", nil))
        #expect(try administration.update(apple, ProductChange(lowStock: .some(nil))).lowStock == nil)
    }

    @Test(arguments: [1, 2, 3, 50])
    func `what a search finds besides a SKU is on its next pages`(_ limit: Int) throws {
        let named = try add("사과", sku: "A-1")
        let others = try (0..<4).map { try add("A-1 상자 \($0)") }
        let last = try add("A-1", sku: "B-2")
        for (word, expected) in [("A-1", [named, last] + others.reversed()), ("b-2", [last])] {
            var (found, after): ([ProductID], ManagedProductQuery.Position?) = ([], nil)
            repeat {
                let page = try products.list(ManagedProductQuery(words: [word], after: after, limit: limit))
                found += page.items.map(\.id)
                after = page.next
            } while after != nil && found.count < 20
            #expect(found == expected, "\(word)")
        }
    }

    @Test(arguments: ["", "-1", "=1+1", "a b", "가", ".", String(repeating: "a", count: 41)])
    func `a text that a spreadsheet could take for something else is no SKU`(_ text: String) {
        #expect(SKU(text) == nil)
    }

    @Test func `several are changed together, or none of them, and each refusal is told`() throws {
        let ids = [try add("가"), try add("나", stock: 1), try add("다")]
        let user = try shop.customer()
        func change(_ changes: [(ProductID, ProductChange)]) throws -> [ManagedProduct] {
            try Submission.outcome(of: user) {
                try administration.update(changes.map { (id: $0.0, change: $0.1) }, $0)
            }
        }
        _ = try shop.change(ids[2], name: "라")
        let wanted = ids.map { ($0, ProductChange(price: Won(7), stockChange: StockChange(-2, .damage), version: 1)) }
        #expect(throws: RefusedProducts(refused: [ids[1]: .outOfStock(ids[1]), ids[2]: .productChanged(ids[2])])) {
            try change(wanted)
        }
        #expect(try ids.map { try products.find($0).price } == [Won(1_000), Won(1_000), Won(1_000)])
        let changed = try change(ids.map { ($0, ProductChange(price: Won(7), isListed: false)) })
        #expect(changed.map(\.version) == [2, 2, 3])
        let subjects = try shop.served.trace(for: .test).list(TraceQuery(), before: nil, limit: 10).items
        #expect(subjects.map(\.line.subject.id).prefix(3) == [3, 2, 1])
        #expect(try shop.audit() == [])
    }

    @Test(arguments: [
        (Int64(10), Int64(1), Int64(12_345), Int64(13_580)), (10, 10, 12_345, 13_580), (-10, 100, 12_345, 11_100),
        (1, 10, 500, 510), (-50, 1_000, 1_001, 1_000), (7, 1, 0, 0), (100, 1, 1_000_000_000, 2_000_000_000),
    ])
    func `a price goes up and down by a percentage, rounded to a unit, halves up`(
        _ percent: Int64, _ unit: Int64, _ before: Int64, _ after: Int64
    ) {
        #expect(PriceChange(percent: percent, unit: unit).price(from: Won(before)) == Won(after))
    }

    /// Raised prices do not fall, lowered ones do not rise, and nothing is given away.
    @Test(arguments: [
        (Int64(1), Int64(10), Int64(450)), (10, 1_000, 450), (1, 1_000, 10_040), (-5, 1_000, 1_600), (-50, 1_000, 999),
        (-50, 1_000, 1), (-99, 1, 1), (-99, 1_000, 49_999),
    ])
    func `a price that the unit is too coarse for stays as it is`(_ percent: Int64, _ unit: Int64, _ price: Int64) {
        #expect(PriceChange(percent: percent, unit: unit).price(from: Won(price)) == Won(price))
    }

    @Test func `rounding never leads across the old price, nor to nothing`() {
        for unit in PriceChange.units {
            for percent in [-99, -50, -5, -1, 1, 2, 10, 500] as [Int64] {
                for price in Array(0...1_999) + [10_040, 99_999, 1_000_000_000] as [Int64] {
                    let after = PriceChange(percent: percent, unit: unit).price(from: Won(price)).amount
                    #expect(percent > 0 ? after >= price : after <= price, "\(price) by \(percent) % to \(unit)")
                    #expect((after == 0) == (price == 0), "\(price) by \(percent) % to \(unit)")
                }
            }
        }
    }
}
