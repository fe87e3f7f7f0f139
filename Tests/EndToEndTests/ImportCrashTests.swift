import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// Killed while a file of products is checked or applied: repeated, it ends as if that had not happened, whichever way it is
/// repeated.
struct ImportCrashTests {
    @Test func `an import killed twice and repeated does each row once`() throws {
        try withShop { shop in
            let id = try shop.check(shop.file)
            try shop.killApplying(id, after: 60)
            try shop.sellSome()
            try shop.killApplying(id, after: 1_000)
            let applied = try shop.applyAll(id)
            #expect(applied["done"].integer == Int64(Goods.rows) && applied["refused"].integer == 0)
            try shop.checkOutcome()
        }
    }

    @Test func `an import that was killed can be given in anew, and the first one repeated after it`() throws {
        try withShop { shop in
            let first = try shop.check(shop.file)
            let done = try shop.killApplying(first, after: 300)
            try shop.sellSome()
            let second = try shop.check(shop.file)
            let found = try shop.find(second)
            #expect(found["same"].integer == Int64(done) && found["wrong"].integer == 0)
            let applied = try shop.applyAll(second)
            #expect(applied["done"].integer == Int64(Goods.rows - done) && applied["refused"].integer == 0)
            try shop.checkOutcome()
            // What is still open in the first is no longer so, or is done.
            #expect(try shop.applyAll(first)["open"].integer == 0)
            try shop.checkOutcome()
        }
    }

    @Test func `a file whose check was killed changes nothing, is never applied and goes in the end`() throws {
        try withShop { shop in
            let stack = shop.stack
            let before = try shop.goods()
            let checking = shop.untilDead { admin, _ in _ = try shop.post(shop.file, admin) }
            let unfinished =
                "SELECT count(*) FROM product_import_rows JOIN product_imports ON id = import_id WHERE checked = 0"
            try eventually("rows are checked", within: 60) { try stack.number(unfinished) > 0 }
            try shop.kill(checking)
            let half = try stack.number("SELECT id FROM product_imports WHERE checked = 0")
            #expect((1..<Goods.rows).contains(try stack.number(unfinished)))

            let admin = try shop.admin()
            #expect(try admin.get("/admin/products/imports/\(half)").code == "import_not_found")
            #expect(try admin.get("/admin/products/imports/\(half)/rows").code == "import_not_found")
            #expect(try admin.post("/admin/products/imports/\(half)/apply").code == "import_not_found")
            #expect(try shop.goods() == before)
            try shop.applyAll(try shop.check(shop.file))
            try shop.sellSome()
            try shop.checkOutcome()

            try stack.sql().execute("UPDATE product_imports SET at = at - 31 * 86400000 WHERE id = \(half)")
            #expect(try stack.jangteo("popular").status == 0)
            for (table, column) in [("imports", "id"), ("import_rows", "import_id"), ("import_changes", "import_id")] {
                #expect(try stack.number("SELECT count(*) FROM product_\(table) WHERE \(column) = \(half)") == 0)
            }
            #expect(try stack.number("SELECT count(*) FROM product_imports WHERE checked = 1") == 2)
            try shop.checkOutcome()
        }
    }

    private func withShop(_ test: (ImportedShop) throws -> Void) throws {
        try Stack.run { stack in
            let shop = ImportedShop(stack: stack)
            try shop.applyAll(try shop.check(Goods.first))
            try test(shop)
        }
    }
}

/// What is in the files: of three products one gets another price, one another stock, and one is new.
private struct Goods: Equatable {
    static let rows = 3_000
    static let sold = 2

    let price: Int
    let stock: Int
    let movements: Int

    static func sku(_ number: Int) -> String { "G-\(number)" }

    /// The file that they come from.
    static var first: String {
        let lines = (0..<rows).filter { $0 % 3 != 2 }.map { "\(sku($0)),상품 \($0),\(1_000 + $0),\(10 + $0 % 7)," }
        return ([head] + lines).joined(separator: "\n")
    }

    static let head = "sku,name,price,stock,stock_before"

    /// The file that is stopped half-way. It says what was there when it was counted, so a sale is not lost.
    static var second: String {
        let lines = (0..<rows).map { number in
            let stock = 10 + number % 7
            return switch number % 3 {
            case 0: "\(sku(number)),상품 \(number),\(2_000 + number),,"
            case 1: "\(sku(number)),상품 \(number),\(1_000 + number),\(stock + 1 + number % 5),\(stock)"
            default: "\(sku(number)),새 상품 \(number),\(3_000 + number),\(number % 9),"
            }
        }
        return ([head] + lines).joined(separator: "\n")
    }

    /// How it is afterwards.
    static func expected(_ number: Int) -> Goods {
        let stock = 10 + number % 7
        return switch number % 3 {
        case 0: Goods(price: 2_000 + number, stock: stock, movements: 1)
        case 1: Goods(price: 1_000 + number, stock: stock + 1 + number % 5 - (isSold(number) ? sold : 0), movements: 2)
        default: Goods(price: 3_000 + number, stock: number % 9, movements: number % 9 == 0 ? 0 : 1)
        }
    }

