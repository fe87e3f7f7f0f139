import Foundation
import SQLite
import Shop
import ShopTestSupport
import Testing

@testable import ShopStore

/// No statement of the repositories scans a whole table that grows.
struct QueryPlanTests {
    /// Plan lines that are allowed to scan something.
    private static let allowed = [
        // At most as many rows as the list is long; the runs have one.
        "SCAN popular_products", "SCAN l",
        // FTS5 finds matches (M) through its own index, from a row id on (<).
        "SCAN s VIRTUAL TABLE INDEX 192:M1<", "SCAN product_search VIRTUAL TABLE INDEX 0:M1",
        // Or one row (=).
        "SCAN product_search VIRTUAL TABLE INDEX 0:=M1",
        // What the subquery has found.
        "SCAN (subquery", "SCAN f",
        // Unpaid orders, and no others.
        "SCAN orders USING INDEX orders_pending",
        // Products that ask for something to be done, as many as are counted.
        "SCAN products USING INDEX products_sold_out", "SCAN products USING INDEX products_low",
        "SCAN products USING INDEX products_bare",
    ]

    let shop: TestShop

    init() throws {
        var options = SQLiteStore.Options.test
        // Only one, which then has prepared every reading statement.
        options.readers = 1
        shop = try TestShop(options: options)
    }

