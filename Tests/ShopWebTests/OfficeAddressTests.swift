import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// The staff's addresses with the days and numbers at which calculations end: each is answered or refused, none ends the
/// program.
struct OfficeAddressTests {
    private static let days = [
        "0001-01-01", "0001-12-31", "0002-12-31", "1908-04-01", "1969-12-31", "2024-02-29", "9998-12-31", "9999-12-31",
        "0000-01-01", "10000-01-01", "-001-01-01", "2026-13-01", "2026-02-30",
    ]

    private static let numbers = [
        "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1000000000000", "1e9",
        "%EF%BC%91", "",
    ]

    let shop: PageShop
    private let token: Token
    private let patterns: [String]

    init() throws {
        shop = try PageShop()
        _ = try shop.shop.administration.create(
            SignUp(login: "owner", password: "correct horse", name: "주인", role: .owner))
        token = try shop.shop.accounts.logIn(
            login: "owner", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
        var router = Router()
        addPages(to: &router, shop.site)
        addAPI(to: &router, shop.site)
        patterns = router.routes.filter { $0.method == .get && $0.pattern.contains("/admin") }.map(\.pattern)
        // One of each thing that an address can name, with the number 1 or 2.
        let customer = try shop.shop.customer("buyer", balance: 10_000)
        let coupon = try shop.shop.coupon()
        let product = try shop.shop.product()
        let order = try shop.shop.order([(product, 1)], coupon: try shop.shop.issue(coupon, customer).id, customer)
        _ = try shop.shop.pay(order.id, customer)
        _ = try shop.shop.correct(60_000, of: customer, by: .test)
    }

    /// Asks for an address; what it answers, or refuses, is told by its status.
    private func ask(_ pattern: String, _ query: String, id: String = "1") {
        let path = pattern.split(separator: "/").map { $0.first == ":" ? "/\(id)" : "/\($0)" }.joined()
        let target = path + (query.isEmpty ? "" : "?" + query)
        var fields: HTTPFields = [.host: "shop.example", .cookie: "session=\(token.text)"]
        if path.hasPrefix("/api/") { fields[.authorization] = "Bearer \(token.text)" }
        let status = shop.respond(Request(method: .get, target: target, fields: fields)).status
        #expect(status.code < 500, "\(target): \(status)")
    }

    @Test func `days at the ends of the calendar`() {
        let dated = patterns.filter { pattern in ["figures", "orders", "trace"].contains { pattern.contains($0) } }
        #expect(dated.count > 10)
        for pattern in dated {
            for first in Self.days {
                ask(pattern, "from=\(first)")
                ask(pattern, "to=\(first)")
                for last in Self.days { ask(pattern, "from=\(first)&to=\(last)") }
                for step in FigureStep.allCases where pattern.contains("figures") {
                    ask(pattern, "from=\(first)&to=\(first)&by=\(step.rawValue)")
                }
            }
        }
    }

    @Test func `numbers at the ends of their ranges`() {
        for pattern in patterns {
            for number in Self.numbers {
                if pattern.contains(":") { ask(pattern, "", id: number.isEmpty ? "x" : number) }
                for name in ["limit", "cursor", "q", "number", "product", "user", "login"] {
                    ask(pattern, "\(name)=\(number)")
                }
                ask(pattern, "subject=order&subjectId=\(number)")
                ask(pattern, "action=raise&percent=\(number)&unit=\(number)&select=1&select=\(number)")
                ask(pattern, "product-1=\(number)&quantity-1=\(number)&amount=\(number)&stock=on&seen=\(number)")
            }
        }
    }

    /// Whoever knows how a cursor is made can make one with any numbers.
    @Test func `cursors that the shop never gave`() {
        let ends: [Int64] = [.min, -1, 0, 1, .max]
        let lists: [(name: String, path: String)] = [
            ("corrections", "corrections"), ("staff", "staff"), ("managed coupons all", "coupons?"),
            ("holders 1 false", "coupons/1/holders?"), ("holders 1 false", "coupons/1?"),
            ("holders 1 true", "coupons/1/holders?used=true&"), ("stock 1", "products/1/stock?"),
            ("stock page 1", "products/1?"), ("entries 2", "customers/2/entries?"), ("orders 2", "customers/2/orders?"),
            ("coupons 2", "customers/2/coupons?"), ("corrections 2", "customers/2/corrections?"),
            ("customers all ", "customers?"), ("customers staff ", "customers?group=staff&"),
            ("customers all b", "customers?q=b&"), ("trace \(TraceQuery())", "trace?"),
            ("orders of all \(OrderQuery())", "orders?"), ("managed products all newest ", "products?"),
            ("managed products all name ", "products?sort=name&"),
            ("managed products all price ", "products?sort=price&"),
            ("managed products all -price ", "products?sort=-price&"),
            ("managed products all newest 사과", "products?q=사과&"),
            ("product figures 20514 20514", "figures/products?"),
        ]
        for (name, path) in lists {
            let list = Cursor(list: name)
            for first in ends {
                for cursor in [list.text(first)] + ends.map({ list.text(first, $0) }) {
                    let parts = path.split(separator: "?", omittingEmptySubsequences: false)
                    let query = (parts.count > 1 ? String(parts[1]) : "") + "cursor=\(cursor)"
                    ask("/admin/\(parts[0])", query)
                    ask("/api/v1/admin/\(parts[0])", query)
                }
            }
        }
    }
}