    /// The first of those whose stock is changed, and the last.
    static func isSold(_ number: Int) -> Bool { soldOnes.contains(number) }
    static let soldOnes = [1, rows - 2]
}

/// A shop with an admin who gives in files.
private struct ImportedShop: Sendable {
    let stack: Stack
    let file = Goods.second

    func admin() throws -> Caller { try stack.admin() }

    func post(_ file: String, _ admin: Caller) throws -> HTTPAnswer {
        try admin.send("POST", "/admin/products/imports", file, ["Content-Type": "text/csv"])
    }

    /// Gives the file in, to be checked.
    func check(_ file: String) throws -> Int64 {
        let admin = try admin()
        return try admin.must(201, post(file, admin)).id()
    }

    func find(_ id: Int64) throws -> JSON {
        let admin = try admin()
        return try admin.must(200, admin.get("/admin/products/imports/\(id)")).json
    }

    /// As often as it takes.
    @discardableResult
    func applyAll(_ id: Int64, _ caller: Caller? = nil) throws -> JSON {
        let admin = try caller ?? admin()
        while true {
            let applied = try admin.must(200, admin.post("/admin/products/imports/\(id)/apply")).json
            if applied["open"].integer == 0 { return applied }
        }
    }

    /// Does something beside the test that the shop's end interrupts.
    func untilDead(_ work: @escaping @Sendable (Caller, Flag) throws -> Void) -> (Crowd<Void>, Flag) {
        let dead = Flag()
        let crowd = Crowd(1) { _ in
            do {
                try work(try admin(), dead)
            } catch {
                // After the kill nothing is answered; before it everything is.
                if !dead.isRaised { throw error }
            }
        }
        return (crowd, dead)
    }

    /// Kills the shop and starts it again.
    func kill(_ interrupted: (work: Crowd<Void>, dead: Flag)) throws {
        interrupted.dead.raise()
        try stack.responder.end()
        _ = try interrupted.work.wait()
        try stack.startResponder()
    }

    /// Kills the shop while it applies, when so many rows are done and others are not; returns how many are.
    @discardableResult
    func killApplying(_ id: Int64, after count: Int) throws -> Int {
        let states = { (state: String) in
            try stack.number("SELECT count(*) FROM product_import_rows WHERE import_id = \(id) AND state = '\(state)'")
        }
        let applying = untilDead { admin, _ in try applyAll(id, admin) }
        try eventually("\(count) rows are done", within: 60) { try states("done") >= count }
        try kill(applying)
        let (done, open) = (try states("done"), try states("open"))
        guard open > 0 else { throw Failure("all was done before the shop was killed") }
        #expect(done + open == Goods.rows)
        #expect(try stack.auditDifferences() == nil)
        return done
    }

    /// Customers go on.
    func sellSome() throws {
        let customer = stack.customer()
        try customer.charge(1_000_000)
        for number in Goods.soldOnes {
            let product = try stack.number("SELECT id FROM products WHERE sku = '\(Goods.sku(number))'")
            let order = try customer.order(Int64(product), Goods.sold)
            try customer.must(201, customer.post("/orders/\(order)/payment"))
        }
    }

    /// What there is, by its SKU, with the lines of the stock ledger.
    func goods() throws -> [String: Goods] {
        let rows = try stack.sql().rows(
            of: """
                SELECT sku, price, stock, (SELECT count(*) FROM stock_movements WHERE product_id = products.id) FROM products
                """)
        return try Dictionary(
            rows.map { row in
                let numbers = try row.dropFirst().map { try required(Int($0), "no number: \(row)") }
                return (row[0], Goods(price: numbers[0], stock: numbers[1], movements: numbers[2]))
            },
            uniquingKeysWith: { _, _ in throw Failure("a product is there twice") })
    }

    /// Each row of the file has been done once, and the books are right.
    func checkOutcome() throws {
        let goods = try goods()
        #expect(goods.count == Goods.rows)
        let wrong = (0..<Goods.rows).filter { goods[Goods.sku($0)] != Goods.expected($0) }
        #expect(wrong.isEmpty, "\(wrong.prefix(5).map { "\($0): \(String(describing: goods[Goods.sku($0)]))" })")
        let sold = Goods.soldOnes.count * Goods.sold
        #expect(
            try stack.number("SELECT (SELECT sum(change) FROM stock_movements) - (SELECT sum(stock) FROM products)")
                == sold)
        let third = Goods.rows / 3
        let told = "SELECT count(*) FROM trace WHERE action ="
        #expect(try stack.number("\(told) 'product-added'") == Goods.rows)
        #expect(try stack.number("\(told) 'product-changed'") == 2 * third)
        #expect(try stack.auditDifferences() == nil)
    }
}
