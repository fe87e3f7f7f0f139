/// The accounts that were looked for.
struct CustomersPage: PageModel {
    static let template = PageTemplate.customers

    /// As typed.
    let text: String
    let longest: Int
    /// The group, as in the address; nil for all.
    let group: String?
    let groups: [CustomerGroupLink]
    let customers: [CustomerRow]
    /// The list without what it is narrowed to; nil if it is not.
    let allHref: String?
    /// All that was found.
    let fileHref: String
    /// Whether the next page goes on looking where this one has looked at enough.
    let looksFurther: Bool
    /// Whether there were pages before this one.
    let isLater: Bool
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "text": text
        case "longest": longest
        case "group": group
        case "groups": groups
        case "customers": customers
        case "hasCustomers": !customers.isEmpty
        case "allHref": allHref
        case "fileHref": fileHref
        case "looksFurther": looksFurther
        case "isLater": isLater
        default: pages.child(named: name)
        }
    }
}

/// One of the groups that a list can be narrowed to.
struct CustomerGroupLink: TemplateModel {
    let name: String
    let href: String
    let isCurrent: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "href": href
        case "isCurrent": isCurrent
        default: nil
        }
    }
}

/// One account in the list.
struct CustomerRow: TemplateModel {
    let id: Int64
    let href: String
    let login: String
    let name: Named
    /// nil for a customer.
    let role: String?
    let balance: String
    let since: TimeModel
    let isClosed: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "login": login
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "role": role
        case "balance": balance
        case "since": since
        case "isClosed": isClosed
        default: nil
        }
    }
}
