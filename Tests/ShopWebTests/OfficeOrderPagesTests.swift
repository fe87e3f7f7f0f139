import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// The staff's pages of orders: finding them, everything that happened to one, notes and refunds.
struct OfficeOrderPagesTests {
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

    /// Sends a form with the token and the key of the page that it is on.
    private func send(_ path: String, _ fields: String, from page: Response) throws -> Response {
        let (csrf, key) = (try #require(page.value(of: "csrf")), try #require(page.value(of: "key")))
        return pages.post(path, "csrf=\(csrf)&key=\(key)&\(fields)", as: manager)
    }

    /// The numbers of the orders in a list.
    private func numbers(_ path: String) -> [String] {
        pages.get(path, as: manager).html.matches(of: /<th scope="row"><a href="\/admin\/orders\/(\d+)">/)
            .map { String($0.output.1) }
    }

    // MARK: The list

    @Test func `orders are found by login, state, product, flags and day`() throws {
        let (apple, rice) = (try pages.shop.product("사과"), try pages.shop.product("쌀"))
        _ = try paid([(apple, 1), (rice, 1)])
        _ = try pages.shop.order([(rice, 1)], customer)
        pages.shop.clock.advance(.days(1))
        _ = try paid([(apple, 1)], coupon: true)
        _ = try pages.shop.refund(OrderID(1), by: customer)
        let other = try pages.shop.customer("durinuri", balance: 5_000)
        _ = try pages.shop.order([(apple, 1)], other)
        #expect(numbers("/admin/orders") == ["4", "3", "2", "1"])
        #expect(numbers("/admin/orders?q=HANA") == ["3", "2", "1"])
        #expect(numbers("/admin/orders?q=nobody") == [])
        #expect(numbers("/admin/orders?status=pending") == ["4"])
        // Its time is over, whatever is stored.
        #expect(numbers("/admin/orders?status=expired") == ["2"])
        #expect(numbers("/admin/orders?product=\(rice.value)") == ["2", "1"])
        #expect(numbers("/admin/orders?refunded=true") == ["1"])
        #expect(numbers("/admin/orders?coupon=true") == ["3"])
        let today = pages.shop.policy.calendar.day(of: pages.shop.clock.now)
        #expect(numbers("/admin/orders?from=\(today.text)") == ["4", "3"])
        #expect(numbers("/admin/orders?to=\((today - 1).text)") == ["2", "1"])
        #expect(
            numbers("/admin/orders?q=hana&status=completed&coupon=true&from=\(today.text)&to=\(today.text)") == ["3"])
        // As a form sends what was left empty.
        #expect(numbers("/admin/orders?q=&status=&product=&from=&to=") == ["4", "3", "2", "1"])
        #expect(pages.get("/admin/orders?status=lost", as: manager).status == .unprocessableContent)
    }

    @Test func `a number leads to its order, and to the customer of that name if there is none`() throws {
        let order = try paid([(try pages.shop.product(), 1)])
        #expect(pages.get("/admin/orders?q=\(order.value)", as: manager).fields[.location] == "/admin/orders/1")
        let digits = try pages.shop.customer("777")
        _ = try pages.shop.order([(try pages.shop.product(), 1)], digits)
        #expect(numbers("/admin/orders?q=777") == ["2"])
    }

    @Test func `the totals are of all that was found, a page has fifty`() throws {
        let apple = try pages.shop.product(price: 1_000, stock: 1_000)
        for _ in 0..<55 { _ = try paid([(apple, 1)]) }
        _ = try pages.shop.refund(OrderID(1), by: customer)
        let first = pages.get("/admin/orders", as: manager).html
        for sum in ["<dd>55</dd>", "<dd>55,000원</dd>", "<dd>1,000원</dd>", "<dd>54,000원</dd>"] {
            #expect(first.contains(sum), "\(sum)")
        }
        #expect(numbers("/admin/orders").count == 50)
        let next = try #require(first.firstMatch(of: /rel="next" href="([^"]+)"/)?.output.1)
        #expect(numbers(String(next).replacing("&amp;", with: "&")) == ["5", "4", "3", "2", "1"])
    }

    // MARK: One order

    @Test func `everything that happened is on one screen`() throws {
        let apple = try pages.shop.product("사과 <b>", price: 1_000)
        let order = try paid([(apple, 3)], coupon: true)
        let page = pages.get("/admin/orders/\(order.value)", as: manager)
        let noted = try send("/admin/orders/1/notes", "note=전화함%0A다시+걸기로+함", from: page)
        #expect(noted.fields[.location] == "/admin/orders/1")
        let one = RefundRequest([OrderRequestLine(product: apple, quantity: Quantity(1))], returnsToStock: false)
        _ = try pages.shop.refund(order, one, by: customer)
        let html = pages.get("/admin/orders/1", as: manager).html
        for part in [
            "사과 &lt;b&gt;", "hana", "부분 환불", "2,500원", "833원", "전화함\n다시 걸기로 함", "재고로 되돌리지 않았습니다.",
            "href=\"/admin/orders/1/refund\"", "할인",
        ] {
            #expect(html.contains(part), "\(part)")
        }
        let kinds = html.matches(of: /<li class="event-([a-z]+)">/).map { String($0.output.1) }
        #expect(kinds == ["made", "paid", "note", "refunded"])
        #expect(pages.get("/admin/orders/99", as: manager).status == .notFound)
    }

