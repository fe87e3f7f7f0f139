/// The staff's list of products.
struct ProductListPage: PageModel {
    static let template = PageTemplate.managedProducts

    let query: ProductListFields
    let filters: [FilterLink]
    let sorts: [SortLink]
    let isSearch: Bool
    /// Whether there is nothing because nothing is to be done.
    let isDone: Bool
    let rows: [ProductListRow]
    let canChange: Bool
    /// What the fields and boxes in the list need; nil for who only reads.
    let several: SeveralFields?
    let editing: ProductListEditing?
    /// The list with fields in it.
    let editHref: String
    /// All of the list.
    let fileHref: String
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "search": query.text
        case "query": query
        case "filters": filters
        case "sorts": sorts
        case "isSearch": isSearch
        case "isDone": isDone
        case "rows": rows
        case "hasRows": !rows.isEmpty
        case "canChange": canChange
        case "several": several
        case "editing": editing
        case "editHref": editHref
        case "fileHref": fileHref
        default: pages.child(named: name)
        }
    }
}

/// Which list it is, for its forms to say.
struct ProductListFields: TemplateModel {
    let text: String
    /// nil for all.
    let filter: String?
    /// nil for the newest first.
    let sort: String?
    /// nil on the first page.
    let cursor: String?

    func child(named name: String) -> Any? {
        switch name {
        case "text": text
        case "filter": filter
        case "sort": sort
        case "cursor": cursor
        default: nil
        }
    }
}

/// A product in the list, to read, or with fields.
struct ProductListRow: TemplateModel {
    let product: ProductSummary
    /// nil unless the list is being edited.
    let fields: ProductRowFields?

    func child(named name: String) -> Any? {
        switch name {
        case "fields": fields
        default: product.child(named: name)
        }
    }
}

/// The fields in a row.
struct ProductRowFields: TemplateModel {
    let priceName: String
    let price: String
    let priceError: String?
    let changeName: String
    let change: String
    let changeError: String?
    let listedName: String
    let isListed: Bool
    /// Why the row as a whole was refused.
    let rowName: String
    let rowError: String?
    /// See `ProductRowForm.mark`.
    let markName: String
    let mark: String

    func child(named name: String) -> Any? {
        switch name {
        case "priceName": priceName
        case "price": price
        case "priceError": priceError
        case "changeName": changeName
        case "change": change
        case "changeError": changeError
        case "listedName": listedName
        case "isListed": isListed
        case "rowName": rowName
        case "rowError": rowError
        case "markName": markName
        case "mark": mark
        default: nil
        }
    }
}

/// What is said once for all rows of a list that is being edited.
struct ProductListEditing: TemplateModel {
    /// The rows' numbers, in order.
    let numbers: String
    let reasons: [ReasonChoice]
    /// The list as it reads.
    let readHref: String

    func child(named name: String) -> Any? {
        switch name {
        case "numbers": numbers
        case "reasons": reasons
        case "readHref": readHref
        default: nil
        }
    }
}

/// What can be done with several products.
struct SeveralFields: TemplateModel {
    let actions: [ReasonChoice]
    let units: [ReasonChoice]
    let percent: String
    /// The most products at once.
    let most: String

    func child(named name: String) -> Any? {
        switch name {
        case "actions": actions
        case "units": units
        case "percent": percent
        case "most": most
        default: nil
        }
    }
}