    /// Calls every method of every repository, so that every statement is prepared.
    private func everything() throws {
        let now = shop.clock.now
        let user = try shop.customer(balance: 1_000_000)
        let products = try (0..<3).map { try shop.product("사과 \($0)", price: 1_000, stock: 50, description: "달다") }
        let mine = try shop.issue(try shop.coupon(quantity: 5), user)
        let order = try shop.order([(products[0], 1)], coupon: mine.id, user)
        _ = try shop.pay(order.id, user)
        _ = try shop.refund(order.id, by: user)
        _ = try shop.store.read { tx in try tx.customers.rolesOfStaff(besides: user) }
        let orders = try shop.served.orderAdministration(for: .test)
        _ = try orders.find(order.id)
        for query in [OrderQuery(), .init(login: "customer"), .init(isRefunded: true)] {
            _ = try orders.list(query, after: nil, limit: 10)
            _ = try orders.totals(query)
        }
        _ = try shop.cancel(try shop.order([(products[1], 1)], user).id, user)
        _ = try shop.change(products[0], name: "배", stockChange: 1)
        _ = try shop.change(products[0], price: 1_100)
        _ = try shop.store.write { tx in
            try tx.figures.moveSales(before: now.hour + 1, limit: 1) { shop.policy.calendar.day(of: $0.start) }
        }
        _ = try shop.served.couponAdministration(by: .test).close(try shop.coupon())
        let pictures = try shop.served.pictureAdministration(by: .shell("root"))
        for _ in 0..<2 { _ = try pictures.add(FakePicture(), text: "사과", to: products[0]) }
        let picture = try pictures.show(products[0]).pictures[0].picture
        _ = try pictures.change(picture.hash, text: "배", of: products[0])
        try pictures.remove(picture.hash, of: products[0])
        _ = try shop.store.write { tx in try tx.pictures.forget(picture.hash) }
        _ = try shop.store.read { tx in try tx.pictures.find(picture.hash) }
        shop.views.count(products)
        try shop.views.flush(to: shop.store)
        try shop.popular.recompute()
        _ = try shop.housekeeping.run()
        _ = try shop.balances.charge(
            Won(1_000), Submission(caller: user, key: .init(text: "k", of: [])) { _ in Receipt(code: 201, bytes: []) })
        let account = SignUp(login: "kim", password: "correct horse", name: "김")
        let caller = Caller(user: try shop.accounts.signUp(account).id, role: .customer)
        #expect(throws: ShopError.self) {
            try shop.accounts.logIn(login: "kim", password: "x", from: .browser("", device: nil))
        }
        let token = try shop.accounts.logIn(
            login: "kim", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
        _ = try shop.accounts.logIn(login: "kim", password: "correct horse", from: .program("192.0.2.1"))
        let device = try shop.accounts.knownDevice(of: "kim", before: nil)
        _ = try shop.accounts.logIn(
            login: "kim", password: "correct horse", from: .browser("192.0.2.1", device: device))
        _ = try shop.administration.unlock("kim")
        shop.clock.advance(.hours(2))
        _ = try shop.accounts.caller(token)
        _ = try shop.accounts.user(caller)
        try shop.sessionUse.flush(to: shop.store, at: shop.clock.now)
        try fillBasket(token, caller.user, products)
        _ = try shop.accounts.customer(token)
        let found = try shop.accounts.user(caller)
        try shop.accounts.changePassword(
            of: found, from: "correct horse", to: "battery staple", keeping: token)
        _ = try shop.accounts.sessions(of: caller.user)
        try shop.accounts.logOut(token)
        try setUpSecondFactor()
        try giveProductsIn(products[0])
        _ = try shop.administration.accounts(after: UserID(0), limit: 1_000)
        _ = try shop.administration.sessions(of: "kim", limit: 10)
        _ = try shop.administration.setPassword(of: "kim", to: "battery staple")
        _ = try shop.employee("boss", .owner)
        _ = try shop.administration.setRole(of: "kim", to: .owner)
        _ = try shop.administration.endSessions(of: "kim")
        _ = try shop.administration.close("kim")
        let (asker, other) = (try shop.employee("asker"), try shop.employee("other"))
        _ = try shop.correct(1_000, of: user, by: asker)
        _ = try shop.confirm(try shop.correct(60_000, of: user, by: asker).id, by: other)
        try shop.store.read { tx in
            for order in ProductQuery.Order.allCases {
                _ = try tx.products.list(ProductQuery(order: order))
                _ = try tx.products.list(ProductQuery(order: order, words: ["사과"]))
                let similar = ProductQuery(order: order, words: ["사가"], takesSimilar: true, limit: 1)
                let found = try tx.products.search(similar).page
                guard let last = found.items.last else { continue }
                let after = ProductQuery.Position(price: last.price, id: last.id)
                _ = try tx.products.list(ProductQuery(order: order, words: ["사과"], after: after))
            }
            for filter in ManagedProductQuery.Filter.allCases {
                for order in ManagedProductQuery.Order.allCases {
                    _ = try tx.products.listManaged(ManagedProductQuery(filter: filter, order: order))
                }
            }
            for work in ManagedProductQuery.Work.allCases { _ = try tx.products.count(work, atMost: 10) }
            _ = try tx.products.listManaged(ManagedProductQuery(words: ["사과"]))
            _ = try tx.products.find(SKU(stored: "a-1"))
            _ = try tx.popular.list()
            _ = try tx.coupons.openOrComing(at: now, limit: 10)
            _ = try tx.coupons.takeable(at: now, limit: 10)
            _ = try tx.coupons.held(by: user, at: now, limit: 10)
            for filter in ManagedCouponFilter.allCases {
                _ = try tx.coupons.list(filter, at: now, before: nil, limit: 10)
            }
            _ = try tx.coupons.usedCount(of: mine.coupon)
            _ = try tx.coupons.takenByMinute(of: mine.coupon)
            for used in [true, false] { _ = try tx.coupons.holders(of: mine.coupon, used: used, after: nil, limit: 10) }
            _ = try tx.coupons.issued(to: user, before: nil, limit: 10)
            _ = try tx.coupons.findIssued(of: mine.coupon, to: user)
            _ = try tx.coupons.usable(by: user, at: now, limit: 10)
            _ = try tx.orders.list(of: user, before: nil, limit: 10)
            _ = try tx.payments.find(order: order.id)
            _ = try tx.balances.amount(of: user)
            _ = try tx.balances.entries(of: user, before: nil, limit: 10)
            let subject = TraceSubject(.product, products[0].value)
            for query in [
                TraceQuery(), .init(by: user), .init(of: subject), .init(action: .productAdded),
                .init(by: user, action: .productAdded),
            ] {
                _ = try tx.trace.list(query, in: now - .days(1)..<now + .days(1), before: nil, limit: 10)
            }
            _ = try tx.figures.waiting(at: now)
            _ = try tx.figures.firstHour()
            _ = try tx.figures.hours(now.hour..<now.hour + 1)
            let day = shop.policy.calendar.day(of: now)
            _ = try tx.figures.products(now.hour..<now.hour + 1, day...day)
            for group in CustomerQuery.Group.allCases {
                for query in [CustomerQuery(in: group), .init("1", in: group), .init("손님", in: group)] {
                    for way in [nil, CustomerQuery.Way.any, .login, .name] {
                        let position = way.map { CustomerQuery.Position($0, user) }
                        _ = try tx.customers.list(query, after: position, limit: 10)
                    }
                }
            }
            _ = try tx.corrections.list(of: user, before: nil, limit: 10)
            _ = try tx.corrections.waiting(at: now, after: nil, limit: 10)
            _ = try tx.products.movements(of: products[0], before: nil, limit: 10)
        }
    }

    private func giveProductsIn(_ product: ProductID) throws {
        let imports = try shop.served.productImports(by: .test)
        let checked = try imports.check(hash: [UInt8](repeating: 1, count: 32), ignored: []) { pass in
            var row = ProductRow(number: 2)
            row.id = product
            row.stock = 7
            row.stockBefore = 8
            try pass(row)
        }
        for filter in CheckedRowFilter.allCases { _ = try imports.rows(of: checked.id, filter, after: 0, limit: 10) }
        _ = try imports.list(before: nil, limit: 10)
        _ = try imports.apply(checked.id)
        _ = try shop.store.write { tx in try tx.imports.forget(before: shop.clock.now + .days(1), limit: 1_000) }
    }

