/// The customer's account.
struct AccountPage: PageModel {
    static let template = PageTemplate.account

    let login: String
    let name: String
    let since: TimeModel
    let sessions: [SessionRow]
    let isStaff: Bool
    /// Whether there is a second factor, in a word; nil for a customer.
    let secondFactor: String?

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "name": self.name
        case "since": since
        case "sessions": sessions
        case "isStaff": isStaff
        case "secondFactor": secondFactor
        case "hasOthers": sessions.count > 1
        default: nil
        }
    }
}

/// One of the customer's sessions.
struct SessionRow: TemplateModel {
    let startedAt: TimeModel
    let lastUsedAt: TimeModel
    let isCurrent: Bool
    /// The browser and the place.
    let from: String

    func child(named name: String) -> Any? {
        switch name {
        case "startedAt": startedAt
        case "lastUsedAt": lastUsedAt
        case "isCurrent": isCurrent
        case "from": from
        default: nil
        }
    }
}
