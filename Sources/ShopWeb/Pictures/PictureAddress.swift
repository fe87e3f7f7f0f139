import Shop

extension PictureFile {
    /// Where nginx serves it. What is there never changes: the address contains the hash of the content.
    var address: String { "/pictures/" + path }
}

/// A product's own picture in a page: the browser chooses the size that it needs, and the format that it can read.
struct PhotoModel: TemplateModel {
    /// The addresses of each size, with its width, as `srcset` lists them.
    let webp: String
    let jpeg: String
    /// For browsers that know no `srcset`.
    let address: String
    /// Of the largest size, so that nothing moves when the picture comes.
    let width: Int
    let height: Int
    /// What it shows; "" where its name stands beside it.
    let text: Named

    init(_ picture: Picture, _ text: Named) {
        let sizes = picture.sizes
        func all(_ format: PictureFormat) -> String {
            sizes.map { width in
                "\(PictureFile(hash: picture.hash, width: width, format: format).address) \(width)w"
            }.joined(separator: ", ")
        }
        webp = all(.webp)
        jpeg = all(.jpeg)
        let middle = sizes.last { $0 <= Picture.widths[1] } ?? picture.width
        address = PictureFile(hash: picture.hash, width: middle, format: .jpeg).address
        width = picture.width
        height = picture.height
        self.text = text
    }

    func child(named name: String) -> Any? {
        switch name {
        case "webp": webp
        case "jpeg": jpeg
        case "address": address
        case "width": width
        case "height": height
        case "text": text.text
        case "textLang": text.lang
        default: nil
        }
    }
}

extension Visit {
    /// The product's first picture, to stand beside its name; nil if it has none of its own.
    func photo(of product: Product) -> PhotoModel? {
        product.photo.map { PhotoModel($0, Named(text: "", lang: false)) }
    }

    /// The address of a small picture: the product's own first one, or a drawing.
    func smallPicture(of product: Product) -> String {
        guard let photo = product.photo else { return storefront.assets.picture(product.picture) }
        return PictureFile(hash: photo.hash, width: photo.sizes[0], format: .jpeg).address
    }
}
