/// What went wrong, where no page of its own can say it.
struct ProblemPage: PageModel {
    static let template = PageTemplate.problem

    let status: Int
    let heading: String
    let detail: String?
    let advice: String?
    /// nil where there is none that may be sent again.
    let again: FormAgain?
    /// Whether asking once more may help.
    let retry: Bool
    let retryHref: String
    let homeHref: String
    let isNotFound: Bool
    let requestID: String?

    func child(named name: String) -> Any? {
        switch name {
        case "isError": true
        case "status": status
        case "heading": heading
        case "detail": detail
        case "advice": advice
        case "again": again
        case "retry": retry
        case "retryHref": retryHref
        case "homeHref": homeHref
        case "isNotFound": isNotFound
        case "requestID": requestID
        default: nil
        }
    }
}

/// A form to be sent once more as it was.
struct FormAgain: TemplateModel {
    let action: String
    let fields: [HiddenField]

    func child(named name: String) -> Any? {
        switch name {
        case "action": action
        case "fields": fields
        default: nil
        }
    }
}

/// What a form carries unseen.
struct HiddenField: TemplateModel {
    let name: String
    let value: String

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "value": value
        default: nil
        }
    }
}
