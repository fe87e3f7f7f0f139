/// The form that corrects a balance, and what it would do before it does it.
struct CorrectBalancePage: PageModel {
    static let template = PageTemplate.correctBalance

    let login: String
    let name: Named
    let customerHref: String
    /// Where the form goes.
    let action: String
    let balance: String
    /// By how much one person may correct it.
    let alone: String
    /// For how long a correction waits for a second person.
    let days: String
    let longestReason: Int
    let isTaking: Bool
    /// The form's values.
    let values: [String: String]
    /// nil while the form is filled in.
    let check: CorrectionCheck?

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "customerHref": customerHref
        case "action": action
        case "balance": balance
        case "alone": alone
        case "days": days
        case "longestReason": longestReason
        case "isTaking": isTaking
        case "values": values
        case "check": check
        default: nil
        }
    }
}

/// What a correction would do, to be looked at once more.
struct CorrectionCheck: TemplateModel {
    let direction: String
    /// As the form takes it, without a sign.
    let amount: String
    let reason: String
    /// As people read it, with its sign.
    let change: String
    let before: String
    let after: String
    let needsTwo: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "direction": direction
        case "amount": amount
        case "reason": reason
        case "change": change
        case "before": before
        case "after": after
        case "needsTwo": needsTwo
        default: nil
        }
    }
}
