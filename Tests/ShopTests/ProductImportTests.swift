import Shop
import ShopTestSupport
import Testing

/// Products in by files: what each row would do, that it is done once, and that nothing is lost meanwhile.
struct ProductImportTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private var imports: ProductImports { get throws { try shop.served.productImports(by: .test) } }

    private func sku(_ text: String) throws -> SKU { try #require(SKU(text)) }

    private func product(_ text: String, price: Int64 = 1_000, stock: Int64 = 10) throws -> ProductID {
        let draft = ProductDraft(
            name: "상품 \(text)", description: "", price: Won(price), stock: stock, sku: try sku(text))
        let now = shop.clock.now
        return try shop.store.write { tx in try tx.products.add(draft, at: now) }.id
    }

    private func row(_ number: Int, _ text: String? = nil, _ edit: (inout ProductRow) -> Void = { _ in }) throws
        -> ProductRow
    {
        var row = ProductRow(number: number)
        if let text { row.sku = .some(try sku(text)) }
        edit(&row)
        return row
    }

    private func check(_ rows: [ProductRow], file: UInt8 = 1) throws -> ProductImport {
        try imports.check(hash: [UInt8](repeating: file, count: 32), ignored: []) { pass in try rows.forEach(pass) }
    }

    private func rows(_ id: ProductImportID, _ filter: CheckedRowFilter = .all) throws -> [CheckedRow] {
        try imports.rows(of: id, filter, after: 0, limit: 1_000).items
    }

    private func find(_ id: ProductID) throws -> ManagedProduct {
        try shop.served.managedProducts(for: .test).find(id)
    }

    private func found(_ text: String) throws -> ManagedProduct? {
        let sku = try sku(text)
        return try shop.store.read { tx in try tx.products.find(sku) }
    }

    private func lines(of id: ProductID) throws -> [TraceEntry] {
        try shop.served.trace(for: .test).list(
            TraceQuery(of: TraceSubject(.product, id.value)), before: nil, limit: 100
        ).items
    }

    // MARK: The check

    @Test func `each row is told what it would do, and nothing is done`() throws {
        let (apple, pear) = (try product("A-1"), try product("B-1"))
        let checked = try check([
            try row(2, "a-1") {
                $0.price = Won(1_200); $0.stock = 12
            },
            try row(3, "B-1") {
                $0.name = "상품 B-1"; $0.price = Won(1_000); $0.stock = 10; $0.lowStock = .some(nil)
            },
            try row(4, "C-1") {
                $0.name = "새것"; $0.price = Won(500); $0.lowStock = 3
            },
            try row(5, "C-2") { $0.price = Won(500) },
        ])
        #expect(checked.rows.all == 4 && checked.rows.open == 2)
        #expect((checked.rows.add, checked.rows.change, checked.rows.same, checked.rows.wrong) == (1, 1, 1, 1))
        let rows = try rows(checked.id)
        #expect(rows.map(\.kind) == [.change, .same, .add, .wrong])
        #expect(rows.map(\.product) == [apple, pear, nil, nil])
        #expect(rows[0].changes == [TraceChange(.price, "1000", "1200"), TraceChange(.stock, "10", "12")])
        #expect(rows[3].problems == [RowProblem(.name, .missing)])
        #expect(try find(apple).price == Won(1_000) && find(apple).version == 1)
        #expect(try found("C-1") == nil)
        #expect(try imports.rows(of: checked.id, .wrong, after: 0, limit: 10).items.map(\.number) == [5])
        #expect(try imports.rows(of: checked.id, .all, after: 2, limit: 2).items.map(\.number) == [3, 4])
    }

    @Test func `what is wrong with a row is told`() throws {
        let apple = try product("A-1")
        _ = try product("0012")
        func problem(_ edit: (inout ProductRow) -> Void) throws -> [RowProblem] {
            let checked = try check([try row(2, nil, edit)])
            return try rows(checked.id).flatMap(\.problems)
        }
        #expect(try problem { _ in } == [RowProblem(nil, .noKey)])
        #expect(try problem { $0.id = ProductID(99) } == [RowProblem(.id, .noProduct, 99)])
        #expect(
            try problem { $0.sku = SKU("NEW") } == [RowProblem(.name, .missing), RowProblem(.price, .missing)])
        #expect(
            try problem {
                $0.id = apple; $0.sku = SKU("0012")
            } == [RowProblem(.sku, .taken, 2)])
        #expect(
            try problem {
                $0.id = ProductID(2); $0.sku = SKU("12")
            } == [RowProblem(.sku, .zeros)])
        #expect(
            try problem {
                $0.id = apple; $0.price = Won(1); $0.version = 2
            } == [RowProblem(.version, .edited, 1)])
        // Nothing is overwritten by it.
        #expect(
            try problem {
                $0.id = apple; $0.price = Won(1_000); $0.stock = 3; $0.version = 2
            } == [])
        #expect(
            try problem {
                $0.id = apple; $0.stock = 0; $0.stockBefore = 11
            } == [RowProblem(.stock, .short, 10)])
        let most = Product.stockRange.upperBound
        #expect(
            try problem {
                $0.id = apple; $0.stock = most; $0.stockBefore = 0
            } == [RowProblem(.stock, .full, most)])
        // What was wrong with the cells is told alone.
        #expect(
            try problem {
                $0.problems = [RowProblem(.price, .noNumber)]; $0.id = apple
            }
                == [RowProblem(.price, .noNumber)])
    }

    @Test func `a product may be in a file once`() throws {
        let apple = try product("A-1")
        let checked = try check([
            try row(2, "a-1") { $0.price = Won(1) },
            try row(3) {
                $0.id = apple; $0.price = Won(2)
            },
            try row(4, "NEW") {
                $0.name = "새것"; $0.price = Won(1)
            },
            try row(5, "new") {
                $0.name = "새것"; $0.price = Won(1)
            },
        ])
        #expect(
            try rows(checked.id).map(\.problems) == [
                [], [RowProblem(nil, .repeated, 2)], [], [RowProblem(nil, .repeated, 4)],
            ])
    }

    @Test func `another line end or space is no change`() throws {
        let apple = try product("A-1")
        _ = try shop.change(apple, description: "한 줄\r\n두 줄 ")
        let checked = try check([try row(2, "A-1") { $0.description = "한 줄\n두 줄" }])
        #expect(checked.rows.same == 1)
    }

    // MARK: Applying

    @Test func `what was checked is applied once, each change with its line`() throws {
        let apple = try product("A-1")
        let checked = try check([
            try row(2, "A-1") {
                $0.price = Won(1_200); $0.stock = 7; $0.isListed = false
            },
            try row(3, "C-1") {
                $0.name = "새것"
                $0.price = Won(500)
                $0.stock = 4
                $0.lowStock = 3
                $0.description = "달다"
            },
            try row(4) { _ in },
        ])
        let applied = try imports.apply(checked.id)
        #expect((applied.rows.done, applied.rows.open, applied.rows.refused, applied.rows.wrong) == (2, 0, 0, 1))
        let (changed, added) = (try find(apple), try #require(try found("C-1")))
        #expect((changed.price, changed.stock, changed.isListed, changed.version) == (Won(1_200), 7, false, 2))
        #expect(added.name == "새것" && added.price == Won(500) && added.stock == 4 && added.lowStock == 3)
        #expect(added.description == "달다" && added.isListed)
        #expect(try rows(checked.id).map(\.product) == [apple, added.id, nil])
        let movements = try shop.served.stockLedger(for: .test).list(of: apple, before: nil, limit: 10).items
        #expect(movements.first?.reason == .count && movements.first?.change == -3)
        #expect(try lines(of: apple).map(\.line.action) == [.productChanged])
        #expect(try lines(of: added.id).map(\.line.action) == [.productAdded])
        // A second time there is nothing to do, and the same file says so itself.
        #expect(try imports.apply(checked.id) == applied)
        #expect(try find(apple) == changed && lines(of: apple).count == 1)
        #expect(try shop.audit().isEmpty)
    }

    @Test func `what is sold between check and application is not lost, and no stock is counted twice`() throws {
        let apple = try product("A-1", stock: 10)
        let customer = try shop.customer(balance: 100_000)
        let file = [try row(2, "A-1") { $0.stock = 15 }]
        let checked = try check(file)
        _ = try shop.pay(try shop.order([(apple, 3)], customer).id, customer)
        _ = try imports.apply(checked.id)
        #expect(try find(apple).stock == 12)
        // The same bytes again: what they counted is counted.
        let again = try check(file)
        #expect(again.isRepeated && again.rows.same == 1 && !checked.isRepeated)
        _ = try imports.apply(again.id)
        #expect(try find(apple).stock == 12)
        // Another file is another count.
        _ = try imports.apply(try check([try row(2, "A-1") { $0.stock = 20 }], file: 2).id)
        #expect(try find(apple).stock == 20)
        #expect(try shop.audit().isEmpty)
    }

    @Test func `a file that was checked twice before it was applied changes a stock once`() throws {
        let (apple, pear) = (try product("A-1", stock: 10), try product("B-1", stock: 10))
        let file = [
            try row(2, "A-1") { $0.stock = 15 },
            try row(3, "B-1") {
                $0.stock = 4; $0.price = Won(900)
            },
        ]
        let (first, second) = (try check(file), try check(file))
        _ = try imports.apply(second.id)
        let applied = try imports.apply(first.id)
        #expect((applied.rows.done, applied.rows.refused, applied.rows.open) == (1, 1, 0))
        #expect(try rows(first.id, .refused).map(\.problems) == [[RowProblem(.version, .edited, 2)]])
        #expect(try find(apple).stock == 15 && find(pear).stock == 4)
        #expect(try lines(of: apple).count == 1)
        #expect(try shop.audit().isEmpty)
    }

    @Test func `a file that was downloaded before a sale changes the stock by what was changed in it`() throws {
        let apple = try product("A-1", stock: 10)
        let customer = try shop.customer(balance: 100_000)
        _ = try shop.pay(try shop.order([(apple, 3)], customer).id, customer)
        // Only the price was edited in the first, the stock in the second.
        let prices = try check([
            try row(2, "A-1") {
                $0.price = Won(900); $0.stock = 10; $0.stockBefore = 10
            }
        ])
        _ = try imports.apply(prices.id)
        #expect(try find(apple).stock == 7 && find(apple).price == Won(900))
        let stocks = try check(
            [
                try row(2, "A-1") {
                    $0.stock = 14; $0.stockBefore = 10
                }
            ], file: 2)
        _ = try imports.apply(stocks.id)
        #expect(try find(apple).stock == 11)
    }

    @Test func `what has changed since it was checked is left alone, and told`() throws {
        let (apple, pear) = (try product("A-1"), try product("B-1", stock: 5))
        let customer = try shop.customer(balance: 100_000)
        let checked = try check([
            try row(2, "A-1") { $0.price = Won(1_200) }, try row(3, "B-1") { $0.stock = 0 },
            try row(4, "C-1") {
                $0.name = "새것"; $0.price = Won(500)
            },
            try row(5, "D-1") {
                $0.name = "다른 것"; $0.price = Won(500)
            },
        ])
        _ = try shop.change(apple, name: "햇사과")
        _ = try shop.pay(try shop.order([(pear, 2)], customer).id, customer)
        let other = try product("C-1")
        let applied = try imports.apply(checked.id)
        #expect((applied.rows.done, applied.rows.refused) == (1, 3))
        #expect(
            try rows(checked.id, .refused).map(\.problems) == [
                [RowProblem(.version, .edited, 2)], [RowProblem(.stock, .short, 3)],
                [RowProblem(.sku, .taken, other.value)],
            ])
        #expect(try find(apple).price == Won(1_000) && find(pear).stock == 3 && found("D-1") != nil)
    }

    @Test func `stopped in the middle and repeated it ends as if it had not been`() throws {
        let file = try (0..<35).map { index in
            try row(index + 2, "N-\(index)") { row in
                row.name = "상품 \(index)"
                row.price = Won(Int64(index))
                row.stock = 5
            }
        }
        let checked = try check(file)
        let stopped = try imports.apply(checked.id, for: .zero)
        #expect((stopped.rows.done, stopped.rows.open) == (5, 30))
        // The file given in once more knows what is there, and the first one goes on.
        let again = try check(file)
        #expect((again.rows.same, again.rows.add) == (5, 30))
        #expect(try imports.apply(checked.id).rows.done == 35)
        // Meanwhile the other has added them all.
        let second = try imports.apply(again.id)
        #expect((second.rows.done, second.rows.refused) == (0, 30))
        #expect(try shop.rows("SELECT count(*) FROM products") == ["35"])
        #expect(try shop.rows("SELECT sum(stock) FROM products") == ["175"])
        #expect(try shop.audit().isEmpty)
    }

    @Test func `two who apply the same file at once do each row once`() throws {
        let apple = try product("A-1", stock: 0)
        var file = try (0..<40).map { index in
            try row(index + 3, "N-\(index)") { row in
                row.name = "상품"
                row.price = Won(1)
                row.stock = 1
            }
        }
        file.insert(try row(2, "A-1") { $0.stock = 7 }, at: 0)
        let checked = try check(file)
        let imports = try imports
        let outcomes = Racers(4) { _ in _ = try imports.apply(checked.id) }.outcomes()
        #expect(outcomes?.successes == 4)
        #expect(try imports.find(checked.id).rows.done == 41)
        #expect(try find(apple).stock == 7)
        #expect(try shop.rows("SELECT count(*) FROM products") == ["41"])
        #expect(try shop.rows("SELECT count(*) FROM trace WHERE action LIKE 'product-%'") == ["41"])
    }

    @Test func `who may not change products checks no file, and what is not there is not found`() throws {
        let reader = Staff(stored: UserID(1), login: "reader", role: .reader, way: .browser, address: "")
        #expect(throws: ShopError.forbidden) { try shop.served.productImports(by: reader) }
        #expect(throws: ShopError.importNotFound) { try imports.find(ProductImportID(1)) }
        #expect(throws: ShopError.importNotFound) { try imports.apply(ProductImportID(1)) }
        #expect(throws: ShopError.importNotFound) { try imports.rows(of: ProductImportID(1), .all, after: 0, limit: 1) }
    }

    @Test func `of two files alike each says that the other was applied`() throws {
        let apple = try product("A-1", stock: 0)
        let file = [try row(2, "A-1") { $0.stock = 7 }]
        let (first, second) = try (check(file), check(file))
        _ = try imports.apply(second.id)
        #expect(try imports.find(first.id).isRepeated && !imports.find(second.id).isRepeated)
        _ = try imports.apply(first.id)
        #expect(try find(apple).stock == 7)
    }

    @Test(arguments: [
        "to_add = to_add + 1", "to_change = to_change + 1", "same = 1", "wrong = 1", "open = open - 1",
        "open = 2, refused = 1",
    ])
    func `counts that are not those of the rows are found by the audit`(_ change: String) throws {
        _ = try product("A-1", stock: 0)
        let checked = try check([
            try row(2, "A-1") { $0.stock = 7 },
            try row(3, "N-1") { row in
                row.name = "상품"
                row.price = Won(1)
            },
            try row(4, "N-2") { row in
                row.name = "상품"
                row.price = Won(1)
            },
        ])
        #expect(try shop.audit() == [])
        try shop.execute("UPDATE product_imports SET \(change)")
        let found = try shop.audit()
        #expect(found.count == 1 && found[0].hasPrefix("the counts of a file of products"), "\(found)")
        #expect(found[0].contains("file \(checked.id.value): "), "\(found)")
    }

    @Test func `a file that is being forgotten is found by nobody`() throws {
        let checked = try check([
            try row(2, "N-1") { row in
                row.name = "상품"
                row.price = Won(1)
            }
        ])
        // What is changed goes first, and the rows are still there.
        #expect(try shop.store.write { tx in try tx.imports.forget(before: shop.clock.now + .days(1), limit: 1) } == 1)
        #expect(try shop.rows("SELECT count(*) FROM product_import_rows") == ["1"])
        #expect(throws: ShopError.importNotFound) { try imports.apply(checked.id) }
    }

    @Test func `a file that broke off is found by nobody`() throws {
        struct Broken: Error {}
        #expect(throws: Broken.self) {
            try imports.check(hash: [UInt8](repeating: 1, count: 32), ignored: []) { _ in throw Broken() }
        }
        #expect(throws: ShopError.importNotFound) { try imports.find(ProductImportID(1)) }
    }

    @Test func `checked files are forgotten after a month`() throws {
        let checked = try check([
            try row(2, "N-1") {
                $0.name = "새것"; $0.price = Won(1)
            }
        ])
        shop.clock.advance(.days(29))
        _ = try shop.housekeeping.run(clockIsRight: true)
        #expect(try imports.find(checked.id) == checked)
        shop.clock.advance(.days(2))
        #expect(try shop.housekeeping.run(clockIsRight: true).forgottenRows > 1)
        #expect(throws: ShopError.importNotFound) { try imports.find(checked.id) }
        #expect(try shop.rows("SELECT count(*) FROM product_import_changes") == ["0"])
    }
}
