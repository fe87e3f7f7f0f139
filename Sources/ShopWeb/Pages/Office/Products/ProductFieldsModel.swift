import Shop

/// The fields of a product's form, as typed or as stored.
struct ProductFieldsModel: TemplateModel {
    let name: String
    /// With separators, which the form reads.
    let price: String
    let description: String
    let sku: String
    let lowStock: String
    let isListed: Bool

    init(_ text: ProductText, _ wording: Wording) {
        name = text[.name]
        price = Int64(text[.price]).map { wording.number($0) } ?? text[.price]
        description = text[.description]
        sku = text[.sku]
        lowStock = text[.lowStock]
        isListed = !text[.listed].isEmpty
    }

    /// As typed.
    init(_ values: [String: String]) {
        name = values["name"] ?? ""
        price = values["price"] ?? ""
        description = values["description"] ?? ""
        sku = values["sku"] ?? ""
        lowStock = values["lowStock"] ?? ""
        isListed = values["listed"] != nil
    }

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "price": price
        case "description": description
        case "sku": sku
        case "lowStock": lowStock
        case "isListed": isListed
        default: nil
        }
    }
}

/// The form for a new product.
struct NewProductPage: PageModel {
    static let template = PageTemplate.newProduct

    /// The name of the product that it is a copy of; nil for any other.
    let copied: Named?
    let fields: ProductFieldsModel
    let stock: String
    /// The words of its first picture, as typed.
    let pictureText: String

    func child(named name: String) -> Any? {
        switch name {
        case "pictureText": pictureText
        case "mostBytes": PictureFlaw.mostBytes
        case "copied": copied?.text
        case "copiedLang": copied?.lang ?? false
        case "fields": fields
        case "stock": stock
        default: nil
        }
    }
}
