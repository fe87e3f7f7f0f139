/// What the staff have changed.
struct TracePage: PageModel {
    static let template = PageTemplate.trace

    let form: TraceForm
    /// Whom and what the list is narrowed to; nil for everybody and everything.
    let filter: String?
    let allHref: String
    /// Whether it is not all of the trace.
    let isNarrowed: Bool
    let fileHref: String
    let entries: [TraceRow]
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "form": form
        case "filter": filter
        case "allHref": allHref
        case "isNarrowed": isNarrowed
        case "fileHref": fileHref
        case "entries": entries
        case "hasEntries": !entries.isEmpty
        default: pages.child(named: name)
        }
    }
}

/// What the trace can be narrowed to.
struct TraceForm: TemplateModel {
    /// What it is narrowed to by links.
    let kept: [HiddenField]
    /// Whose doings; "" for anybody's.
    let login: String
    let longestLogin: Int
    let actions: [StatusChoice]
    let from: String
    let to: String
    let periods: [PeriodLink]

    func child(named name: String) -> Any? {
        switch name {
        case "kept": kept
        case "person": login
        case "longestLogin": longestLogin
        case "actions": actions
        case "from": from
        case "to": to
        case "periods": periods
        default: nil
        }
    }
}

/// One change.
struct TraceRow: TemplateModel {
    let id: Int64
    let at: TimeModel
    let action: String
    let subject: String
    let subjectHref: String
    let login: String
    /// nil for a command.
    let loginHref: String?
    /// nil for a command.
    let role: String?
    /// The way and the address.
    let from: String
    let changes: [ChangeRow]

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "at": at
        case "action": action
        case "subject": subject
        case "subjectHref": subjectHref
        case "login": login
        case "loginHref": loginHref
        case "role": role
        case "from": from
        case "changes": changes
        case "hasChanges": !changes.isEmpty
        default: nil
        }
    }
}

/// One field, before and after.
struct ChangeRow: TemplateModel {
    let field: String
    /// nil if there was nothing.
    let before: Named?
    /// nil if there is nothing any more.
    let after: Named?

    func child(named name: String) -> Any? {
        switch name {
        case "field": field
        case "before": before?.text
        case "beforeLang": before?.lang ?? false
        case "after": after?.text
        case "afterLang": after?.lang ?? false
        default: nil
        }
    }
}
