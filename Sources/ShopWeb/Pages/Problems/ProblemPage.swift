/// Says what went wrong, if no other page can.
struct ProblemPage: PageModel {
    static let template = PageTemplate.problem

    let status: Int
    let heading: String
    let detail: String?
    let advice: String?
    /// nil if there is no form that may be sent again.
    let again: FormAgain?
    /// Whether trying again may help.
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

/// A form to be sent again unchanged.
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

/// A hidden field of a form.
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
