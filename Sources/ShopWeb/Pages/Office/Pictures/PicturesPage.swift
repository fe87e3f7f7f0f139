import Shop

/// The pictures of a product, and the form for another one.
struct PicturesPage: PageModel {
    static let template = PageTemplate.pictures

    let product: Named
    let productHref: String
    let action: String
    let pictures: [PictureRow]
    let isFull: Bool
    /// How many can be added.
    let left: String
    /// Of a file, for the script to say so before it is sent.
    let mostBytes: Int

    func child(named name: String) -> Any? {
        switch name {
        case "product": product.text
        case "productLang": product.lang
        case "productHref": productHref
        case "action": action
        case "pictures": pictures
        case "hasPictures": !pictures.isEmpty
        case "isFull": isFull
        case "left": left
        case "mostBytes": mostBytes
        case "values": [:] as [String: String]
        default: nil
        }
    }
}

/// One of a product's pictures.
struct PictureRow: TemplateModel {
    let position: Int
    let photo: PhotoModel
    /// The name of the field with its words.
    let field: String
    /// As typed, if it was.
    let text: String
    let error: String?
    let action: String
    let removeHref: String
    /// The places before and behind its own; nil where there is none.
    let before: Int?
    let after: Int?

    /// On one page, each picture's field has a name of its own.
    static func textField(_ hash: PictureHash) -> String { "text-\(hash.hex.prefix(16))" }

    func child(named name: String) -> Any? {
        switch name {
        case "position": position
        case "photo": photo
        case "field": field
        case "text": text
        case "error": error
        case "action": action
        case "removeHref": removeHref
        case "before": before
        case "after": after
        case "isFirst": before == nil
        default: nil
        }
    }
}

/// What is asked before a picture is removed.
struct RemovePicturePage: PageModel {
    static let template = PageTemplate.removePicture

    let product: Named
    let photo: PhotoModel
    let action: String
    let backHref: String
    let isFirst: Bool
    /// Whether the product has no other.
    let isOnly: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "product": product.text
        case "productLang": product.lang
        case "photo": photo
        case "action": action
        case "backHref": backHref
        case "isFirst": isFirst
        case "isOnly": isOnly
        default: nil
        }
    }
}
