/// Asks for the password again.
struct PasswordAgainPage: PageModel {
    static let template = PageTemplate.passwordAgain

    /// For the browser's store of passwords.
    let login: String
    /// Where to continue, or what to return to.
    let next: String
    /// The form that waits for it, as hidden fields; none where a page does.
    let kept: [HiddenField]

    func child(named name: String) -> Any? {
        switch name {
        case "login": login
        case "next": next
        case "kept": kept
        default: nil
        }
    }
}

/// The form that waited for the password, to be sent by a press of its button.
struct FormKeptPage: PageModel {
    static let template = PageTemplate.formKept

    let again: FormAgain
    /// Whether a password is to be typed in it once more: then its own page is shown first.
    let isPartial: Bool
    /// The page that the form is from.
    let backHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "again": again
        case "isPartial": isPartial
        case "backHref": backHref
        default: nil
        }
    }
}
