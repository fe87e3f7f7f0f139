import Shop
import Web

/// The figures that a request asks for, as a file with a line for each step.
func figureFile(
    _ request: Request, _ shop: Shop, of reports: FigureReports, isForPeople: Bool = false
) throws -> ListFile<FigureReport.Period, Int> {
    let query = try FigureInput(request, shop, isForPeople: isForPeople).query
    let periods = try reports.report(query).periods
    let calendar = shop.policy.calendar
    return ListFile(
        name: query.days.fileName("figures"),
        columns: [
            "from", "to", "clock", "hour", "orders", "order_amount", "paid", "revenue", "refunds", "refund_amount",
            "coupons", "customers",
        ]
    ) { start, limit in
        periods.part(from: start ?? 0, limit)
    } row: { csv, period in
        csv.text(period.days.lowerBound.text)
        csv.text(period.days.upperBound.text)
        csv.text(period.hour.map(calendar.clock))
        csv.text(period.hour.map { DateTime.text($0.start) })
        csv.figures(period.figures)
        csv.endRow()
    }
}

/// What was sold of each product on the days that a request asks for, as a file with a line for each product.
func productFigureFile(
    _ request: Request, _ shop: Shop, of reports: FigureReports, isForPeople: Bool = false
) throws -> ListFile<(figures: ProductFigures, product: ManagedProduct?), Int> {
    var fields = try QueryFields(request)
    let days = fields.productDays(shop, isForPeople: isForPeople)
    try fields.finish()
    let sold = try reports.allProducts(days)
    return ListFile(
        name: days.fileName("products-sold"), columns: ["product_id", "sku", "name", "quantity", "amount"]
    ) { start, limit in
        let part = sold.part(from: start ?? 0, limit)
        return ListPart(items: try reports.named(part.items), next: part.next)
    } row: { csv, row in
        csv.number(row.figures.product.value)
        csv.text(row.product?.sku?.text)
        csv.text(row.product?.name)
        csv.number(row.figures.quantity)
        csv.number(row.figures.amount.amount)
        csv.endRow()
    }
}

extension CSVWriter {
    fileprivate mutating func figures(_ figures: Figures) {
        number(figures.orders)
        number(figures.orderAmount.amount)
        number(figures.paid)
        number(figures.revenue.amount)
        number(figures.refunds)
        number(figures.refundAmount.amount)
        number(figures.coupons)
        number(figures.customers)
    }
}

extension Array where Element: Sendable {
    /// A part of what is there as a whole.
    fileprivate func part(from start: Int, _ limit: Int) -> ListPart<Element, Int> {
        let end = Swift.min(count, start + limit)
        return ListPart(items: Array(self[start..<end]), next: end < count ? end : nil)
    }
}

extension ClosedRange<Day> {
    /// The name of a file about these days.
    fileprivate func fileName(_ what: String) -> String {
        lowerBound == upperBound
            ? "\(what)-\(lowerBound.text)" : "\(what)-\(lowerBound.text)-to-\(upperBound.text)"
    }
}
