import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Today, and the pages of figures.
struct FigurePagesTests {
    let pages: PageShop
    private var shop: TestShop { pages.shop }

    init() throws { pages = try PageShop() }

    private func logIn(_ role: Role) throws -> Token {
        _ = try shop.administration.create(
            SignUp(login: role.rawValue, password: "correct horse", name: "직원", role: role))
        return try shop.accounts.logIn(
            login: role.rawValue, password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    /// Sells one of a product to a new customer.
    private func sell(_ name: String, price: Int64) throws {
        let buyer = try shop.customer("buyer-\(name.unicodeScalars.count)-\(price)", balance: price * 2)
        _ = try shop.pay(try shop.order([(try shop.product(name, price: price), 1)], buyer).id, buyer)
    }

    @Test func `an empty shop has nothing to do and nothing to show, and says so`() throws {
        try shop.popular.recompute()
        let html = pages.get("/admin", as: try logIn(.owner)).html
        #expect(html.contains("2026년 3월 2일 (월)"))
        #expect(html.contains("밤마다 하는 백업") && html.contains("꺼져 있음"))
        #expect(!html.contains("결제를 기다리는 주문") && !html.contains("인기 상품 목록"))
        #expect(html.contains("매출이 없습니다."))
        #expect(pages.get("/admin/figures", as: try logIn(.reader)).html.contains("팔린 상품이 없습니다."))
    }

    @Test(arguments: [
        (Language.korean, ["결제를 기다리는 주문", "2,000원", "오늘 결제된 주문", "품절된 상품", "곧 끝나는 쿠폰", "할인: 1일 0시간 남음, 10장 남음"]),
        (
            .english,
            [
                "Orders that wait for payment", "₩2,000", "Orders paid today", "Products sold out",
                "Coupons about to end",
                "Popular list", "Never made",
            ]
        ),
    ])
    func `it names what is to be done, in the reader's language`(_ language: Language, _ parts: [String]) throws {
        try sell("사과", price: 1_000)
        let apple = try shop.product("배", price: 2_000, stock: 3)
        _ = try shop.order([(apple, 1)], try shop.customer("waiting"))
        _ = try shop.product("감", stock: 0)
        _ = try shop.coupon()
        let html = pages.get("/admin", as: try logIn(.manager), in: language.rawValue).html
        for part in parts { #expect(html.contains(part), "\(part)") }
        for href in [
            "orders?status=pending", "orders?from=2026-03-02&amp;to=2026-03-02&amp;by=paid", "products?filter=sold-out",
            "coupons?filter=ending",
        ] {
            #expect(html.contains("class=\"tile") && html.contains("href=\"/admin/\(href)"), "\(href)")
        }
    }

    /// How many there are in a list, page by page.
    private func rows(_ href: String, as token: Token) throws -> Int {
        let item = try Regex("href=\"\(href.prefix { $0 != "?" })/([0-9]+)\"")
        var (found, next): (Set<String>, String?) = ([], href)
        while let path = next {
            let response = pages.get(path, as: token)
            #expect(response.status == .ok, "\(path)")
            found.formUnion(response.html.matches(of: item).map { String($0.output[0].substring ?? "") })
            next = response.html.firstMatch(of: /rel="next" href="([^"]*)"/).map {
                String($0.output.1).replacing("&amp;", with: "&")
            }
        }
        return found.count
    }

    @Test(arguments: [Role.owner, .manager, .reader, .support])
    func `the number of each tile is that of the list that it leads to`(_ role: Role) throws {
        let midnight = shop.policy.calendar.firstHour(of: shop.today + 1).start
        let buyer = try shop.customer("buyer", balance: 100_000)
        let product = try shop.product("사과", price: 1_000)
        for (made, paid) in [(-30, -20), (-5, 5), (10, 11), (12, 14)] {
            shop.clock.set(midnight + .minutes(Int64(made)))
            let order = try shop.order([(product, 1)], buyer)
            shop.clock.set(midnight + .minutes(Int64(paid)))
            _ = try shop.pay(order.id, buyer)
            if paid == 11 { _ = try shop.refund(order.id, by: buyer) }
        }
        for number in 0..<60 { _ = try shop.product("감\(number)", stock: 0) }
        let few = try shop.product("귤", stock: 3)
        _ = try shop.served.productAdministration(by: .test).update(few, ProductChange(lowStock: .some(5)))
        // One that waits, one whose time is over, and one that was cancelled.
        _ = try shop.order([(product, 1)], buyer)
        shop.clock.advance(.hours(1))
        for _ in 0..<2 { _ = try shop.order([(product, 1)], buyer) }
        _ = try shop.cancel(try shop.order([(product, 1)], buyer).id, buyer)
        _ = try shop.coupon()
        _ = try shop.coupon(quantity: 10, closesAt: shop.clock.now + .days(20))
        let scarce = try shop.coupon(quantity: 10, closesAt: shop.clock.now + .days(20))
        for number in 0..<9 { _ = try shop.issue(scarce, try shop.customer("taker\(number)")) }
        _ = try shop.coupon(opensAt: shop.clock.now + .hours(1))
        for _ in 0..<2 { _ = try shop.correct(60_000, of: buyer, by: .test) }
        let token = try logIn(role)
        let html = pages.get("/admin", as: token).html
        let tile = /class="tile[^"]*" href="([^"]*)">.*?<strong class="tile-number">([0-9,]+)/
        let tiles = html.matches(of: tile).map {
            (href: String($0.output.1).replacing("&amp;", with: "&"), number: String($0.output.2))
        }
        let expected = [Role.reader: 6, .support: 2, .manager: 7, .owner: 7]
        #expect(tiles.count == expected[role])
        for tile in tiles {
            #expect(tile.number == String(try rows(tile.href, as: token)), "\(tile.href)")
        }
        let paid = try #require(tiles.first { $0.href.contains("by=paid") })
        #expect(paid.number == "3")
    }

    @Test func `a correction that waits for a second person is told to who may confirm it`() throws {
        let customer = try shop.customer("poor")
        let boss = try logIn(.owner)
        let (staff, user) = try shop.accounts.staff(boss, by: .browser, from: "192.0.2.1")
        let draft = BalanceCorrectionDraft(user: customer, amount: Won(1_000_000), reason: "오류")
        _ = try Submission.outcome(of: user) { try shop.served.balanceCorrections(by: staff).ask(draft, $0) }
        let says = "확인을 기다리는 잔액 정정"
        let html = pages.get("/admin", as: boss).html
        #expect(html.contains(says) && html.contains("class=\"tile tile-warn\" href=\"/admin/corrections\""))
        #expect(!pages.get("/admin", as: try logIn(.reader)).html.contains(says))
    }

    @Test func `today stands beside a week ago, with the difference in words and with a sign`() throws {
        let day = shop.today
        for (day, minutes, price) in [(day, 60, 2_000), (day, 660, 8_000), (day + 7, 60, 3_000), (day + 7, 620, 500)] {
            shop.clock.set(shop.policy.calendar.firstHour(of: day).start + .minutes(Int64(minutes)))
            try sell("사과\(day.number)\(minutes)", price: Int64(price))
        }
        let html = pages.get("/admin", as: try logIn(.reader)).html
        #expect(html.contains("<strong class=\"tile-number\">3,500원</strong>"))
        #expect(html.contains("10:00까지 3,000원, 지난주 2,000원"))
        #expect(html.contains("▲ 1,000원 늘었습니다 (+50%)"))
        #expect(html.contains("= 지난주와 같습니다"))
        #expect(html.contains("<title>11:00: 0원, 지난주 8,000원</title>"))
        #expect(html.contains("<title>10:00: 500원, 지난주 0원</title>"))
    }

    @Test func `who does not see figures is told of the orders that wait, and of nothing else`() throws {
        let token = try logIn(.support)
        let nothing = pages.get("/admin", as: token).html
        #expect(nothing.contains("<h1>오늘</h1>") && !nothing.contains("class=\"tile\""))
        _ = try shop.order([(try shop.product("배", price: 2_000), 1)], try shop.customer("waiting"))
        _ = try shop.product("감", stock: 0)
        _ = try shop.coupon()
        let html = pages.get("/admin", as: token).html
        #expect(html.contains("결제를 기다리는 주문") && html.contains("2,000원"))
        #expect(html.matches(of: /class="tile[ "]/).count == 1)
        #expect(!html.contains("매출") && !html.contains("백업") && !html.contains("/admin/figures"))
    }

    @Test func `figures of any days stand in tiles, bars and a table`() throws {
        try sell("사과 <b>", price: 7_000)
        let token = try logIn(.reader)
        let day = pages.get("/admin/figures", as: token).html
        #expect(day.contains("value=\"2026-03-02\"") && day.contains("<option value=\"hour\" selected>"))
        #expect(day.contains("<title>10:00: 7,000원, 결제 1건</title>") && day.contains("<th scope=\"row\">10:00</th>"))
        #expect(day.contains("가장 많은 때: 10:00, 7,000원"))
        #expect(day.contains("사과 &lt;b&gt;") && !day.contains("<b>"))
        let month = pages.get("/admin/figures?from=2026-03-01&to=2026-03-31", as: token).html
        #expect(month.contains("<h2>2026년 3월</h2>"))
        #expect(month.contains("<option value=\"day\" selected>"))
        #expect(month.contains("<a href=\"/admin/figures?from=2026-03-02&amp;to=2026-03-02\">3월 2일 (월)</a>"))
        #expect(month.contains("rel=\"prev\" href=\"/admin/figures?from=2026-02-01&amp;to=2026-02-28\""))
        #expect(month.contains("rel=\"next\" href=\"/admin/figures?from=2026-04-01&amp;to=2026-04-30\""))
        let year = pages.get("/admin/figures?from=2026-01-01&to=2026-12-31", as: token, in: "en").html
        #expect(year.contains("<h2>2026</h2>") && year.contains("from=2025-01-01&amp;to=2025-12-31"))
        #expect(year.contains("Highest: Mar 2026, ₩7,000"))
    }

    @Test func `days in the wrong order and steps that are too small are understood`() throws {
        let token = try logIn(.reader)
        let swapped = pages.get("/admin/figures?from=2026-03-05&to=2026-03-02", as: token)
        #expect(swapped.html.contains("2026년 3월 2일 (월)부터 2026년 3월 5일 (목)까지"))
        let long = pages.get("/admin/figures?from=2026-01-01&to=2026-06-30&by=hour", as: token)
        #expect(long.html.contains("<option value=\"month\" selected>"))
        for query in ["from=x", "to=2026-02-30", "by=week", "from=0001-01-01&to=9999-12-31"] {
            #expect(pages.get("/admin/figures?\(query)", as: token).status == .unprocessableContent, "\(query)")
        }
    }

    @Test func `all products of a time come page by page`() throws {
        for number in 1...55 { try sell("상품\(number)", price: Int64(number * 1_000)) }
        let token = try logIn(.reader)
        let first = pages.get("/admin/figures", as: token).html
        #expect(first.contains("상품55") && first.contains("상품46") && !first.contains("상품45"))
        let path = "/admin/figures/products?from=2026-03-02&amp;to=2026-03-02"
        #expect(first.contains("href=\"\(path)\""))
        let list = pages.get(path.replacing("&amp;", with: "&"), as: token).html
        #expect(list.contains("상품55") && list.contains("상품6<") && !list.contains("상품5<"))
        let link = String(try #require(list.firstMatch(of: /rel="next" href="([^"]*)"/)).output.1)
        let next = pages.get(link.replacing("&amp;", with: "&"), as: token).html
        #expect(next.contains("상품5<") && next.contains("상품1<") && !next.contains("상품6<"))
        #expect(!next.contains("rel=\"next\""))
    }

    @Test(arguments: [
        ("2026-03-02", "2026-03-02", "2026-03-01", "2026-03-03"),
        ("2026-03-02", "2026-03-08", "2026-02-23", "2026-03-09"),
        ("2024-02-01", "2024-02-29", "2024-01-01", "2024-03-01"),
        ("2026-01-01", "2026-12-31", "2025-01-01", "2027-01-01"),
        ("2026-01-01", "2026-01-31", "2025-12-01", "2026-02-01"),
        ("2026-01-01", "2026-02-28", "2025-11-03", "2026-03-01"),
    ])
    func `the days before and after are as many, or another month or year`(
        _ from: String, _ to: String, _ before: String, _ after: String
    ) throws {
        let days = try #require(Day(from))...(try #require(Day(to)))
        let (earlier, later) = (try #require(days.neighbour(-1)), try #require(days.neighbour(1)))
        #expect(earlier.lowerBound.text == before)
        #expect(earlier.upperBound == days.lowerBound - 1)
        #expect(later.lowerBound.text == after)
        #expect(later.lowerBound == days.upperBound + 1)
    }

    @Test(arguments: [
        ("0001-01-01", "0002-12-31", false, true), ("0001-01-01", "0001-01-31", false, true),
        ("9998-01-01", "9999-12-31", true, false), ("9999-12-31", "9999-12-31", true, false),
    ])
    func `no link leads to days that nobody can ask for`(
        _ from: String, _ to: String, _ hasEarlier: Bool, _ hasLater: Bool
    ) throws {
        let response = pages.get("/admin/figures?from=\(from)&to=\(to)", as: try logIn(.reader))
        #expect(response.status == .ok)
        #expect(response.html.contains("rel=\"prev\"") == hasEarlier)
        #expect(response.html.contains("rel=\"next\"") == hasLater)
    }

    @Test func `a scale ends at a round number that no bar is above`() {
        for (greatest, top, half) in [
            (0, "2", "1"), (1, "2", "1"), (7, "8", "4"), (10, "10", "5"), (11, "20", "10"), (29_500, "30000", "15000"),
            (100_001, "200000", "100000"),
        ] {
            let value = BarChart.Value(name: "", amount: Int64(greatest), before: nil, text: "")
            let chart = BarChart(
                "", [value], summary: "", table: FigureTable(rowName: "", columns: [], rows: [], sums: nil)
            ) { String($0) }
            #expect(chart.top == top && chart.half == half, "\(greatest)")
            #expect((greatest == 0 ? 0...0 : 1...100).contains(chart.bars[0].height))
        }
    }
}

extension TestShop {
    fileprivate var today: Day { self.policy.calendar.day(of: clock.now) }
}
