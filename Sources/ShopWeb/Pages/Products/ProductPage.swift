/// A product in a list.
struct ProductCard: TemplateModel {
    let href: String
    /// A drawing, for a product without a picture of its own.
    let picture: String
    /// nil if it has none of its own.
    let photo: PhotoModel?
    let name: Named
    /// As much of it as there is room for.
    let description: Named
    let price: String
    let isSoldOut: Bool
    /// Whether only a few are left.
    let isLow: Bool
    let stock: String
    /// Its rank among the popular ones; nil for any other.
    let rank: Int?

    func child(named name: String) -> Any? {
        switch name {
        case "href": href
        case "picture": picture
        case "photo": photo
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "description": description.text
        case "descriptionLang": description.lang
        case "price": price
        case "isSoldOut": isSoldOut
        case "isLow": isLow
        case "stock": stock
        case "isTop": rank != nil
        case "rank": rank
        default: nil
        }
    }
}

/// One product, and the form to put it into the basket.
struct ProductPage: PageModel {
    static let template = PageTemplate.product

    let card: ProductCard
    /// The product's own pictures.
    let photos: [PhotoModel]
    let id: Int64
    /// The whole description.
    let paragraphs: [String]
    /// The beginning of the description, for search engines; nil if it is empty.
    let summary: String?
    let createdAt: TimeModel
    let views: String
    let canBuy: Bool
    let maxQuantity: String
    /// The form's values.
    let values: [String: String]

    func child(named name: String) -> Any? {
        switch name {
        case "first": photos.first
        case "more": Array(photos.dropFirst())
        case "hasMore": photos.count > 1
        case "id": id
        case "paragraphs": paragraphs
        case "summary": summary
        case "createdAt": createdAt
        case "views": views
        case "canBuy": canBuy
        case "maxQuantity": maxQuantity
        case "values": values
        default: card.child(named: name)
        }
    }
}
