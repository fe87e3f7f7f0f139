/// The second step of a log-in.
struct LogInCodePage: PageModel {
    static let template = PageTemplate.logInCode

    /// Where to continue; nil for the first page.
    let next: String?
    /// Whether it asks for a recovery code in place of one of the app's.
    let isRecovery: Bool
    /// The page that asks for the other kind.
    let otherHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "next": next
        case "isRecovery": isRecovery
        case "otherHref": otherHref
        default: nil
        }
    }
}
