import Shop
import Web

/// The product list that a request's query asks for.
struct ProductListInput {
    let query: ProductQuery
    /// The search as typed.
    let text: String

    /// The longest search, in characters.
    static let longestText = 100

    /// - Parameter isForPeople: whether it is for a page. A page has a fixed length and searches as people do; a
    ///   program gets only exact matches, unless it sorts by relevance.
    init(_ request: Request, isForPeople: Bool = false) throws {
        var fields = try QueryFields(request)
        text = fields.text("q", longest: Self.longestText) ?? ""
        let words = text.split(whereSeparator: \.isWhitespace).map { String($0) }
        let standard: ProductQuery.Order = isForPeople && !words.isEmpty ? .mostRelevant : .newest
        let order = fields.choice("sort", default: standard, word: \.sortWord)
        let limit = isForPeople ? ProductQuery.usualLimit : fields.limit()
        var after: ProductQuery.Position?
        if let cursor = fields.text("cursor", longest: Cursor.longestText) {
            after = ProductQuery.position(cursor, order, words)
            if after == nil { fields.refuse("cursor", .cursor) }
        }
        try fields.finish()
        query = ProductQuery(
            order: order, words: words, takesSimilar: isForPeople || order == .mostRelevant, after: after, limit: limit)
    }
}

extension ProductQuery {
    /// The cursor after a product in this query's list.
    func cursor(after product: Product) -> String {
        Self.list(order, words).text(product.price.amount, product.id.value)
    }

    fileprivate static func position(_ cursor: String, _ order: Order, _ words: [String]) -> Position? {
        guard let position = list(order, words).position(cursor, count: 2) else { return nil }
        return Position(price: Won(position[0]), id: ProductID(position[1]))
    }

    private static func list(_ order: Order, _ words: [String]) -> Cursor {
        Cursor(list: "products \(order.sortWord) \(words.joined(separator: " "))")
    }
}

extension ProductQuery.Order {
    /// The word for it in addresses.
    var sortWord: String {
        switch self {
        case .newest: "newest"
        case .cheapestFirst: "price"
        case .dearestFirst: "-price"
        case .mostRelevant: "relevance"
        }
    }
}
