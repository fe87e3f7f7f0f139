import Shop
import Web

/// The pictures of a product: adding, their order and words, removing.
struct PicturePages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.officePictures) { visit, staff, path in
            try visit.pictures(staff, path.product, nil)
        }
        pages.postForStaff(.officePictures, needing: .changeProducts, takesFile: true) { visit, staff, path, form in
            let pictures = try visit.shop.pictureAdministration(by: staff)
            let product = try path.product
            let text = form.text("text", length: ProductPicture.textLength)
            if form.file?.size ?? 0 == 0 { form.refuse("file", .missing) }
            try form.finish()
            guard let file = form.file else { throw RequestError.malformed("no file") }
            let page = SitePath.officePictures(of: product).text
            let receipt = try pictures.add(
                file, text: text, to: product,
                visit.submission("picture", form, of: visit.user()) { added in
                    // To where it is, if it is not behind the others.
                    added.wasThere ? "\(page)#picture-\(PictureRow.textField(added.picture.picture.hash))" : page
                })
            let isNew = receipt.bytes.elementsEqual(page.utf8)
            return visit.receipt(receipt, saying: isNew ? .pictureAdded : .pictureThere)
        } refused: { visit, staff, path, refusal in
            try visit.pictures(staff, path.product, refusal)
        }
        pages.postForStaff(
            .officePicture, needing: .changeProducts, from: { .officePictures(ofForm: $0) }
        ) { visit, staff, path, form in
            let pictures = try visit.shop.pictureAdministration(by: staff)
            let (product, hash) = (try path.product, try path.picture)
            let position = form["position"].flatMap { Int($0) }
            let text = form.text(PictureRow.textField(hash), length: ProductPicture.textLength)
            try form.finish()
            _ = try pictures.change(hash, text: text, position: position, of: product)
            return .seeOther(.officePictures(of: product), saying: .pictureChanged, visit.request)
        } refused: { visit, staff, path, refusal in
            try visit.pictures(staff, path.product, refusal)
        }
        pages.getForStaff(.removePicture) { visit, staff, path in
            try visit.removal(staff, path.product, path.picture, nil)
        }
        pages.postForStaff(.removePicture, needing: .changeProducts) { visit, staff, path, form in
            let pictures = try visit.shop.pictureAdministration(by: staff)
            do {
                try pictures.remove(path.picture, of: path.product)
            } catch ShopError.pictureNotFound {
                // It was pressed twice, or somebody else was faster: it is gone, as was wanted.
            }
            return .seeOther(.officePictures(of: try path.product), saying: .pictureRemoved, visit.request)
        } refused: { visit, staff, path, refusal in
            try visit.removal(staff, path.product, path.picture, refusal)
        }
    }
}

extension Form {
    /// The file and the text of a form that may have a picture in it; nil if neither was given, or something is wrong.
    mutating func firstPicture() -> (file: UploadedFile, text: String)? {
        let isChosen = file?.size ?? 0 > 0
        guard isChosen || !(self["text"] ?? "").isEmpty else { return nil }
        let words = text("text", length: ProductPicture.textLength)
        guard isChosen, let file else {
            refuse("file", .missing)
            return nil
        }
        return (file, words)
    }
}

extension Visit {
    /// The page of a product's pictures.
    fileprivate func pictures(_ staff: Staff, _ id: ProductID, _ refusal: FormRefusal?) throws -> Response {
        let (product, pictures) = try shop.pictureAdministration(by: staff).show(id)
        let rows = pictures.enumerated().map { index, picture in
            row(picture, at: index + 1, of: pictures.count, id, refusal)
        }
        let model = PicturesPage(
            product: wording.named(product.name), productHref: SitePath.managedProduct(id).text,
            action: SitePath.officePictures(of: id).text, pictures: rows, isFull: pictures.count >= ProductPicture.most,
            left: words(.picturesLeft, ["left": .number(Int64(ProductPicture.most - pictures.count))]),
            mostBytes: PictureFlaw.mostBytes)
        return officePage(
            model, words(.titlePictures, ["product": .text(product.name)]), in: .products, by: staff, refusal: refusal)
    }

    private func row(
        _ picture: ProductPicture, at position: Int, of count: Int, _ product: ProductID, _ refusal: FormRefusal?
    ) -> PictureRow {
        let hash = picture.picture.hash
        let field = PictureRow.textField(hash)
        return PictureRow(
            position: position, photo: PhotoModel(picture.picture, wording.named(picture.text)), field: field,
            text: refusal?.values[field] ?? picture.text,
            error: refusal?.messages.first { $0.field == field }?.text,
            action: SitePath.officePicture(hash, of: product).text,
            removeHref: SitePath.removePicture(hash, of: product).text, before: position > 1 ? position - 1 : nil,
            after: position < count ? position + 1 : nil)
    }

    /// The page that asks before a picture is removed.
    fileprivate func removal(
        _ staff: Staff, _ id: ProductID, _ hash: PictureHash, _ refusal: FormRefusal?
    ) throws -> Response {
        let (product, pictures) = try shop.pictureAdministration(by: staff).show(id)
        guard let picture = pictures.first(where: { $0.picture.hash == hash }) else { throw ShopError.pictureNotFound }
        let model = RemovePicturePage(
            product: wording.named(product.name), photo: PhotoModel(picture.picture, wording.named(picture.text)),
            action: SitePath.removePicture(hash, of: id).text, backHref: SitePath.officePictures(of: id).text,
            isFirst: pictures.first == picture, isOnly: pictures.count == 1)
        return officePage(model, words(.titleRemovePicture), in: .products, by: staff, refusal: refusal)
    }
}
