/// What closing an account means, before it is closed.
struct CloseAccountPage: PageModel {
    static let template = PageTemplate.closeAccount

    let login: String
    let name: Named
    /// Where the form goes.
    let action: String
    let backHref: String
    /// What is left on the balance; nil for nothing, and for the staff.
    let balance: String?
    /// How many sessions end; nil for none.
    let sessions: String?
    /// nil for a customer.
    let role: String?

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "action": action
        case "backHref": backHref
        case "balance": balance
        case "sessions": sessions
        case "role": role
        default: nil
        }
    }
}
