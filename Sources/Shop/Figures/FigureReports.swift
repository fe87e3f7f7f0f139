import POSIX

/// What happened in the shop, for those who may see it.
public struct FigureReports: Capability, Sendable {
    let context: Context

    /// The figures of the days that the query asks for, in its steps; none is left out, even if nothing happened in it.
    public func report(_ query: FigureQuery) throws -> FigureReport {
        let calendar = policy.calendar
        let hours = try store.read { tx in try tx.figures.hours(calendar.hours(of: query.days)) }
        return FigureReport(query, hours, calendar)
    }

    /// What was sold of each product on these days: the one with the most first, by amount, then by id.
    ///
    /// - Parameter after: the last product of the page before; nil for the first page.
    public func products(
        _ days: ClosedRange<Day>, after: ProductFigures?, limit: Int
    ) throws -> ListPage<(figures: ProductFigures, name: String)> {
        try readingMuch(days) { tx, hours in
            var best = Ranking(atMost: limit + 1)
            for product in try tx.figures.products(hours, days) where after.map({ $0.isBefore(product) }) ?? true {
                best.add(product)
            }
            let page = ListPage(fetched: best.items, limit: limit)
            return ListPage(
                try page.items.map { ($0, try tx.products.find($0.product)?.name ?? "") }, hasMore: page.hasMore)
        }
    }

    /// What was sold of every product on these days, in the order of `products`, found once: for a file, which tells all of
    /// them however many there are.
    public func allProducts(_ days: ClosedRange<Day>) throws -> [ProductFigures] {
        try readingMuch(days) { tx, hours in try tx.figures.products(hours, days).sorted { $0.isBefore($1) } }
    }

    /// A year's sales are some seconds of the processor, in which others want to buy.
    private func readingMuch<Result>(
        _ days: ClosedRange<Day>, _ work: (any Repositories, Range<Hour>) throws -> Result
    ) throws -> Result {
        let hours = policy.calendar.hours(of: days)
        return try ProcessorTurn.keepingShort { try store.read { tx in try work(tx, hours) } }
    }

    /// The products as the staff see them; none is missing, as none is ever removed.
    public func named(
        _ products: some Sequence<ProductFigures>
    ) throws -> [(figures: ProductFigures, product: ManagedProduct?)] {
        try store.read { tx in try products.map { ($0, try tx.products.findManaged($0.product)) } }
    }

    /// The first and the last day that have figures; nil before anything has happened.
    public func days() throws -> ClosedRange<Day>? {
        let today = policy.calendar.day(of: clock.now())
        guard let first = try store.read({ tx in try tx.figures.firstHour() }) else { return nil }
        let day = policy.calendar.day(of: first.start)
        return min(day, today)...today
    }
}

extension Shop {
    /// Throws `forbidden` for who may not see them.
    public func figures(for staff: Staff) throws -> FigureReports {
        try staff.check(.readFigures)
        return FigureReports(context: context)
    }
}

extension ProductFigures {
    /// Whether it comes before another in the list.
    func isBefore(_ other: ProductFigures) -> Bool {
        amount == other.amount ? product < other.product : amount > other.amount
    }
}

/// The first few products of a long list, found without sorting all of it.
private struct Ranking {
    private let limit: Int
    private(set) var items: [ProductFigures] = []

    init(atMost limit: Int) { self.limit = limit }

    mutating func add(_ product: ProductFigures) {
        if items.count == limit, let last = items.last, last.isBefore(product) { return }
        // Where it belongs, by halves.
        var (low, high) = (0, items.count)
        while low < high {
            let middle = (low + high) / 2
            if items[middle].isBefore(product) { low = middle + 1 } else { high = middle }
        }
        items.insert(product, at: low)
        if items.count > limit { items.removeLast() }
    }
}
