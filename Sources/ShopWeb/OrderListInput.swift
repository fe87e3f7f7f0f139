import Shop
import Web

/// The part of the orders of all customers that a request asks for.
struct OrderListInput {
    /// How many orders the staff's page has.
    static let pageLimit = 50

    /// The longest login or number that is searched for, in characters.
    static let longestText = 64

    let query: OrderQuery
    let after: OrderPosition?
    let limit: Int

    /// - Parameter isForPeople: whether it is for a page, which has a fixed length, and one field for number and login.
    init(_ request: Request, isForPeople: Bool = false) throws {
        var fields = try QueryFields(request)
        query = isForPeople ? fields.searchedOrders() : fields.orderQuery()
        limit = isForPeople ? Self.pageLimit : fields.limit()
        if let cursor = fields.text("cursor", longest: Cursor.longestText) {
            after = query.position(cursor)
            if after == nil { fields.refuse("cursor", .cursor) }
        } else {
            after = nil
        }
        try fields.finish()
    }
}

extension QueryFields {
    /// A program's: `number` and `login` are fields of their own.
    fileprivate mutating func orderQuery() -> OrderQuery {
        let order = number("number", of: Order.self)
        let login = filled("login", longest: OrderListInput.longestText)?.lowercased()
        return orderQuery(number: order, login: login, isForPeople: false)
    }

    /// A page's: `q` is a number or a login. Digits are both, so that they are a login only if no order has that number.
    fileprivate mutating func searchedOrders() -> OrderQuery {
        orderQuery(
            number: nil, login: filled("q", longest: OrderListInput.longestText)?.lowercased(), isForPeople: true)
    }

    private mutating func orderQuery(number: OrderID?, login: String?, isForPeople: Bool) -> OrderQuery {
        let words = Order.Status.allCases.map(\.rawValue)
        let word = filled("status", longest: 20)
        let status = word.flatMap { Order.Status(rawValue: $0) }
        if word != nil, status == nil { refuse("status", .choice(words)) }
        let product = self.number("product", of: Product.self)
        let (isRefunded, hasCoupon) = (flag("refunded"), flag("coupon"))
        let (from, to) = period(inAnyOrder: isForPeople)
        let days = filled("by", longest: 10)
        if let days, !["made", "paid"].contains(days) { refuse("by", .choice(["made", "paid"])) }
        return OrderQuery(
            number: number, login: login, product: product, status: status, isRefunded: isRefunded,
            hasCoupon: hasCoupon, from: from, to: to, isByPayment: days == "paid")
    }

    /// Whether `true` is asked for.
    private mutating func flag(_ name: String) -> Bool {
        guard let text = filled(name, longest: 5) else { return false }
        if text != "true", text != "false" { refuse(name, .choice(["true", "false"])) }
        return text == "true"
    }

    private mutating func number<Entity>(_ name: String, of _: Entity.Type) -> ID<Entity>? {
        guard let text = filled(name, longest: 20) else { return nil }
        guard let number = Int64(text), ID<Entity>.range.contains(number) else {
            refuse(name, .type("integer"))
            return nil
        }
        return ID(number)
    }

    /// nil for a field that a form left empty, too.
    private mutating func filled(_ name: String, longest: Int) -> String? {
        guard let text = text(name, longest: longest) else { return nil }
        let trimmed = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return trimmed.isEmpty ? nil : trimmed
    }
}

extension OrderQuery {
    /// The cursor to the part that begins behind a position.
    func cursor(_ position: OrderPosition) -> String {
        list.text(position.createdAt.milliseconds, position.id.value)
    }

    fileprivate func position(_ cursor: String) -> OrderPosition? {
        guard let position = list.position(cursor, count: 2) else { return nil }
        return OrderPosition(createdAt: Timestamp(milliseconds: position[0]), id: OrderID(position[1]))
    }

    private var list: Cursor { Cursor(list: "orders of all \(self)") }
}
