/// What the log-in and sign-up pages have in common.
struct Entrance: TemplateModel {
    /// Where to continue; nil for the first page.
    let next: String?
    /// The links to each other; nil for the ones on every page.
    let loginHref: String?
    let signupHref: String?

    func child(named name: String) -> Any? {
        switch name {
        case "next": next
        case "loginHref": loginHref
        case "signupHref": signupHref
        default: nil
        }
    }
}

/// The log-in page.
struct LogInPage: PageModel {
    static let template = PageTemplate.logIn

    let entrance: Entrance

    func child(named name: String) -> Any? { entrance.child(named: name) }
}

/// The sign-up page.
struct SignUpPage: PageModel {
    static let template = PageTemplate.signUp

    let entrance: Entrance

    func child(named name: String) -> Any? { entrance.child(named: name) }
}
