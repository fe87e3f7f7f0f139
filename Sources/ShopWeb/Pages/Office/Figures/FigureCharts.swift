import Shop

/// Draws figures.
struct FigureCharts {
    private let wording: Wording
    private let calendar: ShopCalendar

    init(_ wording: Wording, _ calendar: ShopCalendar) {
        self.wording = wording
        self.calendar = calendar
    }

    private var words: Words { wording.words }

    /// The figures' names, in the order of `Wording.values`.
    static let columns: [WordKey] = [
        .figureOrders, .figureOrderAmount, .figurePaid, .figureRevenue, .figureRefunds, .figureRefundAmount,
        .figureCoupons, .figureCustomers,
    ]

    /// What the steps are called.
    static let names: [FigureStep: WordKey] = [
        .hour: .byHour, .day: .byDay, .month: .byMonth, .year: .byYear,
    ]

    /// The revenue of each period.
    func chart(_ report: FigureReport) -> BarChart {
        let title: WordKey =
            switch report.query.step {
            case .hour: .chartByHour
            case .day: .chartByDay
            case .month: .chartByMonth
            case .year: .chartByYear
            }
        let names = names(report)
        return BarChart(
            words(title), values(report, names), axis: axis(report), summary: summary(report, names),
            table: table(report, names), number: scale)
    }

    /// Each hour of today, beside the same day a week ago.
    func hours(of today: Today) -> BarChart {
        let report = today.hours.today
        let names = names(report)
        let before = today.hours.weekAgo.periods.map(\.figures.revenue)
        func weekAgo(_ place: Int) -> Won { before.indices.contains(place) ? before[place] : .zero }
        let values = report.periods.enumerated().map { place, period in
            BarChart.Value(
                name: names[place], amount: period.figures.revenue.amount, before: weekAgo(place).amount,
                text: words(
                    .barBefore,
                    [
                        "name": .text(names[place]), "amount": .won(period.figures.revenue),
                        "before": .won(weekAgo(place)),
                    ]))
        }
        let column = words(.columnWeekAgo)
        let table = table(report, names) { place in [FigureCell(column: column, value: wording.won(weekAgo(place)))] }
        return BarChart(
            words(.chartToday), values, summary: summary(report, names), before: words(.chartBefore), table: table,
            number: scale)
    }

    /// Each of the last days, today among them.
    func days(of today: Today) -> BarChart {
        let report = today.days
        let names = names(report)
        return BarChart(
            words(.chartLastDays, ["count": .number(Int64(report.periods.count))]), values(report, names),
            axis: axis(report), summary: summary(report, names), table: table(report, names), number: scale)
    }

    private func names(_ report: FigureReport) -> [String] {
        report.periods.map { period in
            let first = period.days.lowerBound
            return switch report.query.step {
            case .hour where report.query.days.count == 1: period.hour.map(calendar.clock) ?? ""
            case .hour: wording.shortDay(first) + " " + (period.hour.map(calendar.clock) ?? "")
            case .day: wording.shortDay(first)
            case .month: wording.month(first)
            case .year: wording.year(first)
            }
        }
    }

    /// The names, as short as there is room below the bars of a telephone; nil if they are.
    private func axis(_ report: FigureReport) -> [String]? {
        switch report.query.step {
        case .hour where report.query.days.count > 1, .day: report.periods.map { wording.axisDay($0.days.lowerBound) }
        case .hour, .month, .year: nil
        }
    }

    private func values(_ report: FigureReport, _ names: [String]) -> [BarChart.Value] {
        zip(report.periods, names).map { period, name in
            BarChart.Value(
                name: name, amount: period.figures.revenue.amount, before: nil,
                text: words(
                    .barText,
                    [
                        "name": .text(name), "amount": .won(period.figures.revenue),
                        "paid": .number(period.figures.paid),
                    ]))
        }
    }

    /// The period with the most revenue.
    private func summary(_ report: FigureReport, _ names: [String]) -> String {
        let best = zip(report.periods, names).max { $0.0.figures.revenue < $1.0.figures.revenue }
        guard let (period, name) = best, period.figures.revenue > .zero else { return words(.chartNothing) }
        return words(.chartHighest, ["name": .text(name), "amount": .won(period.figures.revenue)])
    }

    /// - Parameter more: further cells of a row.
    private func table(
        _ report: FigureReport, _ names: [String], more: (Int) -> [FigureCell] = { _ in [] }
    ) -> FigureTable {
        let columns = Self.columns.map { words($0) }
        func cells(_ figures: Figures) -> [FigureCell] {
            zip(columns, wording.values(figures)).map { FigureCell(column: $0, value: $1) }
        }
        return FigureTable(
            rowName: words(Self.names[report.query.step] ?? .byDay), columns: columns + more(0).map(\.column),
            rows: report.periods.enumerated().map { place, period in
                FigureRow(
                    label: names[place], href: period.hour == nil ? SitePath.figures(period.days).text : nil,
                    cells: cells(period.figures) + more(place))
            }, sums: FigureRow(label: words(.figureSum), href: nil, cells: cells(report.sum)))
    }

    private func scale(_ amount: Int64) -> String { wording.won(Won(amount)) }
}

extension Wording {
    /// The figures in the order of `FigureCharts.columns`.
    func values(_ figures: Figures) -> [String] {
        [
            number(figures.orders), won(figures.orderAmount), number(figures.paid), won(figures.revenue),
            number(figures.refunds), won(figures.refundAmount), number(figures.coupons), number(figures.customers),
        ]
    }
}
