import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// The staff's pages of several orders at once, and the calls for the same.
struct SeveralOrderPagesTests {
    let pages: PageShop
    let customer: UserID
    let manager: Token

    init() throws {
        pages = try PageShop()
        customer = try pages.shop.customer("hana", balance: 1_000_000)
        manager = try Self.logIn(.manager, pages)
    }

    private static func logIn(_ role: Role, _ pages: PageShop) throws -> Token {
        _ = try pages.shop.administration.create(
            SignUp(login: role.rawValue, password: "correct horse", name: "직원", role: role))
        return try pages.shop.accounts.logIn(
            login: role.rawValue, password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    private func paid(_ lines: [(ProductID, Int64)], coupon: Bool = false) throws -> OrderID {
        let mine = coupon ? try pages.shop.issue(try pages.shop.coupon(.fixed(Won(500))), customer).id : nil
        let order = try pages.shop.order(lines, coupon: mine, customer)
        _ = try pages.shop.pay(order.id, customer)
        return order.id
    }

    /// Sends the form of a page with what it has, changed by `fields`.
    private func send(_ path: String, from page: Response, _ fields: [String: String] = [:]) throws -> Response {
        var sent = ["csrf", "key", "next", "orders"].compactMap { name in page.value(of: name).map { (name, $0) } }
        // The form with the checkbox has a field of that name, too.
        if page.html.contains("type=\"hidden\" name=\"stock\"") { sent.append(("stock", "1")) }
        sent = sent.filter { fields[$0.0] == nil } + fields.map { ($0.key, $0.value) }
        let form = sent.map { name, value in
            "\(name)=\(PercentEncoding.encode(value.replacing("&amp;", with: "&")))"
        }
        return pages.post(path, form.joined(separator: "&"), as: manager)
    }

    private func call(_ path: String, _ body: String, key: String? = nil) -> Response {
        var fields: HTTPFields = [.host: "shop.example", .contentType: "application/json"]
        fields[.authorization] = "Bearer \(manager.text)"
        fields[.idempotencyKey] = key
        return pages.respond(
            Request(method: .post, target: "/api/v1" + path, fields: fields, body: .bytes(Array(body.utf8))))
    }

    @Test func `the list offers what one may do with several`() throws {
        _ = try paid([(try pages.shop.product(), 1)])
        func offers(_ token: Token) -> [Bool] {
            let html = pages.get("/admin/orders?q=hana&status=completed", as: token).html
            #expect(html.contains("name=\"select\" value=\"1\" aria-label=\"선택: 주문 번호 1\""))
            #expect(html.contains("<input type=\"hidden\" name=\"status\" value=\"completed\">"))
            return ["formaction=\"/admin/orders/refunds\"", ">메모 남기기…<", "formaction=\"/admin/orders.csv\""]
                .map(html.contains)
        }
        #expect(offers(manager) == [true, true, true])
        #expect(try offers(Self.logIn(.support, pages)) == [false, true, true])
        #expect(try offers(Self.logIn(.reader, pages)) == [false, false, true])
    }

    @Test func `none chosen leads back to the list, and more than fifty are too many`() throws {
        for path in ["refunds", "notes"] {
            let none = pages.get("/admin/orders/\(path)?q=hana&status=completed", as: manager)
            #expect(none.fields[.location] == "/admin/orders?q=hana&status=completed", "\(path)")
            #expect(none.cookie("notice") == "notice=no-orders-selected")
            let wrong = ["select=x", "select=0", (1...51).map { "select=\($0)" }.joined(separator: "&")]
            for query in wrong {
                #expect(pages.get("/admin/orders/\(path)?\(query)", as: manager).status == .unprocessableContent)
            }
        }
    }

    @Test func `a page says what will move of each and in all, and which cannot be refunded and why`() throws {
        let (apple, rice) = (try pages.shop.product("사과", price: 1_000), try pages.shop.product("쌀", price: 300))
        _ = try paid([(apple, 2), (rice, 1)], coupon: true)
        _ = try pages.shop.order([(apple, 1)], customer)
        _ = try paid([(rice, 4)])
        _ = try paid([(rice, 1)])
        _ = try pages.shop.refund(OrderID(4), by: customer)
        let all = "/admin/orders/refunds?q=hana&stock=1&select=1&select=2&select=3&select=4"
        let html = pages.get(all, as: manager).html
        for part in [
            "주문 2건을 환불합니다", "<strong>3,000원</strong>", "사과</span> × 2", "쌀</span> × 4", "재고로 되돌립니다.",
            "개수: 7<", "997,000원 → 998,800원", "998,800원 → 1,000,000원", "<dt>고객에게 돌려줄 쿠폰</dt><dd>1</dd>",
            "쿠폰을 고객에게 돌려줍니다", "환불하기 (3,000원)", "name=\"orders\" value=\"1.0 3.0\"",
            "name=\"next\" value=\"/admin/orders?q=hana\"", "결제 대기: 결제되고", "환불됨: 결제되고",
        ] { #expect(html.contains(part), "\(part)") }
        let lost = pages.get(all.replacing("&stock=1", with: ""), as: manager).html
        #expect(lost.contains("재고로 되돌리지 않습니다") && !lost.contains("name=\"stock\" value=\"1\" checked"))
        #expect(try pages.shop.balance(customer) == 997_000)
        let none = pages.get("/admin/orders/refunds?select=2&select=4&select=99", as: manager).html
        #expect(none.contains("환불할 수 있는 것이 없습니다") && !none.contains("name=\"orders\""))
    }

    @Test func `what was confirmed happens once, and the form sent again leads to the same`() throws {
        let apple = try pages.shop.product(price: 1_000, stock: 10)
        for _ in 0..<2 { _ = try paid([(apple, 2)]) }
        let page = pages.get("/admin/orders/refunds?status=completed&stock=1&select=1&select=2", as: manager)
        for _ in 0..<2 {
            let done = try send("/admin/orders/refunds", from: page)
            #expect(done.fields[.location] == "/admin/orders?status=completed")
            #expect(done.cookie("notice") == "notice=orders-refunded")
        }
        #expect(try pages.shop.balance(customer) == 1_000_000)
        #expect(try pages.shop.stored(apple)?.stock == 10)
        #expect(try pages.shop.rows("SELECT count(*) FROM trace WHERE action = 'order-refunded'") == ["2"])
        #expect(try send("/admin/orders/refunds", from: page, ["orders": "1.0"]).status == .unprocessableContent)
        #expect(try pages.shop.audit() == [])
    }

    @Test func `an order that changed since is said by its number, and all are shown as they are now`() throws {
        let apple = try pages.shop.product(price: 1_000, stock: 100)
        for _ in 0..<3 { _ = try paid([(apple, 2)]) }
        let page = pages.get("/admin/orders/refunds?select=1&select=2&select=3", as: manager)
        let one = RefundRequest([OrderRequestLine(product: apple, quantity: Quantity(1))])
        _ = try pages.shop.refund(OrderID(2), one, by: customer)
        _ = try pages.shop.refund(OrderID(3), by: customer)
        let refused = try send("/admin/orders/refunds", from: page)
        #expect(refused.status == .conflict)
        for part in [
            "주문 2번: 그사이 이 주문이 환불되었습니다", "href=\"#field-row-2\"", "<tr id=\"field-row-2\" class=\"row-wrong\">",
            "주문 3번: 결제가 끝난 주문이 아닙니다", "<li id=\"field-row-3\">", "name=\"orders\" value=\"1.0 2.1\"",
            "환불하기 (3,000원)",
        ] { #expect(refused.html.contains(part), "\(part)") }
        #expect(try pages.shop.balance(customer) == 1_000_000 - 3_000)
        #expect(try send("/admin/orders/refunds", from: refused).status == .seeOther)
        #expect(try pages.shop.balance(customer) == 1_000_000)
        #expect(try pages.shop.stored(apple)?.stock == 97)
        #expect(try pages.shop.audit() == [])
    }

    @Test(arguments: ["", "x", "1", "1.x", "0.0", "1.0 1.0", (1...51).map { "\($0).0" }.joined(separator: " ")])
    func `a form that no page has made does nothing`(_ orders: String) throws {
        _ = try paid([(try pages.shop.product(), 1)])
        let page = pages.get("/admin/orders/refunds?select=1", as: manager)
        for path in ["refunds", "notes"] {
            let sent = try send("/admin/orders/\(path)", from: page, ["orders": orders, "note": "x"])
            #expect(sent.status == .forbidden, "\(path)")
        }
        #expect(try pages.shop.rows("SELECT count(*) FROM refunds") == ["0"])
    }

    @Test func `refunds ask for the password again, with what was chosen`() throws {
        _ = try paid([(try pages.shop.product(), 1)])
        let page = pages.get("/admin/orders/refunds?select=1", as: manager)
        pages.shop.clock.advance(.minutes(15))
        let asked = pages.get("/admin/orders/refunds?select=1", as: manager)
        #expect(asked.fields[.location] == "/account/password-again?next=%2Fadmin%2Forders%2Frefunds%3Fselect%3D1")
        let kept = try send("/admin/orders/refunds", from: page)
        #expect(kept.status == .forbidden && kept.html.contains("name=\"kept.orders\" value=\"1.0\""))
        #expect(try pages.shop.rows("SELECT count(*) FROM refunds") == ["0"])
        // Notes do not.
        #expect(pages.get("/admin/orders/notes?select=1", as: manager).status == .ok)
    }

    @Test func `the same note is written to the chosen, once`() throws {
        for _ in 0..<3 { _ = try pages.shop.order([(try pages.shop.product("사과"), 1)], customer) }
        let page = pages.get("/admin/orders/notes?q=hana&select=1&select=3", as: manager)
        #expect(page.html.contains("주문 2건에 남깁니다"))
        let empty = try send("/admin/orders/notes", from: page, ["note": " "])
        #expect(empty.status == .unprocessableContent && empty.html.contains("id=\"error-note\""))
        #expect(empty.html.contains("href=\"/admin/orders/3\""))
        for _ in 0..<2 {
            let done = try send("/admin/orders/notes", from: page, ["note": "배송이 늦음"])
            #expect(done.fields[.location] == "/admin/orders?q=hana")
        }
        let noted = try pages.shop.rows("SELECT order_id FROM order_events WHERE note = '배송이 늦음' ORDER BY order_id")
        #expect(noted == ["1", "3"])
    }

    @Test func `the chosen as a file, and still ticked for whoever has to give the password first`() throws {
        for _ in 0..<3 { _ = try pages.shop.order([(try pages.shop.product(), 1)], customer) }
        let file = pages.get("/admin/orders.csv?q=nobody&select=1&select=3", as: manager)
        let lines = file.html.split(separator: "\r\n").dropFirst()
        #expect(lines.map { $0.prefix { $0 != "," } } == ["3", "1"])
        #expect(pages.get("/admin/orders.csv?select=x", as: manager).status == .unprocessableContent)
        pages.shop.clock.advance(.minutes(15))
        let asked = pages.get("/admin/orders.csv?select=1&select=3", as: manager)
        #expect(
            asked.fields[.location] == "/account/password-again?next=%2Fadmin%2Forders%3Fselect%3D1%26select%3D3")
        let html = pages.get("/admin/orders?select=1&select=3", as: manager).html
        #expect(html.matches(of: /value="(\d)" checked/).map { $0.output.1 } == ["3", "1"])
    }

    @Test func `programs refund and note several, and hear of each why not`() throws {
        let apple = try pages.shop.product(price: 1_000)
        for _ in 0..<2 { _ = try paid([(apple, 2)]) }
        _ = try pages.shop.order([(apple, 1)], customer)
        let wish = #"{"orders":[{"id":1,"seenRefunds":0},{"id":2}],"returnToStock":false}"#
        let refused = call("/admin/orders/refunds", #"{"orders":[{"id":1,"seenRefunds":1},{"id":2},{"id":3}]}"#)
        #expect(refused.status == .conflict && refused.html.contains(#""code":"orders_refused""#))
        #expect(refused.html.contains(#"{"orderId":1,"code":"refund_outdated","#))
        #expect(refused.html.contains(#"{"orderId":3,"code":"order_not_completed","#))
        #expect(!refused.html.contains(#""orderId":2"#))
        let done = call("/admin/orders/refunds", wish, key: "k")
        #expect(done.status == .ok)
        #expect(done.html == #"{"items":[{"orderId":1,"amount":2000},{"orderId":2,"amount":2000}],"amount":4000}"#)
        let again = call("/admin/orders/refunds", wish, key: "k")
        #expect(again.body == done.body && again.fields[.idempotentReplayed] == "true")
        #expect(try pages.shop.stored(apple)?.stock == 96)
        let noted = call("/admin/orders/notes", #"{"text":"x","orders":[{"id":3},{"id":1}]}"#)
        #expect(noted.status == .created && noted.html == #"{"items":[{"orderId":3},{"orderId":1}]}"#)
        let missing = call("/admin/orders/notes", #"{"text":"x","orders":[{"id":9}]}"#)
        #expect(missing.status == .conflict && missing.html.contains("order_not_found"))
        let many = (1...51).map { "{\"id\":\($0)}" }.joined(separator: ",")
        for (body, field) in [
            (#"{"orders":[]}"#, "orders"), (#"{"orders":[{"id":1},{"id":1}]}"#, "orders.1.id"),
            (#"{"orders":[{"id":0}]}"#, "orders.0.id"), ("{\"orders\":[\(many)]}", "orders"),
            (#"{"orders":[{"id":1,"seenRefunds":-1}]}"#, "orders.0.seenRefunds"),
        ] {
            let wrong = call("/admin/orders/refunds", body)
            #expect(wrong.status == .unprocessableContent && wrong.html.contains("\"field\":\"\(field)\""), "\(field)")
        }
        #expect(try pages.shop.audit() == [])
    }
}