    private func setUpSecondFactor() throws {
        let role = SignUp(login: "reader", password: "correct horse", name: "", role: .reader)
        let reader = try shop.administration.create(role)
        let token = try shop.accounts.logIn(
            login: "reader", password: "correct horse", from: .browser("", device: nil)
        ).token
        try shop.accounts.confirmPassword(of: reader, "correct horse", in: token, at: "")
        let own = try shop.accounts.secondFactor(token, by: .browser, from: "")
        _ = try own.begin()
        _ = try own.state()
        try shop.store.write { tx in
            guard let begun = try tx.secondFactors.begun(by: reader.id) else { return }
            let factor = SecondFactor(totp: begun.totp, since: begun.begunAt, lastStep: 0)
            try tx.secondFactors.set(factor, of: reader.id)
            try tx.secondFactors.use(step: 1, of: reader.id)
            _ = try tx.secondFactors.takeRecoveryCode([UInt8](repeating: 0, count: 32), of: reader.id)
        }
        _ = try own.renewRecoveryCodes()
        try own.remove()
    }

    private func fillBasket(_ token: Token, _ user: UserID, _ products: [ProductID]) throws {
        let visitor = Token.random().hash
        for product in products {
            try shop.baskets.add(Quantity(1), of: product, to: visitor)
            _ = try Submission.outcome(of: user) { try shop.baskets.add(Quantity(1), of: product, to: user, $0) }
        }
        for owner in [BasketOwner.customer(user), .visitor(visitor)] {
            try shop.baskets.change([products[0]: nil, products[1]: Quantity(2)], in: owner)
            _ = try shop.baskets.show(owner, coupon: .best)
        }
        try shop.baskets.merge(visitor, into: user)
        let seen = try shop.baskets.show(.customer(user), coupon: .best).mark
        let order = try Submission.outcome(of: user) {
            try shop.baskets.order(user, [:], coupon: .best, seen: seen, $0)
        }
        _ = try Submission.outcome(of: user) { try shop.orders.choose(.without, for: order.id, $0) }
    }

    private func prepared() throws -> Set<String> {
        let reading = try shop.store.read { tx in try tx.sql.preparedSQL }
        let writing = try shop.store.write { tx in try tx.sql.preparedSQL }
        return Set((reading + writing).map(Self.inOneLine))
    }

    private static func inOneLine(_ sql: some StringProtocol) -> String {
        sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The statements as in the repositories' sources, in two parts if a record's columns are in between.
    private func written() throws -> Set<[String]> {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/ShopStore/Repositories")
        var found: Set<[String]> = []
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
            let several = source.matches(of: /"""\n(?<sql>[^"]+?)"""/).map(\.output.sql)
            let one = source.matches(of: /"(?<sql>(?:SELECT|INSERT|UPDATE|DELETE|WITH) [^"\n]+)"/).map(\.output.sql)
            for sql in several + one {
                found.insert(Self.inOneLine(sql).split(separator: /\\\([^)]+\)/).map(String.init))
            }
        }
        return found
    }

    /// Every statement as passed to SQLite.
    private func statements() throws -> Set<String> {
        let written = try written()
        #expect(written.count > 50)
        let prepared = try prepared()
        var found: Set<String> = []
        for parts in written {
            let same = prepared.filter { sql in
                parts.count == 1 ? sql == parts[0] : sql.hasPrefix(parts[0]) && sql.hasSuffix(parts[1])
            }
            #expect(!same.isEmpty, "this was not reached by the test: \(parts.joined(separator: "…"))")
            found.formUnion(same)
        }
        return found
    }

    @Test func `no statement looks at a whole table that grows`() throws {
        try everything()
        try noneScans(try statements())
    }

    @Test func `nor when the tables are full`() throws {
        try everything()
        var demo = BulkDemo()
        demo.users = 2_000
        demo.products = 1_000
        demo.couponQuantity = 100
        demo.balance = Won(1_000)
        try demo.fill(path: shop.path, clock: shop.clock.shopClock, token: nil)
        try noneScans(try statements())
    }

    private func noneScans(_ statements: Set<String>) throws {
        let sql = try shop.connection()
        for statement in statements.sorted() {
            for line in try sql.plan(statement) where line.contains("SCAN") {
                #expect(Self.allowed.contains { line.hasPrefix($0) }, "\(line) in: \(statement)")
            }
        }
    }

    @Test func `a statement that does look at a whole table is seen`() throws {
        let plan = try shop.connection().plan("SELECT id FROM products WHERE description = ?")
        #expect(plan == ["SCAN products"])
    }

    @Test func `lists come from their index, sorted by nothing else`() throws {
        try everything()
        let sql = try shop.connection()
        for statement in try statements()
        where statement.contains("ORDER BY") && !statement.contains("FROM coupons ") {
            let sorts = try sql.plan(statement).filter { $0.contains("TEMP B-TREE") }
            // The popular list, at most five rows.
            if statement.contains("FROM popular_products") { continue }
            #expect(sorts == [], "\(statement)")
        }
    }
}
