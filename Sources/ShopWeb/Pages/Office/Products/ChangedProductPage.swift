/// An edit of an old version beside what the product says now.
struct ChangedProductPage: PageModel {
    static let template = PageTemplate.changedProduct

    let name: Named
    /// Who made the last change; nil for who may not see the trace.
    let changedBy: String?
    let changedAt: TimeModel?
    let href: String
    /// Where the choice is sent.
    let editHref: String
    let version: Int64
    /// See `ProductText.mark`.
    let mark: String
    /// What was typed, to be sent again.
    let typed: [HiddenField]
    /// What differs; empty if both say the same.
    let rows: [ChangedField]

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "changedBy": changedBy
        case "changedAt": changedAt
        case "href": href
        case "editHref": editHref
        case "version": version
        case "mark": mark
        case "typed": typed
        case "rows": rows
        case "hasRows": !rows.isEmpty
        default: nil
        }
    }
}

/// A field that somebody typed something else into than it says now.
struct ChangedField: TemplateModel {
    /// The choice's name.
    let choice: String
    let label: String
    let mine: Named
    let now: Named
    let isMine: Bool
    let isNow: Bool
    let fieldError: String?

    func child(named name: String) -> Any? {
        switch name {
        case "choice": choice
        case "label": label
        case "mine": mine.text
        case "mineLang": mine.lang
        case "now": now.text
        case "nowLang": now.lang
        case "isMine": isMine
        case "isNow": isNow
        case "fieldError": fieldError
        default: nil
        }
    }
}
