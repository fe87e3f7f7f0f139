import Shop
import Web

/// The products' pictures, for the staff.
struct PicturesAPI: Sendable {
    let shop: Shop
    let access: Access

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, ProductsAPI.picturesPattern) { request, path in
            let pictures = try pictures(request).show(path.product).pictures
            return .json { json in
                json.object { json in
                    json.name("items")
                    json.array(pictures) { $0.value($1) }
                }
            }
        }
        api.on(.post, ProductsAPI.picturesPattern) { request, path in
            let pictures = try pictures(request)
            let product = try path.product
            var fields = try QueryFields(request)
            let text = fields.text("text", longest: ProductPicture.textLength.upperBound)
            if text?.isEmpty ?? true { fields.refuse("text", .missing) }
            try fields.finish()
            let picture: UploadedFile
            do {
                picture = try UploadedFile(request)
            } catch RequestError.payloadTooLarge {
                throw ShopError.pictureRefused(.tooLarge)
            }
            let added = try pictures.add(picture, text: text ?? "", to: product)
            return .json(.created) { $0.value(added.picture) }
        }
        api.on(.patch, ProductsAPI.picturePattern) { request, path in
            let pictures = try pictures(request)
            let (product, hash) = (try path.product, try path.picture)
            let change = try request.json(
                PicturePatch.self, mediaTypes: ["application/merge-patch+json", "application/json"])
            let changed = try pictures.change(hash, text: change.text, position: change.position, of: product)
            return .json { $0.value(changed) }
        }
        api.on(.delete, ProductsAPI.picturePattern) { request, path in
            try pictures(request).remove(path.picture, of: path.product)
            return Response(.noContent, fields: [.cacheControl: "no-store"])
        }
    }

    private func pictures(_ request: Request) throws -> PictureAdministration {
        try shop.pictureAdministration(by: access.staff(request).staff)
    }
}

extension ProductsAPI {
    static let picturesPattern = "/admin/products/:id/pictures"
    static let picturePattern = "/admin/products/:id/pictures/:hash"
}

extension PathParameters {
    var product: ProductID { get throws { try id(Product.self, else: .productNotFound) } }

    /// The picture in the path. Text that cannot be a hash names nothing, so it is not found.
    var picture: PictureHash {
        get throws {
            guard let hash = PictureHash(hex: self["hash"]) else { throw ShopError.pictureNotFound }
            return hash
        }
    }
}

private struct PicturePatch: JSONInput {
    let text: String?
    let position: Int?

    init(_ fields: JSONFields) {
        text = fields.optional("text") { fields.text($0, length: ProductPicture.textLength) }
        position = fields.optional("position") {
            Int(fields.integer($0, in: 1...Int64(ProductPicture.most)))
        }
    }
}

extension JSONWriter {
    mutating func value(_ picture: ProductPicture) {
        object { json in
            json.member("text", picture.text)
            json.members(picture.picture)
        }
    }

    mutating func value(_ picture: Picture) {
        object { $0.members(picture) }
    }

    private mutating func members(_ picture: Picture) {
        member("hash", picture.hash.hex)
        member("width", Int64(picture.width))
        member("height", Int64(picture.height))
        name("files")
        array(picture.files) { json, file in
            json.object { json in
                json.member("href", file.address)
                json.member("width", Int64(file.width))
                json.member("type", file.format.mediaType)
            }
        }
    }
}
