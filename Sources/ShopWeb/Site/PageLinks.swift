/// The links from one page of a list to the others.
struct PageLinks: TemplateModel {
    /// nil on the first page.
    let firstHref: String?
    /// nil on the last page.
    let nextHref: String?

    init(first: SitePath?, next: SitePath?) {
        firstHref = first?.text
        nextHref = next?.text
    }

    func child(named name: String) -> Any? {
        switch name {
        case "firstHref": firstHref
        case "nextHref": nextHref
        default: nil
        }
    }
}
