import HTTPTypes
import ShopTestSupport
import Testing
import Web

@testable import Shop
@testable import ShopWeb

/// The staff's lists as files: what is in them, in which order, and who gets them.
struct StaffFileTests {
    let pages: PageShop
    let manager: Token

    init() throws {
        pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "manager", password: "correct horse", name: "직원", role: .manager))
        manager = try pages.shop.accounts.logIn(
            login: "manager", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    /// The lines of a file, without its first.
    private func lines(_ path: String) throws -> [Substring] {
        let response = pages.get(path, as: manager)
        #expect(response.status == .ok, "\(path)")
        var bytes = response.body
        try response.rest?.write { bytes += $0 }
        return Array(String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").dropFirst())
    }

    private func call(_ path: String) -> Response {
        var fields: HTTPFields = [.host: "shop.example"]
        fields[.authorization] = "Bearer \(manager.text)"
        return pages.respond(Request(method: .get, target: "/api/v1" + path, fields: fields))
    }

    @Test func `the products of the list, newest first, with what the staff know of them`() throws {
        _ = try pages.shop.product("사과", price: 1_000, stock: 3)
        let pear = try pages.shop.product("=배", price: 2_000, stock: 0, description: "달다, \"참\"\n한 상자")
        let rice = try pages.shop.product("쌀")
        _ = try pages.shop.served.productAdministration(by: .test).update(
            rice, ProductChange(isListed: false, sku: SKU("RICE-1"), lowStock: 5))
        let all = try lines("/admin/products.csv")
        #expect(all.map { $0.prefix { $0 != "," } } == ["3", "2", "1"])
        #expect(all[0].hasPrefix("3,RICE-1,쌀,1000,100,100,5,false,,,0,") && all[0].hasSuffix(",2"))
        #expect(all[1].hasPrefix("\(pear.value),,'=배,2000,0,0,,true,\"달다, \"\"참\"\"\n한 상자\",,0,"))
        // Whatever the list is sorted by: only in this order does no change of a price move a line.
        #expect(try lines("/admin/products.csv?sort=price") == all)
        #expect(try lines("/admin/products.csv?filter=sold-out") == [all[1]])
        #expect(try lines("/admin/products.csv?q=rice-1") == [all[0]])
        #expect(pages.get("/admin/products.csv?filter=x", as: manager).status == .unprocessableContent)
        let list = pages.get("/admin/products?q=%EB%B0%B0&filter=listed&sort=price", as: manager).html
        #expect(list.contains("href=\"/admin/products.csv?q=%EB%B0%B0&amp;filter=listed\""))
        #expect(call("/admin/products.csv?filter=sold-out").html.hasSuffix(all[1] + "\r\n"))
    }

    @Test func `a list of more products than a piece of the file has`() throws {
        for _ in 0..<250 { _ = try pages.shop.product() }
        #expect(try lines("/admin/products.csv").map { Int($0.prefix { $0 != "," }) } == Array((1...250).reversed()))
    }

    @Test func `the orders that were found, with what they cost and what came back`() throws {
        let (apple, rice) = (try pages.shop.product("=사과", price: 1_000), try pages.shop.product("쌀", price: 300))
        let customer = try pages.shop.customer("hana", balance: 50_000)
        let coupon = try pages.shop.issue(try pages.shop.coupon(.fixed(Won(500))), customer)
        let first = try pages.shop.order([(apple, 2), (rice, 1)], coupon: coupon.id, customer)
        _ = try pages.shop.pay(first.id, customer)
        _ = try pages.shop.refund(
            first.id, RefundRequest([OrderRequestLine(product: rice, quantity: Quantity(1))]), by: customer)
        _ = try pages.shop.order([(rice, 1)], customer)
        let at = DateTime.text(pages.shop.clock.now)
        let all = try lines("/admin/orders.csv")
        #expect(all[0] == "2,\(at),hana,pending,쌀 × 1,1,300,0,300,,,0,0")
        let refunded = try pages.shop.store.read { tx in try tx.orders.find(first.id) }?.refunded.amount ?? 0
        #expect(
            all[1]
                == "1,\(at),hana,completed,\"'=사과 × 2\n쌀 × 1\",3,2300,500,1800,\(coupon.id.value),\(at),1,\(refunded)")
        #expect(all.count == 2 && refunded > 0)
        #expect(try lines("/admin/orders.csv?q=HANA&status=pending") == [all[0]])
        #expect(try lines("/admin/orders.csv?coupon=true&refunded=true&product=\(apple.value)") == [all[1]])
        #expect(try lines("/admin/orders.csv?q=nobody") == [])
        #expect(try lines("/admin/orders.csv?q=&status=&product=&from=&to=") == all)
        let list = pages.get("/admin/orders?q=hana&status=pending", as: manager).html
        #expect(list.contains("href=\"/admin/orders.csv?q=hana&amp;status=pending\""))
        #expect(call("/admin/orders.csv?login=hana&number=2").html.split(separator: "\r\n").dropFirst() == [all[0]])
        #expect(call("/admin/orders.csv?number=x").status == .unprocessableContent)
    }

    @Test func `the customers that were found, and who has taken a coupon`() throws {
        let (kim, lee) = (try pages.shop.customer("kim", balance: 5_000), try pages.shop.customer("lee"))
        let coupon = try pages.shop.coupon(.fixed(Won(500)))
        let taken = try [kim, lee].map { try pages.shop.issue(coupon, $0) }
        let order = try pages.shop.order([(try pages.shop.product(), 1)], coupon: taken[0].id, kim)
        _ = try pages.shop.pay(order.id, kim)
        let at = DateTime.text(pages.shop.clock.now)
        #expect(
            try lines("/admin/customers.csv") == [
                "3,lee,손님,customer,0,\(at),", "2,kim,손님,customer,4500,\(at),", "1,manager,직원,manager,0,\(at),",
            ])
        #expect(try lines("/admin/customers.csv?q=KI") == ["2,kim,손님,customer,4500,\(at),"])
        #expect(try lines("/admin/customers.csv?group=staff").map { $0.prefix(2) } == ["1,"])
        #expect(pages.get("/admin/customers.csv?group=x", as: manager).status == .unprocessableContent)
        let holders = "/admin/coupons/\(coupon.value)/holders.csv"
        let ends = DateTime.text(taken[0].expiresAt)
        #expect(
            try lines(holders) == [
                "\(kim.value),kim,손님,used,\(at),\(ends),\(at),\(order.id.value)",
                "\(lee.value),lee,손님,issued,\(at),\(ends),,",
            ])
        #expect(try lines(holders + "?used=true").count == 1)
        #expect(pages.get("/admin/coupons/9/holders.csv", as: manager).status == .notFound)
        #expect(pages.get("/admin/customers?q=ki", as: manager).html.contains("href=\"/admin/customers.csv?q=ki\""))
        #expect(
            pages.get("/admin/coupons/\(coupon.value)?used=true", as: manager).html.contains("\(holders)?used=true"))
        for path in ["/admin/customers.csv?q=ki", holders] { #expect(call(path).status == .ok) }
        pages.shop.clock.advance(.minutes(15))
        for (path, list) in [
            ("/admin/customers.csv?q=ki", "%2Fadmin%2Fcustomers%3Fq%3Dki"), (holders, "%2Fadmin%2Fcoupons%2F1"),
        ] {
            let asked = pages.get(path, as: manager)
            #expect(asked.fields[.location] == "/account/password-again?next=\(list)", "\(path)")
            #expect(call(path).html.contains("password_required"), "\(path)")
        }
    }

    /// The link to the file on its page, for whoever gives the password first, and the same for programs.
    private func check(_ file: String, linkedOn page: String, call: String? = nil, asksForPassword: Bool) throws {
        #expect(pages.get(page, as: manager).html.contains("href=\"\(file)\""), "\(page)")
        #expect(self.call(call ?? file).status == .ok, "\(file)")
        pages.shop.clock.advance(.minutes(15))
        let asked = pages.get(file, as: manager)
        if asksForPassword {
            let list = PercentEncoding.encode(file.replacing(".csv", with: ""))
            #expect(asked.fields[.location] == "/account/password-again?next=\(list)", "\(file)")
        } else {
            #expect(asked.status == .ok, "\(file)")
        }
        #expect(self.call(call ?? file).html.contains("password_required") == asksForPassword, "\(file)")
    }

    @Test func `the entries of a customer's balance`() throws {
        let kim = try pages.shop.customer("kim", balance: 5_000)
        let order = try pages.shop.order([(try pages.shop.product(price: 700), 1)], kim)
        _ = try pages.shop.pay(order.id, kim)
        _ = try pages.shop.correct(300, of: kim, by: .test)
        let at = DateTime.text(pages.shop.clock.now)
        let file = "/admin/customers/\(kim.value)/entries.csv"
        let all = try lines(file)
        #expect(all.count == 3 && all[0].hasPrefix("3,\(at),correction,300,4600,,"))
        #expect(all[1...] == ["2,\(at),payment,-700,4300,\(order.id.value),", "1,\(at),charge,5000,5000,,"])
        #expect(pages.get("/admin/customers/99/entries.csv", as: manager).status == .notFound)
        try check(file, linkedOn: "/admin/customers/\(kim.value)/entries", asksForPassword: true)
    }

    @Test func `the coupons that a customer has taken`() throws {
        let kim = try pages.shop.customer("kim", balance: 5_000)
        let coupons = [try pages.shop.coupon(.fixed(Won(500))), try pages.shop.coupon(.fixed(Won(100)))]
        let taken = try coupons.map { try pages.shop.issue($0, kim) }
        let order = try pages.shop.order([(try pages.shop.product(), 1)], coupon: taken[0].id, kim)
        _ = try pages.shop.pay(order.id, kim)
        let (at, ends) = (DateTime.text(pages.shop.clock.now), DateTime.text(taken[0].expiresAt))
        let file = "/admin/customers/\(kim.value)/coupons.csv"
        #expect(
            try lines(file) == [
                "\(taken[1].id.value),\(coupons[1].value),할인,issued,\(at),\(ends),,",
                "\(taken[0].id.value),\(coupons[0].value),할인,used,\(at),\(ends),\(at),\(order.id.value)",
            ])
        try check(file, linkedOn: "/admin/customers/\(kim.value)/coupons", asksForPassword: true)
    }

    @Test func `the corrections that wait, the soonest to lapse first`() throws {
        let (kim, lee) = (try pages.shop.customer("kim", balance: 5_000), try pages.shop.customer("lee"))
        let first = try pages.shop.correct(60_000, of: kim, by: .test)
        let at = DateTime.text(pages.shop.clock.now)
        pages.shop.clock.advance(.minutes(1))
        _ = try pages.shop.correct(70_000, of: lee, by: .test)
        _ = try pages.shop.correct(10, of: lee, by: .test)
        let all = try lines("/admin/corrections.csv")
        let ends = DateTime.text(try #require(first.endsAt))
        #expect(all.count == 2)
        #expect(all[0] == "\(first.id.value),\(kim.value),kim,손님,5000,60000,\(first.reason),test,\(at),\(ends)")
        try check("/admin/corrections.csv", linkedOn: "/admin/corrections", asksForPassword: true)
    }

    @Test func `the staff, with who has a second factor and who is logged in`() throws {
        _ = try pages.shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "=사장", role: .owner))
        let boss = try pages.shop.accounts.logIn(
            login: "boss", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
        _ = try pages.shop.customer("kim")
        let own = try pages.shop.accounts.secondFactor(boss, by: .browser, from: "192.0.2.1")
        _ = try own.confirm(own.begin().code(of: TOTP.step(at: pages.shop.clock.now)))
        let at = DateTime.text(pages.shop.clock.now)
        let file = pages.get("/admin/staff.csv", as: boss)
        #expect(
            file.html.split(separator: "\r\n").dropFirst() == [
                "2,boss,'=사장,owner,\(at),\(at),,1,\(at)", "1,manager,직원,manager,,\(at),,1,\(at)",
            ])
        #expect(pages.get("/admin/staff", as: boss).html.contains("href=\"/admin/staff.csv\""))
        #expect(pages.get("/admin/staff.csv", as: manager).status == .notFound)
        pages.shop.clock.advance(.minutes(15))
        #expect(
            pages.get("/admin/staff.csv", as: boss).fields[.location]
                == "/account/password-again?next=\(PercentEncoding.encode("/admin/staff"))")
    }

    @Test func `a product's stock ledger`() throws {
        let apple = try pages.shop.product(stock: 20)
        _ = try pages.shop.served.productAdministration(by: .test).update(
            apple, ProductChange(stockChange: StockChange(-3, .damage)))
        let at = DateTime.text(pages.shop.clock.now)
        let file = "/admin/products/\(apple.value)/stock.csv"
        #expect(try lines(file) == ["2,\(at),damage,-3,17,test", "1,\(at),opening,20,20,"])
        #expect(pages.get("/admin/products/99/stock.csv", as: manager).status == .notFound)
        try check(file, linkedOn: "/admin/products/\(apple.value)", asksForPassword: false)
    }

    @Test func `the rows of a checked file of products, with what is wrong in words`() throws {
        let apple = try pages.shop.product("=사과", price: 1_000)
        let checked = try pages.shop.served.productImports(by: .test).check(
            hash: [UInt8](repeating: 1, count: 32), ignored: []
        ) { pass in
            var row = ProductRow(number: 2)
            row.id = apple
            row.price = Won(2_000)
            try pass(row)
            row = ProductRow(number: 3)
            row.id = ProductID(99)
            try pass(row)
        }
        let file = "/admin/products/import/\(checked.id.value)/rows.csv"
        let all = try lines(file)
        #expect(all.count == 2)
        #expect(all[0] == "2,change,open,\(apple.value),,'=사과,price: 1000 → 2000,")
        #expect(all[1].hasPrefix("3,wrong,,") && all[1].contains("id: "))
        #expect(try lines(file + "?filter=wrong") == [all[1]])
        #expect(pages.get(file + "?filter=x", as: manager).status == .unprocessableContent)
        let page = "/admin/products/import/\(checked.id.value)"
        #expect(pages.get(page + "?filter=wrong", as: manager).html.contains("href=\"\(file)?filter=wrong\""))
        let call = "/admin/products/imports/\(checked.id.value)/rows.csv"
        // Its own address, as it is spelled for programs.
        #expect(self.call(call).html.hasSuffix(all[1] + "\r\n"))
    }

    @Test func `a file with people in it asks for the password again, and comes back to its list`() throws {
        pages.shop.clock.advance(.minutes(15))
        let asked = pages.get("/admin/orders.csv?q=hana&status=pending", as: manager)
        #expect(asked.status == .seeOther)
        #expect(
            asked.fields[.location] == "/account/password-again?next=%2Fadmin%2Forders%3Fq%3Dhana%26status%3Dpending")
        let refused = call("/admin/orders.csv")
        #expect(refused.status == .forbidden && refused.html.contains("password_required"))
        // The goods are nobody's secret among the staff.
        #expect(pages.get("/admin/products.csv", as: manager).status == .ok)
    }
}
