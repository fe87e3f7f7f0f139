import Shop

/// Buttons for the days that are asked for most.
extension Visit {
    /// All days, and those that are asked for most, up to today.
    ///
    /// - Parameters:
    ///   - chosen: the days that the list is narrowed to.
    ///   - path: the list of these days; of all for nil.
    func periods(from: Day?, to: Day?, _ path: (ClosedRange<Day>?) -> SitePath) -> [PeriodLink] {
        let today = shop.today
        let monday = today - Int64(today.weekday)
        let periods: [(WordKey, ClosedRange<Day>?)] = [
            (.periodAll, nil), (.periodToday, today...today), (.periodYesterday, (today - 1)...(today - 1)),
            (.periodThisWeek, monday...today), (.periodThisMonth, today.startOfMonth...today),
        ]
        return periods.map { word, days in
            PeriodLink(
                label: words(word), href: path(days).text,
                isCurrent: days?.lowerBound == from && days?.upperBound == to)
        }
    }
}

/// A choice of days.
struct PeriodLink: TemplateModel {
    let label: String
    let href: String
    let isCurrent: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "label": label
        case "href": href
        case "isCurrent": isCurrent
        default: nil
        }
    }
}
