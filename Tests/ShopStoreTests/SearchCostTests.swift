import Glibc
import SQLite
import Shop
import ShopTestSupport
import TestSupport
import Testing

@testable import ShopStore

/// What a search costs over a hundred thousand products, and that it finds the right ones there.
struct SearchCostTests {
    @Test func `a search over 100,000 products takes some milliseconds of a processor at most`() throws {
        let shop = try TestShop()
        var demo = BulkDemo()
        demo.products = 100_000
        try demo.fill(path: shop.path, clock: shop.clock.shopClock, token: nil)
        let texts = [
            "사과", "한라봉", "99999호", "12345호", "산지직송", "산지직송 한라봉", "kg", "정성껏 고른", "호", "1", "상품입니다",
            "상품 사과 1", "없는것", "사과 한라봉", "9호 햇살", "김", "프리미엄 김치 3kg", "고른 77777호", "송 한", "입니 니다 다.",
            String(repeating: "호 ", count: 49) + "없", "상 품 입 니 다 정 성 껏 고 른 , . k g 호 없는것",
            "상 품 입 니 다 정 성 껏 고 른 사 배", "정성 성껏 고른 상품 품입 입니 니다 다. kg, 사과 한라", "상품입니다. 정성껏 고른 프리미엄 한우",
            "사 과 한 라 봉", "1 2 3 4 5 6 7 8 9", String(repeating: "1", count: 100), String(repeating: "12", count: 50),
            "정성껏 고른 상품입니다. 햇살 사과 1호 6kg, 정성 상품 고른", "12345호12345호12345호", "햇살사과", "산지직송한라봉", "사과12345호",
            "상품입니다정성껏고른", "입니다정성껏", "프리미엄김치",
        ]
        let catalogue = try Catalogue(shop)
        let bound = try CostBound()
        var costs: [(text: String, milliseconds: Double)] = []
        func measure(_ text: String, _ search: () throws -> Void) throws {
            costs.append((text, try bound.expect(text, search)))
        }
        for text in texts {
            let words = text.split(separator: " ").map(String.init)
            for order in ProductQuery.Order.allCases {
                var after: ProductQuery.Position?
                for page in 1...2 {
                    let query = ProductQuery(order: order, words: words, after: after)
                    var found: [Product] = []
                    try measure("\(text) \(order) page \(page)") { found = try shop.products.list(query).items }
                    #expect(found.map(\.id.value) == catalogue.page(query), "\(text) \(order) page \(page)")
                    guard let last = found.last else { break }
                    after = .init(price: last.price, id: last.id)
                }
            }
        }
        // Texts that match nothing as typed, and what was meant; "" if that is nothing, or too much to say.
        for (text, meant) in [
            ("햇살사가", "햇살 사과"), ("상품임니다", ""), ("한라뵹", "한라봉"), ("고츄장", "고추장"), ("산지직손", "산지직송"), ("사과햇살", "햇살 사과"),
            ("없는것", ""), ("정성것고른상품입니다", ""), ("김치프리미엄99999호", ""), ("가나다라마바사아", ""), ("호호호호호호호호", ""),
            ("품상품상품상품상", ""), ("햇살 한라뵹", "햇살 한라봉"), ("상품입니다상품입니다", ""), ("고른상품입니다정성", ""), ("정성껏 고른 상품입니다 호호", ""),
        ] {
            let words = text.split(separator: " ").map(String.init)
            for order in ProductQuery.Order.allCases {
                let query = ProductQuery(order: order, words: words, takesSimilar: true)
                var found: FoundProducts?
                try measure("\(text) or similar \(order)") { found = try shop.products.search(query) }
                if meant.isEmpty { continue }
                let products = found?.page.items ?? []
                #expect(!products.isEmpty && found?.isSimilar == true, "\(text)")
                #expect(
                    products.allSatisfy { product in
                        meant.split(separator: " ").allSatisfy { product.name.contains($0) }
                    }, "\(text)")
            }
        }
        // With the number of results.
        for text in texts {
            let words = text.split(separator: " ").map(String.init)
            for order in ProductQuery.Order.allCases {
                let query = ProductQuery(order: order, words: words, takesSimilar: true)
                var found: FoundProducts?
                try measure("\(text) \(order), counted") { found = try shop.products.search(query) }
                guard let number = found?.number, found?.isSimilar == false else { continue }
                let count = catalogue.count(words)
                #expect(number == .init(min(count, 1_000), isMore: count > 1_000), "\(text) \(order)")
            }
        }
        // As the staff search, with each filter: those that leave nothing are the dearest.
        let managed = try shop.served.managedProducts(for: .test)
        for text in texts {
            let words = text.split(separator: " ").map(String.init)
            for filter in ManagedProductQuery.Filter.allCases {
                let query = ManagedProductQuery(filter: filter, words: words, limit: 50)
                try measure("\(text) \(filter), for the staff") { _ = try managed.list(query) }
            }
        }
        costs.sort { $0.milliseconds > $1.milliseconds }
        for (text, cost) in costs.prefix(8) { print("search: \(cost) ms for \(text)") }
    }
}

