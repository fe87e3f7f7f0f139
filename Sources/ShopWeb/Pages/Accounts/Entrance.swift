/// What the pages to log in and to sign up have in common.
struct Entrance: TemplateModel {
    /// Where to go on to; nil for the first page.
    let next: String?
    /// The ways to each other; nil for those that every page has.
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

/// Where to log in.
struct LogInPage: PageModel {
    static let template = PageTemplate.logIn

    let entrance: Entrance

    func child(named name: String) -> Any? { entrance.child(named: name) }
}

/// Where to sign up.
struct SignUpPage: PageModel {
    static let template = PageTemplate.signUp

    let entrance: Entrance

    func child(named name: String) -> Any? { entrance.child(named: name) }
}
