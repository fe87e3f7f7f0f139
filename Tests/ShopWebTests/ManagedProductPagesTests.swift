import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// The staff's pages of products: found, added, edited, changed several at once.
struct ManagedProductPagesTests {
    let pages: PageShop
    private let token: Token

    init() throws {
        pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "manager", password: "correct horse", name: "직원", role: .manager))
        token = try pages.shop.accounts.logIn(
            login: "manager", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    private func get(_ path: String, in language: String = "ko") -> Response {
        pages.get(path, as: token, in: language)
    }

    /// Sends a form with the key and the token that it carries.
    private func post(_ path: String, _ fields: KeyValuePairs<String, String>) -> Response {
        let form = [("csrf", token.formToken()), ("key", Token.random().text)] + fields.map { ($0.key, $0.value) }
        return pages.post(
            path, form.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&"), as: token)
    }

    private func product(_ id: ProductID) throws -> ManagedProduct {
        try pages.shop.served.managedProducts(for: .test).find(id)
    }

    private func link(_ html: String, rel: String) throws -> String {
        let found = try #require(html.firstMatch(of: try Regex("rel=\"\(rel)\" href=\"([^\"]+)\"")))
        return String(try #require(found[1].substring)).replacing("&amp;", with: "&")
    }

    @Test func `the list has pages of fifty, filters that count their work, and a search`() throws {
        for number in 1...51 { _ = try pages.shop.product("배 \(number)", stock: number == 1 ? 0 : 5) }
        let first = get("/admin/products").html
        #expect(first.contains(">배 51<") && first.contains(">배 2<") && !first.contains(">배 1<"))
        let second = get(try link(first, rel: "next")).html
        #expect(second.contains(">배 1<") && !second.contains(">배 2<"))
        #expect(first.contains("href=\"/admin/products?filter=sold-out\">품절 <span class=\"chip-count\">1</span>"))
        let soldOut = get("/admin/products?filter=sold-out", in: "en").html
        #expect(soldOut.contains(">배 1<") && !soldOut.contains(">배 2<") && soldOut.contains("Sold out"))
        let found = get("/admin/products?q=%EB%B0%B0+7").html
        #expect(found.contains(">배 7<") && !found.contains(">배 8<"))
        #expect(get("/admin/products?filter=low").html.contains("할 일이 없습니다"))
        #expect(get("/admin/products?filter=nothing").status == .unprocessableContent)
    }

    @Test func `a product is added, and a wrong form says each mistake and keeps what was typed`() throws {
        let wrong = post(
            "/admin/products", ["name": "", "price": "만원", "stock": "-1", "sku": "=1", "description": "달다"])
        #expect(wrong.status == .unprocessableContent)
        for field in ["name", "price", "stock", "sku"] { #expect(wrong.html.contains("href=\"#field-\(field)\"")) }
        #expect(wrong.html.contains("value=\"만원\"") && wrong.html.contains("달다</textarea>"))
        let right = post(
            "/admin/products",
            ["name": "사과", "price": "29,500원", "stock": "7", "sku": "A-1", "lowStock": "2", "description": "a\r\nb"])
        #expect(right.fields[.location] == "/admin/products/1")
        let added = try product(ProductID(1))
        #expect((added.name, added.price, added.stock) == ("사과", Won(29_500), 7))
        #expect((added.sku?.text, added.lowStock, added.isListed) == ("A-1", 2, false))
        #expect(added.description == "a\nb")
        let taken = post("/admin/products", ["name": "배", "price": "1", "stock": "1", "sku": "a-1"])
        #expect(taken.status == .conflict && taken.html.contains("id=\"error-sku\""))
    }

    @Test func `a form sent twice adds one product`() throws {
        let form = "csrf=\(token.formToken())&key=\(Token.random().text)&name=a&price=1&stock=1"
        let answers = (0..<2).map { _ in pages.post("/admin/products", form, as: token) }
        #expect(answers.map { $0.fields[.location] } == ["/admin/products/1", "/admin/products/1"])
        #expect(throws: ShopError.productNotFound) { try product(ProductID(2)) }
    }

    @Test func `a copy begins with the words of another, unlisted and without its number`() throws {
        let id = try pages.shop.product("사과", price: 7_000, description: "달다")
        _ = try pages.shop.served.productAdministration(by: .test).update(id, ProductChange(sku: SKU("A-1")))
        let html = get("/admin/products/new?from=1").html
        #expect(html.contains("value=\"사과\"") && html.contains("value=\"7,000\"") && html.contains("달다</textarea>"))
        #expect(!html.contains("A-1") && !html.contains("value=\"1\" checked"))
        #expect(get("/admin/products/new?from=9").status == .notFound)
    }

    @Test func `a product is edited, listed and unlisted on its page`() throws {
        let id = try pages.shop.product("사과", price: 7_000)
        let path = "/admin/products/1"
        let page = get(path)
        #expect(page.value(of: "version") == "1")
        let saved = post(path, ["version": "1", "name": "배", "price": "8,000", "sku": "B", "listed": "1"])
        #expect(saved.status == .seeOther && saved.fields[.location] == path)
        #expect(try (product(id).name, product(id).price, product(id).sku?.text) == ("배", Won(8_000), "B"))
        #expect(post(path + "/listing", [:]).status == .seeOther)
        #expect(try !product(id).isListed)
        #expect(post(path + "/listing", ["listed": "1"]).status == .seeOther)
        #expect(try product(id).isListed)
        #expect(post(path, ["name": "배", "price": "1"]).status == .forbidden)
        #expect(get("/admin/products/9").status == .notFound)
    }

    @Test func `the stock is changed by a difference with a reason, and its ledger has pages`() throws {
        let id = try pages.shop.product("사과", stock: 5)
        let path = "/admin/products/1"
        #expect(post(path + "/stock", ["stockChange": "+3", "reason": "delivery"]).status == .seeOther)
        #expect(try product(id).stock == 8)
        let missing = post(path + "/stock", ["stockChange": "3", "reason": ""])
        #expect(missing.status == .unprocessableContent && missing.html.contains("id=\"error-reason\""))
        // The other form on the page keeps what the product says.
        #expect(missing.html.contains("name=\"name\" value=\"사과\""))
        let short = post(path + "/stock", ["stockChange": "-9", "reason": "count"])
        #expect(short.status == .conflict && short.html.contains("id=\"error-stockChange\""))
        #expect(post(path + "/stock", ["stockChange": "0", "reason": "count"]).status == .unprocessableContent)
        for _ in 0..<20 { _ = try pages.shop.change(id, stockChange: 1) }
        let first = get(path).html
        #expect(first.contains("id=\"movement-22\"") && !first.contains("id=\"movement-2\""))
        let second = get(try link(first, rel: "next")).html
        #expect(second.contains("id=\"movement-2\"") && second.contains("id=\"movement-1\""))
        #expect(second.contains("입고") && second.contains(">+3<") && second.contains(">manager<"))
        #expect(try product(id).stock == 28)
    }

    @Test func `an edit of an old version stands beside what it says now, and one chooses`() throws {
        let id = try pages.shop.product("사과", price: 7_000, description: "달다")
        let path = "/admin/products/1"
        let mark = try #require(get(path).value(of: "mark"))
        _ = try pages.shop.change(id, name: "능금", description: "시다")
        let mine: KeyValuePairs = [
            "version": "1", "mark": mark, "name": "홍옥", "price": "8000", "description": "달다", "listed": "1",
        ]
        let asked = post(path, mine)
        #expect(asked.status == .conflict)
        #expect(try (product(id).name, product(id).price) == ("능금", Won(7_000)))
        for part in ["홍옥", "능금", "8,000원", "7,000원", "시다"] { #expect(asked.html.contains(part), "\(part)") }
        // Only I touched the price, only the other one the description, both the name.
        func isChosen(_ field: String, _ side: String) -> Bool {
            asked.html.contains("name=\"keep-\(field)\" value=\"\(side)\" checked")
        }
        #expect(isChosen("price", "mine") && isChosen("description", "now"))
        #expect(!isChosen("name", "mine") && !isChosen("name", "now"))
        #expect(!asked.html.contains("keep-listed"))
        func choose(_ name: String) -> Response {
            post(
                path,
                [
                    "version": "2", "mark": mark, "choosing": "1", "name": "홍옥", "price": "8000", "description": "달다",
                    "listed": "1", "keep-price": "mine", "keep-description": "now", "keep-name": name,
                ])
        }
        let again = choose("")
        #expect(again.status == .unprocessableContent && again.html.contains("href=\"#field-keep-name\""))
        #expect(choose("now").status == .seeOther)
        let product = try product(id)
        #expect((product.name, product.price, product.description) == ("능금", Won(8_000), "시다"))
    }

    @Test func `rows are changed together in the list, and each refusal is at its row`() throws {
        let ids = try (1...3).map { try pages.shop.product("배 \($0)", price: 1_000, stock: 2) }
        let html = get("/admin/products?edit").html
        #expect(html.contains("name=\"was-1\" value=\"1.1000.1\"") && html.contains("name=\"rows\" value=\"3 2 1\""))
        #expect(!get("/admin/products").html.contains("was-1"))
        _ = try pages.shop.change(ids[2], price: 5_000)
        let rows: [(String, String)] = [
            ("rows", "3 2 1"), ("was-1", "1.1000.1"), ("price-1", "2,000"), ("change-1", "+4"), ("listed-1", "1"),
            ("was-2", "1.1000.1"), ("price-2", "1000"), ("change-2", "-3"), ("was-3", "1.1000.1"), ("price-3", "900"),
            ("change-3", ""), ("listed-3", "1"),
        ]
        func save(_ more: [(String, String)]) -> Response {
            let form = [("csrf", token.formToken()), ("key", Token.random().text)] + rows + more
            return pages.post(
                "/admin/products/rows", form.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&"),
                as: token)
        }
        let missing = save([])
        #expect(missing.status == .unprocessableContent && missing.html.contains("id=\"error-reason\""))
        let refused = save([("reason", "count")])
        #expect(refused.status == .conflict)
        #expect(refused.html.contains("href=\"#field-change-2\"") && refused.html.contains("href=\"#field-row-3\""))
        #expect(refused.html.contains("name=\"was-3\" value=\"2.5000.1\"") && refused.html.contains("5,000원"))
        #expect(refused.html.contains("name=\"was-2\" value=\"1.1000.1\"") && refused.html.contains("value=\"900\""))
        #expect(try ids.map { try product($0).price } == [Won(1_000), Won(1_000), Won(5_000)])
        let saved = post(
            "/admin/products/rows",
            [
                "rows": "3 2 1", "reason": "count", "was-1": "1.1000.1", "price-1": "2,000", "change-1": "+4",
                "listed-1": "1", "was-2": "1.1000.1", "price-2": "1000", "change-2": "-2", "was-3": "2.5000.1",
                "price-3": "900", "listed-3": "1",
            ])
        #expect(saved.status == .seeOther)
        #expect(try ids.map { try product($0).price } == [Won(2_000), Won(1_000), Won(900)])
        #expect(try ids.map { try product($0).stock } == [6, 0, 2])
        #expect(try ids.map { try product($0).isListed } == [true, false, true])
        #expect(
            post("/admin/products/rows", ["rows": "1", "was-1": "2.2000.1", "price-1": "2000", "listed-1": "1"]).status
                == .unprocessableContent)
        #expect(try pages.shop.audit() == [])
    }

    @Test func `several change after a page that says what will, and not if they have changed meanwhile`() throws {
        let ids = try (1...3).map { try pages.shop.product("배 \($0)", price: Int64($0) * 1_234) }
        #expect(get("/admin/products/several?action=raise&percent=10").status == .seeOther)
        let wrong = get("/admin/products/several?action=raise&percent=x&select=1")
        #expect(wrong.status == .unprocessableContent && wrong.html.contains("id=\"error-percent\""))
        let seen = get("/admin/products/several?action=raise&percent=10&unit=100&select=1&select=3").html
        #expect(seen.contains("상품 2개의 가격을 10% 올립니다") && seen.contains("100원 단위로 반올림"))
        #expect(seen.contains("<strong>1,400원</strong>") && seen.contains("<strong>4,100원</strong>"))
        #expect(try product(ids[0]).price == Won(1_234))
        func confirm(_ marks: String) -> Response {
            post(
                "/admin/products/several", ["action": "raise", "percent": "10", "unit": "100", "products": marks])
        }
        _ = try pages.shop.change(ids[2], price: 10)
        let refused = confirm("1.1 3.1")
        #expect(refused.status == .conflict && refused.html.contains("href=\"#field-row-3\""))
        #expect(refused.html.contains("name=\"products\" value=\"1.1"))
        #expect(try product(ids[0]).price == Won(1_234))
        #expect(confirm("1.1").status == .seeOther)
        #expect(try product(ids[0]).price == Won(1_400))
        let all = get("/admin/products/several?action=unlist&all=1&q=%EB%B0%B0").html
        #expect(all.contains("상품 3개의 판매를 중지합니다"))
        #expect(post("/admin/products/several", ["action": "unlist", "products": "1.2 2.1 3.2"]).status == .seeOther)
        #expect(try ids.map { try product($0).isListed } == [false, false, false])
        #expect(
            try pages.shop.served.trace(for: .test).list(TraceQuery(), before: nil, limit: 3).items.map(
                \.line.subject.id
            ).sorted() == [1, 2, 3])
    }

    @Test func `who only reads sees no form, and is told that there is none`() throws {
        _ = try pages.shop.product("사과")
        _ = try pages.shop.administration.create(
            SignUp(login: "reader", password: "correct horse", name: "직원", role: .reader))
        let reader = try pages.shop.accounts.logIn(
            login: "reader", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
        for path in ["/admin/products", "/admin/products/1"] {
            let html = pages.get(path, as: reader).html
            #expect(html.contains("사과") && !html.contains("action=\"/admin/products/") && !html.contains("new\""))
        }
        #expect(pages.get("/admin/products?edit", as: reader).status == .notFound)
    }

    @Test func `the stock is changed through the page while it is sold`() throws {
        let id = try pages.shop.product("사과", stock: 100)
        let buyers = try (0..<32).map { try pages.shop.customer("buyer-\($0)", balance: 100_000) }
        let race = Racers(36) { number in
            for _ in 0..<3 {
                if number < buyers.count {
                    let buyer = buyers[number]
                    _ = try pages.shop.pay(try pages.shop.order([(id, 1)], buyer).id, buyer)
                } else {
                    let answer = post("/admin/products/1/stock", ["stockChange": "8", "reason": "delivery"])
                    #expect(answer.status == .seeOther)
                }
            }
        }
        for outcome in try #require(race.outcomes()) { try outcome.get() }
        #expect(try product(id).stock == 100)
        #expect(try pages.shop.audit() == [])
    }
}
