import Shop
import Web

/// What removing the second factor of one of the staff means, before it is removed.
struct RemoveStaffFactorPage: PageModel {
    static let template = PageTemplate.removeStaffFactor

    let login: String
    let name: Named
    let role: String
    /// Where the form goes.
    let action: String
    let backHref: String
    /// How many sessions end; nil for none.
    let sessions: String?

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "role": role
        case "action": action
        case "backHref": backHref
        case "sessions": sessions
        default: nil
        }
    }
}

extension Visit {
    /// The page that says what it means; the account's own where there is nothing to remove.
    func removingFactor(_ id: UserID, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        guard let account = try ofStaff(id, staff) else { return .seeOther(.customer(id)) }
        if refusal == nil, account.secondFactorSince == nil { return .seeOther(.staffAccount(id)) }
        let sessions = account.sessions.count
        let model = RemoveStaffFactorPage(
            login: account.user.login, name: wording.named(account.user.name),
            role: wording.name("role", account.user.role), action: SitePath.removeStaffFactor(id).text,
            backHref: SitePath.staffAccount(id).text,
            sessions: sessions > 0 ? wording.number(Int64(sessions)) : nil)
        return officePage(model, words(.titleRemoveStaffFactor), in: .staff, by: staff, refusal: refusal)
    }
}
