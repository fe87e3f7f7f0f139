/// The staff, who of them is logged in, and the form for one more.
struct StaffPage: PageModel {
    static let template = PageTemplate.staff

    let staff: [StaffRow]
    /// The roles that a new account can have.
    let roles: [RoleChoice]
    /// The form's values.
    let values: [String: String]
    /// All of them.
    let fileHref: String
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "staff": staff
        case "roles": roles
        case "values": values
        case "fileHref": fileHref
        default: pages.child(named: name)
        }
    }
}

/// One of the staff.
struct StaffRow: TemplateModel {
    let login: String
    let href: String
    let name: Named
    let role: String
    let since: TimeModel
    let isClosed: Bool
    /// Since when there is a second factor; nil for none.
    let factorSince: TimeModel?
    /// The latest use of a session; nil for whoever is not logged in.
    let lastUsedAt: TimeModel?
    /// Where that one began.
    let from: String
    /// How many there are besides; nil for none.
    let others: String?

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "href": href
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "role": role
        case "since": since
        case "isClosed": isClosed
        case "factorSince": factorSince
        case "lastUsedAt": lastUsedAt
        case "from": from
        case "others": others
        default: nil
        }
    }
}

/// A role in a form.
struct RoleChoice: TemplateModel {
    let value: String
    let name: String
    let isChosen: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "value": value
        case "name": self.name
        case "isChosen": isChosen
        default: nil
        }
    }
}

/// One of the staff, with all that an owner can do about the account.
struct StaffAccountPage: PageModel {
    static let template = PageTemplate.staffAccount

    let login: String
    let name: Named
    let role: String
    let since: TimeModel
    /// nil while it is open.
    let closedAt: TimeModel?
    /// Since when there is a second factor; nil for none.
    let factorSince: TimeModel?
    /// Where it is removed; nil where there is none, and for the reader's own.
    let removeFactorHref: String?
    let sessions: [CustomerSessionRow]
    let roles: [RoleChoice]
    /// Whether it is the reader's own.
    let isMine: Bool
    let roleHref: String
    let passwordHref: String
    let endSessionsHref: String
    let closeHref: String
    /// What was done to the account.
    let traceHref: String
    /// What its owner did.
    let doneHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "role": role
        case "since": since
        case "closedAt": closedAt
        case "factorSince": factorSince
        case "removeFactorHref": removeFactorHref
        case "sessions": sessions
        case "hasSessions": !sessions.isEmpty
        case "roles": roles
        case "isMine": isMine
        case "roleHref": roleHref
        case "passwordHref": passwordHref
        case "endSessionsHref": endSessionsHref
        case "closeHref": closeHref
        case "traceHref": traceHref
        case "doneHref": doneHref
        default: nil
        }
    }
}
