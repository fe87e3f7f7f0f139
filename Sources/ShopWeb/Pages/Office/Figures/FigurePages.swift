import Shop
import Web

/// How the shop does: today, and on any days.
struct FigurePages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.office) { visit, staff, _ in try visit.today(staff) }
        pages.getForStaff(.figures) { visit, staff, _ in try visit.figures(staff) }
        pages.getFileForStaff(.figuresFile) { visit, staff in
            try figureFile(visit.request, visit.shop, of: visit.shop.figures(for: staff), isForPeople: true)
        }
        pages.getFileForStaff(.figureProductsFile) { visit, staff in
            try productFigureFile(visit.request, visit.shop, of: visit.shop.figures(for: staff), isForPeople: true)
        }
        pages.getForStaff(.figureProducts) { visit, staff, _ in try visit.figureProducts(staff) }
    }
}

extension Visit {
    /// So many of the products stand on the page of the figures.
    private static let shownProducts = 10

    fileprivate func today(_ staff: Staff) throws -> Response {
        let today = staff.sees(.figures) ? try shop.figures(for: staff).today(for: staff) : nil
        let work = try today?.work ?? shop.work(for: staff)
        let charts = FigureCharts(wording, shop.policy.calendar)
        let model = TodayPage(
            day: wording.day(work.day), tasks: TodayTasks(work, wording).tiles,
            figures: today.map { TodayFigures($0, wording, shop.policy.calendar).tiles } ?? [],
            charts: today.map { [charts.hours(of: $0), charts.days(of: $0)] } ?? [],
            allHref: SitePath.figures().text)
        return officePage(model, words(.titleOffice), in: .today, by: staff)
    }

    fileprivate func figures(_ staff: Staff) throws -> Response {
        let reports = try shop.figures(for: staff)
        let query = try FigureInput(request, shop, isForPeople: true).query
        let (days, report) = (query.days, try reports.report(query))
        let model = FiguresPage(
            period: wording.days(days), form: form(query),
            previousHref: days.neighbour(-1).map { SitePath.figures($0).text },
            nextHref: days.neighbour(1).map { SitePath.figures($0).text },
            sums: zip(FigureCharts.columns, wording.values(report.sum)).map { Tile(words($0), $1) },
            chart: FigureCharts(wording, shop.policy.calendar).chart(report),
            fileHref: SitePath.figuresFile(days, by: query.step).text, products: try ranking(days, reports))
        return officePage(model, words(.titleFigures), in: .figures, by: staff)
    }

    private func ranking(_ days: ClosedRange<Day>, _ reports: FigureReports) throws -> ProductRanking? {
        guard days.count <= ProductFigureInput.mostDays else { return nil }
        let best = try reports.products(days, after: nil, limit: Self.shownProducts)
        return ProductRanking(
            rows: best.items.map(row), allHref: best.hasMore ? SitePath.figureProducts(days).text : nil,
            fileHref: SitePath.figureProductsFile(days).text)
    }

    fileprivate func figureProducts(_ staff: Staff) throws -> Response {
        let list = try ProductFigureInput(request, shop, of: shop.figures(for: staff), isForPeople: true)
        let model = ProductFiguresPage(
            period: wording.days(list.days), periodHref: SitePath.figures(list.days).text,
            ranking: ProductRanking(
                rows: list.items.items.map(row), allHref: nil, fileHref: SitePath.figureProductsFile(list.days).text),
            pages: PageLinks(
                first: list.isFirst ? nil : .figureProducts(list.days),
                next: list.next.map { .figureProducts(list.days, cursor: $0) }))
        return officePage(model, words(.titleFigureProducts), in: .figures, by: staff)
    }

    private func row(_ item: (figures: ProductFigures, name: String)) -> ProductRankingRow {
        ProductRankingRow(
            href: SitePath.managedProduct(item.figures.product).text, name: wording.named(item.name),
            quantity: wording.number(item.figures.quantity), amount: wording.won(item.figures.amount))
    }

    private func form(_ query: FigureQuery) -> FigureForm {
        let today = shop.today
        let monday = today - Int64(today.weekday)
        let month = today.startOfMonth
        let periods: [(WordKey, ClosedRange<Day>)] = [
            (.periodToday, today...today), (.periodYesterday, today - 1...today - 1),
            (.periodThisWeek, monday...monday + 6), (.periodThisMonth, month...month.month(after: 1) - 1),
            (.periodLastMonth, month.month(after: -1)...month - 1),
            (.periodYear, today.startOfYear...today.startOfYear.month(after: 12) - 1),
        ]
        return FigureForm(
            from: query.days.lowerBound.text, to: query.days.upperBound.text,
            steps: FigureStep.allCases.map { step in
                FigureChoice(
                    word: step.rawValue, name: words(FigureCharts.names[step] ?? .byDay),
                    href: SitePath.figures(query.days, by: step).text, isChosen: step == query.step)
            },
            periods: periods.map { name, days in
                FigureChoice(
                    word: "", name: words(name), href: SitePath.figures(days).text, isChosen: days == query.days)
            })
    }
}

extension ClosedRange<Day> {
    /// The days before these or after them: another year, another month, or as many days. nil for days that nobody can
    /// ask for.
    func neighbour(_ direction: Int64) -> ClosedRange<Day>? {
        let days = unboundedNeighbour(direction)
        return Day.range.contains(days.lowerBound) && Day.range.contains(days.upperBound) ? days : nil
    }

    private func unboundedNeighbour(_ direction: Int64) -> ClosedRange<Day> {
        let first = lowerBound
        for months: Int64 in [12, 1] where first == (months == 12 ? first.startOfYear : first.startOfMonth) {
            if upperBound + 1 == first.month(after: months) {
                let start = first.month(after: months * direction)
                return start...start.month(after: months) - 1
            }
        }
        return first + count * direction...upperBound + count * direction
    }
}
