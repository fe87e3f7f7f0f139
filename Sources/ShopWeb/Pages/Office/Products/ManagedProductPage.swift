/// One product with everything that the staff do with it.
struct ManagedProductPage: PageModel {
    static let template = PageTemplate.managedProduct

    let product: ProductSummary
    let fields: ProductFieldsModel
    /// nil for who only reads.
    let forms: ProductForms?
    let description: Named
    let createdAt: TimeModel
    let views: String
    /// nil unless it is listed.
    let shopHref: String?
    /// nil for who may not see the trace.
    let traceHref: String?
    let movements: [MovementRow]
    /// All movements.
    let fileHref: String
    let pages: PageLinks

    func child(named name: String) -> Any? {
        switch name {
        case "product": product
        case "fields": fields
        case "forms": forms
        case "description": description.text
        case "descriptionLang": description.lang
        case "createdAt": createdAt
        case "views": views
        case "shopHref": shopHref
        case "traceHref": traceHref
        case "movements": movements
        case "fileHref": fileHref
        default: pages.child(named: name)
        }
    }
}

/// What every page says of a product.
struct ProductSummary: TemplateModel {
    let id: Int64
    let href: String
    let picture: String
    let name: Named
    /// nil if it has none.
    let sku: String?
    let price: String
    let stock: String
    /// nil if it has none.
    let lowStock: String?
    let isListed: Bool
    let isSoldOut: Bool
    let isLow: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "href": href
        case "picture": picture
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "sku": sku
        case "price": price
        case "stock": stock
        case "lowStock": lowStock
        case "isListed": isListed
        case "isSoldOut": isSoldOut
        case "isLow": isLow
        default: nil
        }
    }
}

/// Where the forms on a product's page lead, and what they carry.
struct ProductForms: TemplateModel {
    let editHref: String
    let listingHref: String
    let stockHref: String
    let picturesHref: String
    let copyHref: String
    let version: Int64
    /// See `ProductText.mark`.
    let mark: String
    let stockChange: String
    let reasons: [ReasonChoice]

    func child(named name: String) -> Any? {
        switch name {
        case "editHref": editHref
        case "listingHref": listingHref
        case "stockHref": stockHref
        case "picturesHref": picturesHref
        case "copyHref": copyHref
        case "version": version
        case "mark": mark
        case "stockChange": stockChange
        case "reasons": reasons
        default: nil
        }
    }
}

/// A reason for a change of the stock, to be chosen.
struct ReasonChoice: TemplateModel {
    let value: String
    let label: String
    let isChosen: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "value": value
        case "label": label
        case "isChosen": isChosen
        default: nil
        }
    }
}

/// A line of the stock ledger.
struct MovementRow: TemplateModel {
    let id: Int64
    let at: TimeModel
    let reason: String
    /// With its sign.
    let change: String
    let isTaken: Bool
    let stock: String
    /// nil if nobody of the staff did it.
    let login: String?

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "at": at
        case "reason": reason
        case "change": change
        case "isTaken": isTaken
        case "stock": stock
        case "login": login
        default: nil
        }
    }
}
