/// What the staff do with the products' pictures. Each change is told in the trace.
public struct PictureAdministration: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// The product, listed or not, and its pictures in their order. Throws `productNotFound`.
    public func show(_ id: ProductID) throws -> (product: Product, pictures: [ProductPicture]) {
        try store.read { tx in
            guard let product = try tx.products.find(id) else { throw ShopError.productNotFound }
            return (product, try tx.pictures.list(of: id))
        }
    }

    /// Adds a picture behind the others. One that the product has already stays where it is, and has the new words.
    ///
    /// Throws `productNotFound`, `tooManyPictures`, and what `PictureStore.make` does.
    public func add(_ source: any PictureSource, text: String, to id: ProductID) throws -> AddedPicture {
        try checkRoom(for: id)
        let now = clock.now()
        return try context.pictures.whileKept {
            let added = ProductPicture(picture: try context.pictures.make(from: source), text: text)
            return try store.write { tx in try add(added, to: id, at: now, in: tx) }
        }
    }

    /// The same, once however often it is sent.
    public func add(
        _ source: any PictureSource, text: String, to id: ProductID, _ submission: Submission<AddedPicture>
    ) throws -> Receipt {
        let now = clock.now()
        if let kept = try store.read({ tx in try submission.kept(in: tx, at: now, policy) }) { return kept }
        try checkRoom(for: id)
        return try context.pictures.whileKept {
            let added = ProductPicture(picture: try context.pictures.make(from: source), text: text)
            return try store.write(once: submission, at: now, policy) { tx in try add(added, to: id, at: now, in: tx) }
        }
    }

    /// Before anybody works for a picture; the transaction decides.
    private func checkRoom(for id: ProductID) throws {
        let (_, pictures) = try show(id)
        guard pictures.count < ProductPicture.most else { throw ShopError.tooManyPictures(ProductPicture.most) }
    }

    private func add(
        _ added: ProductPicture, to id: ProductID, at now: Timestamp, in tx: any Repositories
    ) throws -> AddedPicture {
        var pictures = try current(of: id, in: tx)
        if pictures.contains(where: { $0.picture.hash == added.picture.hash }) {
            let same = try change(added.picture.hash, text: added.text, position: nil, of: id, at: now, in: tx)
            return AddedPicture(picture: same, wasThere: true)
        }
        guard pictures.count < ProductPicture.most else { throw ShopError.tooManyPictures(ProductPicture.most) }
        pictures.append(added)
        try store(pictures, of: id, at: now, in: tx)
        return AddedPicture(picture: added, wasThere: false)
    }

    /// Adds a product with its first picture: both, or neither.
    ///
    /// Throws what `ProductAdministration.add` and `PictureStore.make` do.
    public func add(
        _ draft: ProductDraft, with source: any PictureSource, text: String, _ submission: Submission<ManagedProduct>
    ) throws -> Receipt {
        let now = clock.now()
        let products = ProductAdministration(context: context, staff: staff)
        return try context.pictures.whileKept {
            let picture = ProductPicture(picture: try context.pictures.make(from: source), text: text)
            return try store.write(once: submission, at: now, policy) { tx in
                let product = try products.add(draft, at: now, in: tx)
                try store([picture], of: product.id, at: now, in: tx)
                return product
            }
        }
    }

    /// Stores a product's pictures, of which the last one is new.
    private func store(
        _ pictures: [ProductPicture], of id: ProductID, at now: Timestamp, in tx: any Repositories
    ) throws {
        guard let added = pictures.last else { return }
        try tx.pictures.set(pictures, of: id, at: now)
        try tx.trace.add(
            TraceLine(.pictureAdded, .product(id), added.changes(from: nil, at: nil, pictures.count)), by: staff,
            at: now)
    }

    /// Changes a picture's words, its place among the others, or both.
    ///
    /// Throws `productNotFound` and `pictureNotFound`.
    ///
    /// - Parameters:
    ///   - text: nil leaves it.
    ///   - position: from 1; behind the last one is last; nil leaves it.
    public func change(_ hash: PictureHash, text: String? = nil, position: Int? = nil, of id: ProductID) throws
        -> ProductPicture
    {
        let now = clock.now()
        return try store.write { tx in try change(hash, text: text, position: position, of: id, at: now, in: tx) }
    }

    private func change(
        _ hash: PictureHash, text: String?, position: Int?, of id: ProductID, at now: Timestamp,
        in tx: any Repositories
    ) throws -> ProductPicture {
        var pictures = try current(of: id, in: tx)
        guard let index = pictures.firstIndex(where: { $0.picture.hash == hash }) else {
            throw ShopError.pictureNotFound
        }
        let old = pictures.remove(at: index)
        let changed = ProductPicture(picture: old.picture, text: text ?? old.text)
        let place = position.map { min(max(1, $0), pictures.count + 1) } ?? index + 1
        pictures.insert(changed, at: place - 1)
        let line = TraceLine(.pictureChanged, .product(id), changed.changes(from: old, at: index + 1, place))
        if !line.changes.isEmpty {
            try tx.pictures.set(pictures, of: id, at: now)
            try tx.trace.add(line, by: staff, at: now)
        }
        return changed
    }

    /// Takes a picture off a product. Its files stay for a week, in case somebody restores a backup or has its page open.
    ///
    /// Throws `productNotFound` and `pictureNotFound`.
    public func remove(_ hash: PictureHash, of id: ProductID) throws {
        let now = clock.now()
        try store.write { tx in
            var pictures = try current(of: id, in: tx)
            guard let index = pictures.firstIndex(where: { $0.picture.hash == hash }) else {
                throw ShopError.pictureNotFound
            }
            let removed = pictures.remove(at: index)
            try tx.pictures.set(pictures, of: id, at: now)
            let changes = [
                TraceChange(.picture, removed.picture.hash.hex, nil), TraceChange(.text, removed.text, nil),
                TraceChange(.position, Int64(index + 1), nil),
            ]
            try tx.trace.add(TraceLine(.pictureRemoved, .product(id), changes), by: staff, at: now)
        }
    }

    private func current(of id: ProductID, in tx: any Repositories) throws -> [ProductPicture] {
        guard try tx.products.find(id) != nil else { throw ShopError.productNotFound }
        return try tx.pictures.list(of: id)
    }
}

/// A picture that was added to a product, or that it had already.
public struct AddedPicture: Sendable, Equatable {
    public let picture: ProductPicture
    /// Whether the product had it before: then its words alone are new, if they are.
    public let wasThere: Bool
}

extension ProductPicture {
    fileprivate func changes(from old: ProductPicture?, at before: Int?, _ position: Int) -> [TraceChange] {
        [
            TraceChange(.picture, old?.picture.hash.hex, picture.hash.hex), TraceChange(.text, old?.text, text),
            TraceChange(.position, before.map { Int64($0) }, Int64(position)),
        ]
    }
}

extension Products {
    /// The pictures of a product, in their order; empty if it has none of its own.
    public func pictures(of product: Product) throws -> [ProductPicture] {
        guard product.photo != nil else { return [] }
        return try store.lookUp { tx in try tx.pictures.list(of: product.id) }
    }
}

extension Shop {
    /// Throws `forbidden` for who may not change products.
    public func pictureAdministration(by staff: Staff) throws -> PictureAdministration {
        try staff.check(.changeProducts)
        return PictureAdministration(context: context, staff: staff)
    }
}