    @Test func `a note that is empty or too long is said at its field, with what was typed`() throws {
        _ = try paid([(try pages.shop.product(), 1)])
        let page = pages.get("/admin/orders/1", as: manager)
        let empty = try send("/admin/orders/1/notes", "note=+", from: page)
        #expect(empty.status == .unprocessableContent && empty.html.contains("id=\"error-note\""))
        let long = String(repeating: "x", count: 1_001)
        let refused = try send("/admin/orders/1/notes", "note=\(long)", from: page)
        #expect(refused.status == .unprocessableContent && refused.html.contains(long))
    }

    @Test func `who may not refund or note is offered neither`() throws {
        _ = try paid([(try pages.shop.product(), 1)])
        let html = pages.get("/admin/orders/1", as: try Self.logIn(.reader, pages)).html
        #expect(html.contains("<h1>") && !html.contains("/admin/orders/1/refund") && !html.contains("<textarea"))
    }

    // MARK: Refunds

    @Test func `a refund is chosen, checked and made, and made once`() throws {
        let apple = try pages.shop.product("사과", price: 1_000, stock: 10)
        let rice = try pages.shop.product("쌀", price: 300, stock: 10)
        let order = try paid([(apple, 3), (rice, 2)])
        let choice = pages.get("/admin/orders/1/refund", as: manager)
        #expect(choice.html.contains("name=\"quantity-\(apple.value)\"") && choice.html.contains("3,600원"))
        let wish = "seen=0&what=lines&stock=1&quantity-\(apple.value)=2&quantity-\(rice.value)=0"
        let check = try send("/admin/orders/1/refund/check", wish, from: choice)
        #expect(check.status == .ok)
        for part in ["2,000원", "hana", "996,400원 → 998,400원", "7 → 9", "재고로 되돌립니다."] {
            #expect(check.html.contains(part), "\(part)")
        }
        #expect(!check.html.contains(">쌀<"))
        // Nothing has moved so far.
        #expect(try pages.shop.balance(customer) == 996_400)
        for _ in 0..<2 {
            let done = try send("/admin/orders/1/refund", wish, from: check)
            #expect(done.fields[.location] == "/admin/orders/1")
        }
        #expect(try pages.shop.balance(customer) == 998_400)
        #expect(try pages.shop.stored(apple)?.stock == 9)
        // Somebody else had the page open since before.
        let late = try send("/admin/orders/1/refund", wish, from: choice)
        #expect(late.status == .conflict && late.html.contains("그사이 이 주문이 환불되었습니다"))
        #expect(try pages.shop.orders.find(order, of: customer).refunded == Won(2_000))
        #expect(try pages.shop.audit() == [])
    }

    @Test func `all that is left is refunded with its coupon, and then there is nothing left`() throws {
        _ = try paid([(try pages.shop.product(price: 1_000, stock: 10), 3)], coupon: true)
        let choice = pages.get("/admin/orders/1/refund", as: manager)
        let check = try send("/admin/orders/1/refund/check", "seen=0&what=rest", from: choice)
        for part in ["쿠폰을 고객에게 돌려줍니다", "재고로 되돌리지 않습니다.", "결제 완료 → 환불", "7 → 7"] {
            #expect(check.html.contains(part), "\(part)")
        }
        #expect(try send("/admin/orders/1/refund", "seen=0&what=rest", from: check).status == .seeOther)
        #expect(pages.get("/admin/orders/1/refund", as: manager).fields[.location] == "/admin/orders/1")
        let again = try send("/admin/orders/1/refund", "seen=0&what=rest", from: choice)
        #expect(again.status == .conflict && again.html.contains("더 환불할 것이 없습니다"))
        #expect(try pages.shop.audit() == [])
    }

    @Test func `quantities that cannot be are said at their fields, and nothing chosen above the form`() throws {
        let apple = try pages.shop.product(price: 1_000, stock: 10)
        _ = try paid([(apple, 3)])
        let choice = pages.get("/admin/orders/1/refund", as: manager)
        for typed in ["4", "x", "-1"] {
            let wish = "seen=0&what=lines&quantity-\(apple.value)=\(typed)"
            let refused = try send("/admin/orders/1/refund/check", wish, from: choice)
            #expect(refused.status == .unprocessableContent, "\(typed)")
            #expect(refused.html.contains("id=\"error-quantity-\(apple.value)\""), "\(typed)")
            #expect(refused.html.contains("value=\"\(typed)\""), "\(typed)")
        }
        let none = try send("/admin/orders/1/refund/check", "seen=0&what=lines&quantity-\(apple.value)=", from: choice)
        #expect(none.html.contains("환불할 수량을 하나 이상 적어 주세요."))
    }

    @Test func `the customer sees what was given back of the order`() throws {
        let kim = try pages.customer("kim")
        _ = try pages.shop.charge(10_000, kim.id)
        let apple = try pages.shop.product("사과", price: 1_000)
        let order = try pages.shop.order([(apple, 3)], kim.id)
        _ = try pages.shop.pay(order.id, kim.id)
        let one = RefundRequest([OrderRequestLine(product: apple, quantity: Quantity(1))])
        _ = try pages.shop.refund(order.id, one, by: customer)
        let html = pages.get("/orders/\(order.id.value)", as: kim.token).html
        for part in ["부분 환불", "환불 내역", "사과</span> × 1", "1,000원"] { #expect(html.contains(part), "\(part)") }
        #expect(pages.get("/orders", as: kim.token).html.contains("부분 환불"))
    }
}
