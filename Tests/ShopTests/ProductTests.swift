import Shop
import ShopTestSupport
import Testing

struct ProductTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    @Test func `an added product is listed, newest first`() throws {
        let draft = ProductDraft(name: "사과", description: "달다", price: Won(1_000), stock: 7)
        let admin = try shop.customer()
        let added = try Submission.outcome(of: admin) {
            try shop.served.productAdministration(by: .test).add(draft, $0)
        }
        #expect(
            added.product
                == Product(
                    id: added.id, name: "사과", description: "달다", price: Won(1_000), stock: 7, views: 0, isListed: true,
                    createdAt: shop.clock.now, picture: nil))
        let second = try shop.product("배")
        #expect(try shop.products.list(ProductQuery()).items.map(\.id) == [second, added.id])
        #expect(try shop.products.show(added.id) == added.product)
    }

    @Test func `only the given fields are changed`() throws {
        let apple = try shop.product("사과", price: 1_000, stock: 7, description: "달다")
        #expect(try shop.change(apple, name: "배").description == "달다")
        #expect(try shop.change(apple, description: "시다").name == "배")
        #expect(try shop.change(apple, price: 0).price == .zero)
        #expect(try shop.change(apple, stockChange: -7).stock == 0)
        let last = try shop.change(apple, isListed: false)
        #expect((last.name, last.description, last.price, last.stock) == ("배", "시다", .zero, 0))
        #expect(!last.isListed)
        #expect(try shop.audit() == [])
    }

    @Test func `stock is never taken below zero nor added beyond its limit`() throws {
        let apple = try shop.product(stock: 7)
        #expect(throws: ShopError.outOfStock(apple)) { try shop.change(apple, name: "배", stockChange: -8) }
        #expect(throws: ShopError.stockAboveLimit(1_000_000_000)) {
            try shop.change(apple, stockChange: 1_000_000_000 - 6)
        }
        #expect(try shop.stored(apple)?.name == "사과")
        #expect(try shop.change(apple, stockChange: 1_000_000_000 - 7).stock == 1_000_000_000)
        // Returns may take the stock above the limit; reducing it is fine even then.
        try shop.execute(
            """
            UPDATE products SET stock = stock + 10, supplied = supplied + 10;
            INSERT INTO stock_movements (product_id, id, reason, change, stock, at)
            SELECT id, 3, 'delivery', 10, stock, 1 FROM products
            """)
        #expect(try shop.change(apple, stockChange: -1).stock == 1_000_000_009)
        #expect(try shop.change(apple, stockChange: 0).stock == 1_000_000_009)
        #expect(throws: ShopError.productNotFound) { try shop.change(ProductID(99), stockChange: 1) }
        #expect(try shop.audit() == [])
    }

    @Test func `an unlisted product is in no list and is not found, until it is listed again`() throws {
        let apple = try shop.product("사과")
        _ = try shop.change(apple, isListed: false)
        #expect(throws: ShopError.productNotFound) { try shop.products.show(apple) }
        #expect(try shop.products.list(ProductQuery()).items.isEmpty)
        #expect(try shop.products.list(ProductQuery(words: ["사과"])).items.isEmpty)
        _ = try shop.change(apple, isListed: true)
        #expect(try shop.products.show(apple).id == apple)
        #expect(try shop.products.list(ProductQuery(words: ["사과"])).items.map(\.id) == [apple])
    }

    @Test(arguments: ProductQuery.Order.allCases) func `each order comes page by page, every product once`(
        _ order: ProductQuery.Order
    ) throws {
        // Equal prices, so that the ids decide at page boundaries.
        let products = try (0..<11).map { try shop.product("상품 \($0)", price: Int64($0 % 3) * 100) }
        _ = try shop.change(products[5], isListed: false)
        let rows = try products.compactMap { try shop.stored($0) }.filter(\.isListed)
        let expected =
            switch order {
            case .newest, .mostRelevant: rows.sorted { $0.id > $1.id }
            case .cheapestFirst: rows.sorted { ($0.price, $0.id) < ($1.price, $1.id) }
            case .dearestFirst: rows.sorted { ($0.price, $0.id) > ($1.price, $1.id) }
            }
        for words in [[], ["상품"]] {
            var pages: [[Product]] = []
            var after: ProductQuery.Position?
            repeat {
                let page = try shop.products.list(ProductQuery(order: order, words: words, after: after, limit: 4))
                pages.append(page.items)
                after = page.hasMore ? page.items.last.map { .init(price: $0.price, id: $0.id) } : nil
            } while after != nil
            #expect(pages.map(\.count) == [4, 4, 2])
            #expect(pages.flatMap { $0 } == expected)
        }
    }
}

struct ProductViewsTests {
    let shop: TestShop
    let apple: ProductID
    let rice: ProductID

    init() throws {
        shop = try TestShop()
        apple = try shop.product("사과")
        rice = try shop.product("쌀")
    }

    private func views() throws -> [Int64] { try [apple, rice].compactMap { try shop.stored($0)?.views } }

    @Test func `views are counted behind the answer and written by a flush`() throws {
        _ = try shop.products.show(apple)
        _ = try shop.products.show(apple)
        shop.views.count([apple, rice])
        #expect(try views() == [0, 0])
        try shop.views.flush(to: shop.store)
        #expect(try views() == [3, 1])
        try shop.views.flush(to: shop.store)
        #expect(try views() == [3, 1])
    }

    @Test func `a product that is not found is not counted`() throws {
        _ = try shop.change(apple, isListed: false)
        #expect(throws: ShopError.productNotFound) { try shop.products.show(apple) }
        try shop.views.flush(to: shop.store)
        #expect(try views() == [0, 0])
    }

    @Test func `a tally counts its whole list, again and again`() throws {
        let tally = shop.views.tally(of: [apple, rice])
        tally.count()
        tally.count()
        try shop.views.flush(to: shop.store)
        tally.count()
        try shop.views.flush(to: shop.store)
        #expect(try views() == [3, 3])
    }

    @Test func `a released tally is still written`() throws {
        do {
            let tally = shop.views.tally(of: [apple])
            tally.count()
        }
        try shop.views.flush(to: shop.store)
        #expect(try views() == [1, 0])
    }

    @Test func `a failed flush loses nothing`() throws {
        let tally = shop.views.tally(of: [rice])
        tally.count()
        shop.views.count([apple])
        let closed = try TestShop()
        closed.store.close()
        #expect(throws: UnavailableError.self) { try shop.views.flush(to: closed.store) }
        shop.views.count([apple])
        try shop.views.flush(to: shop.store)
        #expect(try views() == [2, 1])
    }

    @Test func `views of threads that count while others flush are all there`() throws {
        let (shop, apple, rice) = (shop, apple, rice)
        let racers = Racers(4) { number in
            for round in 0..<500 {
                let tally = shop.views.tally(of: [rice])
                tally.count()
                shop.views.count([apple])
                if number == 0, round % 50 == 0 { try shop.views.flush(to: shop.store) }
            }
        }
        #expect(racers.outcomes()?.successes == 4)
        try shop.views.flush(to: shop.store)
        #expect(try views() == [2_000, 2_000])
    }
}
