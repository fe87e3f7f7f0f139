import Foundation
import SQLite
import Shop
import ShopTestSupport
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
        for text in ["송한", "산직", "지송", "봉3", "한라봉봉", "호3", "산지 감귤", "산지한라봉", "한라봉산지직송"] {
            #expect(try found(text) == [], "\(text)")
        }
    }

    @Test func `one character is found at the start of a word or of a part of one`() throws {
        _ = try shop.product("배")
        _ = try shop.product("나주배")
        _ = try shop.product("사과")
        #expect(try found("배") == ["나주배", "배"])
        #expect(try found("주") == ["나주배"])
        #expect(try found("과") == ["사과"])
    }

    @Test func `name and description are searched together, but no word spans both`() throws {
        _ = try shop.product("사과", description: "나주에서 왔다")
        #expect(try found("나주에서 사과") == ["사과"])
        for text in ["과나", "사과나주", "사과나주에서"] { #expect(try found(text) == [], "\(text)") }
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
    func `whatever a person types is a search, and finds exactly that`(_ text: String) throws {
        _ = try shop.product("무", description: "다른 것")
        for order in ProductQuery.Order.allCases { _ = try found(text, order) }
        let words = text.split(whereSeparator: \.isWhitespace)
        // NUL is refused earlier; an empty search finds everything.
        if words.isEmpty || text.contains("\0") { return }
        _ = try shop.product("앞 \(text) 뒤")
        #expect(try found(text).contains("앞 \(text) 뒤"))
        #expect(try !found(text + "없음").contains("무"))
    }

    @Test func `an article's long number is found among hundreds that begin like it`() throws {
        let numbers = (0..<600).map { "JANGTEO-SERIES-2026-\(1_000 + $0)" }
        try shop.store.write { tx in
            for number in numbers {
                _ = try tx.products.add(
                    ProductDraft(name: number, description: "", price: Won(1_000), stock: 1), at: shop.clock.now)
            }
        }
        for order in ProductQuery.Order.allCases {
            #expect(try found("jangteo-series-2026-1000", order) == [numbers[0]])
            #expect(try found("JANGTEO-SERIES-2026-1599", order) == [numbers[599]])
        }
    }

    @Test func `signs make no difference, unless nothing else is searched for`() throws {
        _ = try shop.product("A-4 (100%)")
        _ = try shop.product("A4 100")
        for text in ["a-4", "a4", "100%)", "00", "(100)", "\"a4\"!", "「A4」", "A–4", "a4,100"] {
            #expect(try found(text).count == 2, "\(text)")
        }
        #expect(try found("%") == ["A-4 (100%)"])
        #expect(try found("()") == ["A-4 (100%)"])
        #expect(try found("()!") == [])
    }

    @Test func `a sign between words separates them`() throws {
        _ = try shop.product("[햇살] 사과(부사)/배, 3.5kg 5,000원 1+1")
        for text in ["햇살", "사과", "부사", "배", "3.5kg", "5000원", "5,000", "1+1", "사과/배", "사과(부사)", "[햇살]"] {
            #expect(try found(text, .mostRelevant).count == 1, "\(text)")
        }
        for text in ["과부", "사배", "35kg", "11", "살사"] { #expect(try found(text) == [], "\(text)") }
    }

    @Test func `a character is the same however it is encoded`() throws {
        _ = try shop.product("의성 마늘 10kg Café ①호", description: "둘째 줄의 ｶﾞ")
        _ = try shop.product("의성 마늘 10kg Café 1호".decomposedStringWithCanonicalMapping, description: "둘째 줄의 ガ")
        for text in [
            "마늘", "마늘".decomposedStringWithCanonicalMapping, "１０ｋｇ", "10㎏", "CAFÉ", "cafe\u{301}", "1호", "①호",
            "마\u{200B}늘",
            "마늘\u{FEFF}", "ㅁㅏ늘", "ガ", "ｶﾞ",
        ] {
            for order in ProductQuery.Order.allCases { #expect(try found(text, order).count == 2, "\(text)") }
        }
    }

    @Test func `from three letters on words are found without their spaces, and with others`() throws {
        _ = try shop.product("철원 오대쌀 10kg", description: "갓 도정한 쌀")
        _ = try shop.product("철원오대쌀10kg")
        for text in ["오대쌀10kg", "오대쌀 10kg", "철원오대쌀", "철원 오대쌀10kg", "원오대", "쌀10"] {
            #expect(try found(text).count == 2, "\(text)")
        }
        #expect(try found("도정한쌀") == ["철원 오대쌀 10kg"])
        #expect(try found("kg갓도정") == [])
    }

    private func similar(_ text: String, _ order: ProductQuery.Order = .mostRelevant) throws -> FoundProducts {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        return try shop.products.search(ProductQuery(order: order, words: words, takesSimilar: true))
    }

    private func similarNames(_ text: String) throws -> [String] { try similar(text).page.items.map(\.name) }

    @Test func `words that a name writes apart are found if nothing has them together`() throws {
        _ = try shop.product("철원 오대쌀 10kg")
        _ = try shop.product("강원 햇감자 10kg")
        for text in ["철원쌀", "철원쌀10kg", "쌀10kg철원", "오대쌀철원", "10kg오대쌀", "철원쌀 10kg"] {
            #expect(try similarNames(text) == ["철원 오대쌀 10kg"], "\(text)")
        }
        for text in ["철원감자", "원쌀감", "철원쌀20kg"] { #expect(try similarNames(text) == [], "\(text)") }
        #expect(try found("철원쌀") == [], "who did not ask for what is similar")
    }

    @Test(arguments: ["마눌", "머늘", "아늘", "마느", "마늗", "깐마눌", "깐마늘르", "만을", "깐만을", "의성깐마눌"])
    func `one wrong letter in a syllable is forgiven`(_ text: String) throws {
        _ = try shop.product("의성 깐마늘 1kg", description: "한지형 육쪽마늘")
        _ = try shop.product("무안 양파 5kg", description: "마을에서 왔다")
        _ = try shop.product("깐 마늘르")
        guard text != "깐마늘르" else { return #expect(try similarNames(text) == ["깐 마늘르"]) }
        for order in ProductQuery.Order.allCases {
            let found = try similar(text, order)
            #expect(found.isSimilar)
            #expect(found.page.items.map(\.name).contains("의성 깐마늘 1kg"), "\(text)")
            #expect(!found.page.items.map(\.name).contains("무안 양파 5kg"), "\(text)")
        }
        #expect(try found(text) == [], "who did not ask for what is similar")
    }

    @Test func `two wrong letters are not forgiven, and what is found as typed is not changed`() throws {
        _ = try shop.product("의성 깐마늘 1kg")
        for text in ["머눌", "미눌", "늘마", "garlik", "마늘빵"] { #expect(try similarNames(text) == [], "\(text)") }
        _ = try shop.product("마눌 인형")
        #expect(try similarNames("마눌") == ["마눌 인형"])
        #expect(try !similar("마눌").isSimilar)
    }

    @Test func `of several words the one that occurs nowhere is corrected`() throws {
        _ = try shop.product("의성 깐마늘 1kg")
        _ = try shop.product("남해 마늘 1kg")
        #expect(try similarNames("의성 마눌") == ["의성 깐마늘 1kg"])
        #expect(try similarNames("남해 마눌 1kg") == ["남해 마늘 1kg"])
        #expect(try similarNames("남해 깐마늘") == [])
        #expect(try similarNames("남해 고구마") == [])
    }

    @Test func `whole words in a name come first, then names, then descriptions, each newest first`() throws {
        let described = try (0..<4).map { try shop.product("반찬 \($0)", description: "사과로 담근 것") }
        let named = try (0..<4).map { try shop.product("꿀사과즙 \($0)") }
        let whole = try (0..<4).map { try shop.product("사과 \($0)", description: "사과") }
        let more = try shop.product("꿀사과")
        let expected = whole.reversed() + [more] + named.reversed() + described.reversed()
        for limit in 1...5 {
            var seen: [ProductID] = []
            var after: ProductQuery.Position?
            repeat {
                let query = ProductQuery(order: .mostRelevant, words: ["사과"], after: after, limit: limit)
                let page = try shop.products.list(query)
                seen += page.items.map(\.id)
                after = page.hasMore ? page.items.last.map { .init(price: $0.price, id: $0.id) } : nil
            } while after != nil
            #expect(seen == Array(expected))
        }
        #expect(try found("꿀사과", .mostRelevant).first == "꿀사과")
        #expect(try found("3 사과", .mostRelevant) == ["사과 3", "꿀사과즙 3", "반찬 3"])
    }

    @Test func `the number of results is given, up to a thousand`() throws {
        try shop.store.write { tx in
            for number in 0..<1_100 {
                _ = try tx.products.add(
                    ProductDraft(
                        name: number < 900 ? "사과 \(number)" : "배 \(number)", description: "과일", price: Won(1), stock: 1),
                    at: shop.clock.now)
            }
        }
        for order in ProductQuery.Order.allCases {
            #expect(try similar("사과", order).number == .init(900))
            #expect(try similar("과일", order).number == .init(1_000, isMore: true))
            #expect(try similar("사과 77", order).number == .init(18))
            #expect(try similar("없음", order).number == .init(0))
            #expect(try similar("과일 사과 9 0 배 1 2 일", order).number == .init(0))
        }
        let gone = try #require(try similar("사과 899").page.items.first).id
        _ = try shop.change(gone, isListed: false)
        #expect(try similar("사과").number == .init(899))
        #expect(try shop.products.search(ProductQuery()).number == nil)
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

/// A shop that sold before the index had its present form.
struct SearchMigrationTests {
    @Test func `an older shop's products are found like new ones, and can be changed`() throws {
        let folder = try TemporaryFolder()
        let path = folder("shop.db")
        let old = try Connection(path: path, access: .create, busyTimeoutMilliseconds: 5_000)
        try old.execute(
            """
            PRAGMA journal_mode = WAL; \(schema0001); \(schema0002); PRAGMA user_version = 2;
            INSERT INTO products (id, listed, price, supplied, stock, views, created_at, name, description)
            VALUES (3, 1, 100, 5, 5, 0, 0, '철원 오대쌀 10kg', '갓 도정한 쌀'), (9, 0, 100, 5, 5, 0, 0, '깐마늘', '');
            INSERT INTO product_search (rowid, pairs) VALUES (3, '철원 원\u{F8FF} 철 원'), (9, '깐마 마늘 늘\u{F8FF} 깐 늘 마');
            """)
        try Migrations.migrate(old)
        #expect(try Audit.differences(path: path) == [])
        let store = try SQLiteStore(path: path, options: .test, logger: .silent)
        defer { store.close() }
        func found(_ word: String) throws -> [Int64] {
            let query = ProductQuery(order: .mostRelevant, words: [word], takesSimilar: true)
            return try store.read { tx in try tx.products.search(query).page.items.map(\.id.value) }
        }
        #expect(try found("오대쌀10kg") == [3])
        #expect(try found("철원쌀") == [3])
        #expect(try found("마눌") == [], "it is not listed")
        try store.write { tx in
            let listed = ProductChange(
                name: "깐 마늘", description: nil, price: nil, stockChange: nil, isListed: true)
            try tx.products.update(ProductID(9), listed)
            try tx.products.update(
                ProductID(3), ProductChange(name: "보리", description: nil, price: nil, stockChange: nil, isListed: nil))
        }
        #expect(try found("마눌") == [9])
        #expect(try found("오대쌀") == [])
        #expect(try found("도정한쌀") == [3])
        try old.execute("INSERT INTO product_search (product_search) VALUES ('integrity-check')")
    }
}
