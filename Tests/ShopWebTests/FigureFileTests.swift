import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Figures as files.
struct FigureFileTests {
    let pages: PageShop
    let token: Token
    private var shop: TestShop { pages.shop }

    init() throws {
        pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "reader", password: "correct horse", name: "직원", role: .reader))
        token = try pages.shop.accounts.logIn(
            login: "reader", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    private func file(_ path: String) throws -> (name: String, lines: [String]) {
        let response = pages.get(path, as: token)
        #expect(response.status == .ok, "\(path)")
        var bytes = response.body
        try response.rest?.write { bytes += $0 }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n").map { String($0) }
        #expect(lines.first?.first == "\u{feff}")
        let name = response.fields[.contentDisposition]?.split(separator: "\"").last ?? ""
        return (String(name), lines)
    }

    private func sell(_ name: String, price: Int64, _ quantity: Int64 = 1, sku: String? = nil) throws {
        let buyer = try shop.customer("buyer-\(price)", balance: max(1_000, price * quantity))
        let product = try shop.product(name, price: price)
        if let sku {
            let change = ProductChange(
                name: nil, description: nil, price: nil, stockChange: nil, isListed: nil, sku: SKU(sku))
            _ = try shop.served.productAdministration(by: .test).update(product, change)
        }
        _ = try shop.pay(try shop.order([(product, quantity)], buyer).id, buyer)
    }

    @Test func `each step is a line, its hour by the shop's clocks and in UTC`() throws {
        try sell("사과", price: 7_000, 2)
        let day = try file("/admin/figures.csv")
        #expect(day.name == "figures-2026-03-02.csv")
        #expect(
            day.lines[0].dropFirst()
                == "from,to,clock,hour,orders,order_amount,paid,revenue,refunds,refund_amount,coupons,customers")
        #expect(day.lines.count == 25)
        #expect(day.lines[1] == "2026-03-02,2026-03-02,00:00,2026-03-01T15:00:00.000Z,0,0,0,0,0,0,0,0")
        #expect(day.lines[11] == "2026-03-02,2026-03-02,10:00,2026-03-02T01:00:00.000Z,1,14000,1,14000,0,0,0,1")
        let month = try file("/admin/figures.csv?from=2026-03-01&to=2026-03-31&by=day")
        #expect(month.name == "figures-2026-03-01-to-2026-03-31.csv" && month.lines.count == 32)
        #expect(month.lines[2] == "2026-03-02,2026-03-02,,,1,14000,1,14000,0,0,0,1")
        let year = try file("/admin/figures.csv?from=2025-01-01&to=2026-12-31&by=year")
        #expect(year.lines[2] == "2026-01-01,2026-12-31,,,1,14000,1,14000,0,0,0,1")
    }

    @Test func `all products that were sold are in it, the greatest amount first`() throws {
        for number in 1...600 { try sell("상품\(number)", price: Int64(number * 10)) }
        try sell("=SUM(A1), \"특가\"", price: 100_000, 3, sku: "A-1")
        let products = try file("/admin/figures/products.csv")
        #expect(products.name == "products-sold-2026-03-02.csv")
        #expect(products.lines.count == 602)
        #expect(products.lines[0].dropFirst() == "product_id,sku,name,quantity,amount")
        #expect(products.lines[1] == "601,A-1,\"'=SUM(A1), \"\"특가\"\"\",3,300000")
        #expect(products.lines[2] == "600,,상품600,1,6000" && products.lines[601] == "1,,상품1,1,10")
        #expect(try file("/admin/figures/products.csv?from=2026-03-01").lines.count == 1)
    }

    @Test func `the pages lead to the files of the same days`() throws {
        try sell("사과", price: 7_000)
        let html = pages.get("/admin/figures?from=2026-03-01&to=2026-03-31", as: token).html
        #expect(html.contains("href=\"/admin/figures.csv?from=2026-03-01&amp;to=2026-03-31&amp;by=day\""))
        #expect(html.contains("href=\"/admin/figures/products.csv?from=2026-03-01&amp;to=2026-03-31\""))
        let list = pages.get("/admin/figures/products?from=2026-03-02", as: token).html
        #expect(list.contains("href=\"/admin/figures/products.csv?from=2026-03-02&amp;to=2026-03-02\""))
        for path in ["figures.csv?by=week", "figures/products.csv?from=2020-01-01&to=2026-01-01"] {
            #expect(pages.get("/admin/\(path)", as: token).status == .unprocessableContent, "\(path)")
        }
    }
}
