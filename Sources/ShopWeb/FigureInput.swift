import Shop
import Web

/// The figures that a request asks for.
struct FigureInput {
    let query: FigureQuery

    /// Throws a `ValidationError` for a query that cannot be.
    ///
    /// - Parameter isForPeople: whether it is for a page, which takes days in any order, and larger steps for more days.
    init(_ request: Request, _ shop: Shop, isForPeople: Bool = false) throws {
        var fields = try QueryFields(request)
        let days = fields.days(standard: shop.today...shop.today, inAnyOrder: isForPeople)
        var step = fields.choice("by", default: FigureStep.usual(for: days), word: \.rawValue)
        if isForPeople, days.count > step.mostDays { step = .usual(for: days) }
        if days.count > step.mostDays { fields.refuse("to", .more(Int(step.mostDays))) }
        try fields.finish()
        query = FigureQuery(days, by: step)
    }
}

/// The page of products that a request asks for.
struct ProductFigureInput {
    let days: ClosedRange<Day>
    let items: ListPage<(figures: ProductFigures, name: String)>
    let isFirst: Bool
    /// The cursor to the next page, if there is one.
    let next: String?

    /// The most days that may be asked for: what was sold in them is added up for each request.
    static let mostDays = FigureStep.day.mostDays

    /// How many products a page has.
    static let pageLimit = 50

    /// Throws a `ValidationError` for a query that cannot be.
    ///
    /// - Parameter isForPeople: whether it is for a page, which has a fixed length.
    init(_ request: Request, _ shop: Shop, of reports: FigureReports, isForPeople: Bool = false) throws {
        var fields = try QueryFields(request)
        days = fields.productDays(shop, isForPeople: isForPeople)
        let list = Cursor(list: "product figures \(days.lowerBound.number) \(days.upperBound.number)")
        let limit = isForPeople ? Self.pageLimit : fields.limit()
        var after: ProductFigures?
        if let cursor = fields.text("cursor", longest: Cursor.longestText) {
            let position = list.position(cursor, count: 2)
            if position == nil { fields.refuse("cursor", .cursor) }
            after = position.map { ProductFigures(product: ProductID($0[1]), quantity: 0, amount: Won($0[0])) }
        }
        try fields.finish()
        items = try reports.products(days, after: after, limit: limit)
        isFirst = after == nil
        next =
            items.hasMore
            ? items.items.last.map { list.text($0.figures.amount.amount, $0.figures.product.value) } : nil
    }
}

extension Shop {
    /// The day that it is by the shop's calendar.
    var today: Day { policy.calendar.day(of: clock.now()) }
}

extension FigureStep {
    /// What so many days are read in best.
    static func usual(for days: ClosedRange<Day>) -> FigureStep {
        switch days.count {
        case ...1: .hour
        case ...92: .day
        case ...1_100: .month
        default: .year
        }
    }
}

extension ClosedRange<Day> {
    var count: Int64 { upperBound - lowerBound + 1 }
}

extension QueryFields {
    /// The days whose products are asked for, at most `ProductFigureInput.mostDays`.
    mutating func productDays(_ shop: Shop, isForPeople: Bool) -> ClosedRange<Day> {
        let days = days(standard: shop.today...shop.today, inAnyOrder: isForPeople)
        if days.count > ProductFigureInput.mostDays { refuse("to", .more(Int(ProductFigureInput.mostDays))) }
        return days
    }

    /// The days from `from` to `to`, each a date; without one of them, that of the other.
    mutating func days(standard: ClosedRange<Day>, inAnyOrder: Bool) -> ClosedRange<Day> {
        let (from, to) = (day("from"), day("to"))
        guard let first = from ?? to, let last = to ?? from else { return standard }
        guard first <= last else {
            if inAnyOrder { return last...first }
            refuse("to", .after("from"))
            return first...first
        }
        return first...last
    }

    /// The days `from` and `to` as they are given, for a list that may have an open end.
    mutating func period(inAnyOrder: Bool) -> (from: Day?, to: Day?) {
        let (from, to) = (day("from"), day("to"))
        guard let first = from, let last = to, first > last else { return (from, to) }
        // Whoever fills in the fields of a page means the days between them.
        if inAnyOrder { return (last, first) }
        refuse("to", .after("from"))
        return (from, to)
    }

    /// nil for a field that a form left empty, too.
    mutating func day(_ name: String) -> Day? {
        guard let text = text(name, longest: 10), !text.isEmpty else { return nil }
        guard let day = Day(text) else {
            refuse(name, .type("date"))
            return nil
        }
        return day
    }
}

extension Day {
    /// nil for what is no date as in RFC 3339, `2026-03-02`.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], parts.allSatisfy({ $0.utf8.allSatisfy(\.isDigit) }),
            let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// As in RFC 3339.
    var text: String { String(DateTime.text(Timestamp(milliseconds: number * 86_400_000)).prefix { $0 != "T" }) }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
}
