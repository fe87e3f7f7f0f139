import Shop
import TestSupport
import Testing

@testable import ShopStore

/// What a search finds.
struct SearchTests {
    let shop: TestShop

    init() throws { shop = try TestShop() }

    private func found(_ text: String, _ order: ProductQuery.Order = .newest) throws -> [String] {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        return try shop.products.list(ProductQuery(order: order, words: words, limit: 100)).items.map(\.name)
    }

    @Test func `parts of words are found from two characters on, at the start, inside and at the end`() throws {
        _ = try shop.product("산지직송 한라봉 3호")
        for text in ["산지", "지직", "직송", "산지직송", "한라", "라봉", "3호", "한라봉", "산지 3호", "3호 산지", "직송 라봉"] {
            #expect(try found(text) == ["산지직송 한라봉 3호"], "\(text)")
        }
        for text in ["송한", "산직", "지송", "봉3", "한라봉봉", "산지직송한라봉", "호3", "산지 감귤"] {
            #expect(try found(text) == [], "\(text)")
        }
    }

    @Test func `one character is found where a word or a part of one begins with it`() throws {
        _ = try shop.product("배")
        _ = try shop.product("나주배")
        _ = try shop.product("사과")
        #expect(try found("배") == ["나주배", "배"])
        #expect(try found("주") == ["나주배"])
        #expect(try found("과") == ["사과"])
    }

    @Test func `name and description are searched together, but no word reaches over`() throws {
        _ = try shop.product("사과", description: "나주에서 왔다")
        #expect(try found("나주에서 사과") == ["사과"])
        #expect(try found("과나") == [])
    }

    @Test func `case does not matter`() throws {
        _ = try shop.product("Organic ÉCLAIR Ωmega")
        for text in ["organic", "ORGANIC", "éclair", "ÉCLAIR", "ωMEGA", "gAnI"] {
            #expect(try found(text).count == 1, "\(text)")
        }
    }

    @Test func `a change of the texts is found, and what was there before is not`() throws {
        let apple = try shop.product("사과", description: "달다")
        _ = try shop.change(apple, name: "한라봉")
        #expect(try found("사과") == [])
        #expect(try found("한라봉 달다") == ["한라봉"])
        _ = try shop.change(apple, description: "시다")
        #expect(try found("달다") == [])
        #expect(try found("시다") == ["한라봉"])
    }

    @Test(arguments: [
        "\"", "\"\"", "'", "사과\"", "*", "사과*", "NEAR(", "NEAR(사과 배, 2)", "사과 OR 배", "NOT 사과", "AND", "사과 AND",
        "^사과", "pairs:사과", "-사과", "+", "(", ")", "(사과", "{a b}", "\\", "%", "_", ";", "--", "/*", "?", "?1", ":a",
        "@", "$x", "#", "a.b", "\u{0}", "사과\u{0}", "🛒", "👨‍👩‍👧‍👦", "\u{F8FF}", "\u{E022}", "\u{301}", "\u{FEFF}", "\u{202E}",
        "ㅅ",
        "\u{1109}\u{1161}", "\u{10FFFF}", "i̇", "ß", "１２", "　", "",
    ])
    func `whatever a person types is a search, and finds it as it stands`(_ text: String) throws {
        _ = try shop.product("무", description: "다른 것")
        for order in ProductQuery.Order.allCases { _ = try found(text, order) }
        let words = text.split(whereSeparator: \.isWhitespace)
        // NUL is refused at the door; nothing to look for finds everything.
        if words.isEmpty || text.contains("\0") { return }
        _ = try shop.product("앞 \(text) 뒤")
        #expect(try found(text).contains("앞 \(text) 뒤"))
        #expect(try !found(text + "없음").contains("무"))
    }

    @Test func `an article's long number is found among hundreds that begin like it`() throws {
        let numbers = (0..<600).map { "JANGTEO-SERIES-2026-\(1_000 + $0)" }
        try shop.store.write { store in
            for number in numbers {
                _ = try store.products.add(
                    ProductDraft(name: number, description: "", price: Won(1_000), stock: 1), at: shop.clock.now)
            }
        }
        for order in ProductQuery.Order.allCases {
            #expect(try found("jangteo-series-2026-1000", order) == [numbers[0]])
            #expect(try found("JANGTEO-SERIES-2026-1599", order) == [numbers[599]])
        }
    }

    @Test func `signs count as characters`() throws {
        _ = try shop.product("A-4 (100%)")
        _ = try shop.product("A4 100")
        #expect(try found("a-4") == ["A-4 (100%)"])
        #expect(try found("100%)") == ["A-4 (100%)"])
        #expect(try found("00").count == 2)
    }

    @Test func `operators are words`() throws {
        _ = try shop.product("salt OR pepper")
        _ = try shop.product("salt pepper")
        #expect(try found("salt OR pepper") == ["salt OR pepper"])
        #expect(try found("NOT salt") == [])
    }

    @Test func `unlisted products are not found`() throws {
        let apple = try shop.product("사과")
        _ = try shop.change(apple, isListed: false)
        for order in ProductQuery.Order.allCases { #expect(try found("사과", order) == []) }
    }

    @Test func `a text of a hundred words is a search too`() throws {
        _ = try shop.product("사과")
        #expect(try found(String(repeating: "사 ", count: 50)) == ["사과"])
        #expect(try found(String(repeating: "사과", count: 50)) == [])
        _ = try shop.product("JANGTEO-2026-000123 가 나 다 라 마 바 사 아")
        for order in ProductQuery.Order.allCases {
            #expect(try found("jangteo-2026-000123", order).count == 1)
            #expect(try found("jangteo-2026-000124", order) == [], "nor what begins like it")
            #expect(try found("아 사 바 마 라 다 나 가", order).count == 1)
            #expect(try found("아 사 바 마 라 다 나 하", order) == [], "each word counts")
        }
    }
}
