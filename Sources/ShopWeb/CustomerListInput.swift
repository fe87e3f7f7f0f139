import Shop
import Web

/// The page of the accounts that a request asks for.
struct CustomerListInput {
    let query: CustomerQuery
    let list: CustomerList
    let isFirst: Bool
    /// The cursor to the next page, if there is one.
    let next: String?

    /// Throws a `ValidationError` for a query that cannot be.
    init(_ request: Request, of customers: Customers) throws {
        var fields = try QueryFields(request)
        let query = fields.customerQuery()
        self.query = query
        let cursor = Cursor(list: "customers \(query.group.rawValue) \(query.text)")
        let limit = fields.limit(usual: CustomerQuery.usualLimit)
        var position: CustomerQuery.Position?
        if let text = fields.text("cursor", longest: Cursor.longestText) {
            position = cursor.position(text, count: 2).flatMap { numbers in
                CustomerQuery.Way(rawValue: numbers[0]).map { CustomerQuery.Position($0, UserID(numbers[1])) }
            }
            if position == nil { fields.refuse("cursor", .cursor) }
        }
        try fields.finish()
        list = try customers.list(query, after: position, limit: limit)
        isFirst = position == nil
        next = list.next.map { cursor.text($0.way.rawValue, $0.last.value) }
    }
}

extension QueryFields {
    /// Which accounts are asked for.
    mutating func customerQuery() -> CustomerQuery {
        CustomerQuery(
            text("q", longest: CustomerQuery.longestText) ?? "",
            in: choice("group", default: .all, word: \.rawValue))
    }
}
