import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

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
