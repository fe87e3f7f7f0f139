/// The corrections that wait for a second person.
struct CorrectionsPage: PageModel {
    static let template = PageTemplate.corrections

    let corrections: [CorrectionRow]
    /// All of them.
    let fileHref: String
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "corrections": corrections
        case "hasCorrections": !corrections.isEmpty
        case "fileHref": fileHref
        default: pages.child(named: name)
        }
    }
}

/// One correction, to be confirmed or refused.
struct CorrectionPage: PageModel {
    static let template = PageTemplate.correction

    let correction: CorrectionRow
    let customerName: Named
    /// The balance now, and as it would be; nil once it is decided.
    let before: String?
    let after: String?
    /// nil where the reader may not confirm it.
    let confirmHref: String?
    /// nil once it is decided.
    let refuseHref: String?
    /// Whether the reader asked for it.
    let isMine: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "correction": correction
        case "customerName": customerName.text
        case "customerLang": customerName.lang
        case "before": before
        case "after": after
        case "confirmHref": confirmHref
        case "refuseHref": refuseHref
        case "isMine": isMine
        default: nil
        }
    }
}