/// All products, scanned one by one.
private final class Catalogue {
    private struct Entry {
        let id, price: Int64
        /// With a space before, between and after the words.
        let name: [CChar]
        let text: [CChar]
        /// Without spaces; nothing spans the name and the description.
        let joinedName: [CChar]
        let joined: [CChar]
    }

    private struct Found {
        let id, price: Int64
        /// 0 for whole words in the name, 1 for parts of it.
        let rank: Int
    }

    private let products: [Entry]
    private var found: (words: [String], products: [Found])?

    init(_ shop: TestShop) throws {
        products = try shop.connection().rows(of: "SELECT id, price, name, description FROM products").map { row in
            let (name, description) = (Self.words(row[2]), Self.words(row[3]))
            return Entry(
                id: try #require(Int64(row[0])), price: try #require(Int64(row[1])), name: Array(name.utf8CString),
                text: Array((name + "|" + description).utf8CString),
                joinedName: Array(name.replacing(" ", with: "").utf8CString),
                joined: Array((name + "|" + description).replacing(" ", with: "").utf8CString))
        }
    }

    /// The texts here contain no signs but these.
    private static func words(_ text: String) -> String {
        let words = text.lowercased().split { " .,".contains($0) }
        return " " + words.map { $0 + " " }.joined()
    }

    /// The ids on the query's page.
    func page(_ query: ProductQuery) -> [Int64] {
        let all = find(query.words)
        let last = all.first { $0.id == query.after?.id.value }
        func comesBefore(_ one: Found, _ other: Found) -> Bool {
            switch query.order {
            case .newest: one.id > other.id
            case .cheapestFirst: (one.price, one.id) < (other.price, other.id)
            case .dearestFirst: (one.price, one.id) > (other.price, other.id)
            case .mostRelevant: (one.rank, other.id) < (other.rank, one.id)
            }
        }
        let rest = all.filter { product in last.map { comesBefore($0, product) } ?? true }
        return rest.sorted(by: comesBefore).prefix(query.limit).map(\.id)
    }

    func count(_ words: [String]) -> Int { find(words).count }

    private func find(_ typed: [String]) -> [Found] {
        if let found, found.words == typed { return found.products }
        let words = Set(typed.flatMap { Self.words($0).split(separator: " ").map(String.init) })
        // Searches with too much for the index to be asked for all of it are not ranked.
        let isRanked = words.count <= 6 && words.allSatisfy { $0.count <= 16 }
        let matches = products.compactMap { product -> Found? in
            guard words.allSatisfy({ strstr($0.count < 3 ? product.text : product.joined, $0) != nil }) else {
                return nil
            }
            let isWhole = words.allSatisfy { strstr(product.name, " \($0) ") != nil }
            let isInName = words.allSatisfy { word in
                switch word.count {
                case 1: strstr(product.name, " \(word) ") != nil
                case 2: strstr(product.joinedName, word) != nil
                default: strstr(product.joinedName, word) != nil
                }
            }
            return Found(
                id: product.id, price: product.price, rank: !isRanked ? 0 : isWhole ? 0 : isInName ? 1 : 2)
        }
        found = (typed, matches)
        return matches
    }
}
