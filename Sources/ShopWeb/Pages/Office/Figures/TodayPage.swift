/// The first of the staff's pages: what waits for them, and how today goes.
struct TodayPage: PageModel {
    static let template = PageTemplate.today

    let day: String
    let tasks: [Tile]
    /// How today goes; empty for whom that is no business of.
    let figures: [Tile]
    let charts: [BarChart]
    let allHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "day": day
        case "tasks": tasks
        case "hasTasks": !tasks.isEmpty
        case "figures": figures
        case "hasFigures": !figures.isEmpty
        case "charts": charts
        case "allHref": allHref
        default: nil
        }
    }
}

/// A number with its name.
struct Tile: TemplateModel {
    let label: String
    let number: String
    /// Lines that say more.
    let lines: [String]
    /// To the list that shows just these; nil for none.
    let href: String?
    /// Whether it should not stay so.
    let isWarning: Bool

    init(_ label: String, _ number: String, _ lines: [String] = [], href: SitePath? = nil, isWarning: Bool = false) {
        self.label = label
        self.number = number
        self.lines = lines
        self.href = href?.text
        self.isWarning = isWarning
    }

    func child(named name: String) -> Any? {
        switch name {
        case "tileLabel": label
        case "tileNumber": number
        case "tileLines": lines
        case "tileHref": href
        case "isWarning": isWarning
        default: nil
        }
    }
}
