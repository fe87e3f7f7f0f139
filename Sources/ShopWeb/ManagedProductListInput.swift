import Shop
import Web

/// The staff's list of products that a request's query asks for.
struct ManagedProductListInput {
    /// How many products the staff's page has.
    static let pageLimit = 50

    let query: ManagedProductQuery
    /// The search as typed.
    let text: String

    /// - Parameter isForPeople: whether it is for a page, which has a fixed length.
    init(_ request: Request, isForPeople: Bool = false) throws {
        var fields = try QueryFields(request)
        self.init(&fields, isForPeople: isForPeople)
        try fields.finish()
    }

    init(_ fields: inout QueryFields, isForPeople: Bool) {
        text = fields.text("q", longest: ProductListInput.longestText) ?? ""
        let words = text.split(whereSeparator: \.isWhitespace).map { String($0) }
        let filter = fields.choice("filter", default: ManagedProductQuery.Filter.all, word: \.word)
        let order = fields.choice("sort", default: ManagedProductQuery.Order.newest, word: \.word)
        let limit = isForPeople ? Self.pageLimit : fields.limit()
        let list = ManagedProductQuery(filter: filter, order: order, words: words)
        var after: ManagedProductQuery.Position?
        if let cursor = fields.text("cursor", longest: Cursor.longestText) {
            after = list.position(cursor)
            if after == nil { fields.refuse("cursor", .cursor) }
        }
        query = list.from(after, limit: limit)
    }
}

extension ManagedProductQuery {
    /// The cursor to the page that begins behind this product.
    func cursor(_ position: Position) -> String { list.text(position.price.amount, position.id.value) }

    fileprivate func position(_ cursor: String) -> Position? {
        guard let position = list.position(cursor, count: 2) else { return nil }
        return Position(price: Won(position[0]), id: ProductID(position[1]))
    }

    private var list: Cursor {
        Cursor(list: "managed products \(filter.word) \(order.word) \(words.joined(separator: " "))")
    }
}

extension ManagedProductQuery.Filter {
    /// The word for it in addresses.
    var word: String {
        switch self {
        case .all: "all"
        case .listed: "listed"
        case .unlisted: "unlisted"
        case .soldOut: "sold-out"
        case .low: "low"
        case .withoutPicture: "without-picture"
        }
    }
}

extension ManagedProductQuery.Order {
    /// The word for it in addresses.
    var word: String {
        switch self {
        case .newest: "newest"
        case .name: "name"
        case .cheapestFirst: "price"
        case .dearestFirst: "-price"
        }
    }
}
