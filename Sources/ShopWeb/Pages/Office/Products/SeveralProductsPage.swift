/// What will change, before it does.
struct SeveralProductsPage: PageModel {
    static let template = PageTemplate.severalProducts

    let query: ProductListFields
    let several: SeveralFields
    /// nil while the action's own fields are wrong.
    let preview: SeveralPreview?
    /// The selected products, to be sent along while an action is chosen.
    let selected: String
    let isAll: Bool
    let listHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "query": query
        case "several": several
        case "preview": preview
        case "selected": selected
        case "isAll": isAll
        case "listHref": listHref
        default: nil
        }
    }
}

/// The change of several products, to be confirmed.
struct SeveralPreview: TemplateModel {
    /// What will be done to how many.
    let says: String
    /// How prices are rounded; nil if no price is changed.
    let rounding: String?
    /// How many stay as they are; nil if none.
    let unchanged: String?
    let rows: [SeveralRow]
    let action: String
    let percent: String
    let unit: String
    /// See `SeveralProductsForm.marks`.
    let marks: String
    let canConfirm: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "says": says
        case "rounding": rounding
        case "unchanged": unchanged
        case "rows": rows
        case "action": action
        case "percent": percent
        case "unit": unit
        case "marks": marks
        case "canConfirm": canConfirm
        default: nil
        }
    }
}

/// A product that will change.
struct SeveralRow: TemplateModel {
    let product: ProductSummary
    let before: String
    let after: String
    /// Why it cannot be.
    let rowError: String?

    func child(named name: String) -> Any? {
        switch name {
        case "before": before
        case "after": after
        case "rowError": rowError
        default: product.child(named: name)
        }
    }
}
