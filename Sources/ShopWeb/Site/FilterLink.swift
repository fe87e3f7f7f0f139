/// A link that narrows a list to a part of it.
struct FilterLink: TemplateModel {
    let label: String
    let href: String
    let isCurrent: Bool
    /// How many there are; nil if that is not counted, or none.
    let count: String?

    func child(named name: String) -> Any? {
        switch name {
        case "label": label
        case "href": href
        case "isCurrent": isCurrent
        case "count": count
        default: nil
        }
    }
}
