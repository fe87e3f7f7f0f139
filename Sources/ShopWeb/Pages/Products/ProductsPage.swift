/// The list of products.
struct ProductsPage: PageModel {
    static let template = PageTemplate.products

    /// As typed.
    let search: String
    let hasQuery: Bool
    /// Whether nothing matched, and these are similar products.
    let isSimilar: Bool
    /// How many were found; nil if that says nothing.
    let found: String?
    let sorts: [SortLink]
    let items: [ProductCard]
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "search": search
        case "hasQuery": hasQuery
        case "isSimilar": isSimilar
        case "found": found
        case "sorts": sorts
        case "items": items
        case "hasItems": !items.isEmpty
        default: pages.child(named: name)
        }
    }
}

/// The same list in another order.
struct SortLink: TemplateModel {
    let label: String
    let href: String
    let isCurrent: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "label": label
        case "href": href
        case "isCurrent": isCurrent
        default: nil
        }
    }
}
