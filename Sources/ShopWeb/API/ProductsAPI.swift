import Shop
import Web

/// The products: lists, details, the popular ones, and what the staff do with them.
struct ProductsAPI: Sendable {
    private let shop: Shop
    private let products: Products
    private let access: Access
    private let lists: ProductLists
    private let downloads: Downloads

    init(_ shop: Shop, access: Access, downloads: Downloads) {
        self.shop = shop
        self.downloads = downloads
        products = shop.products
        self.access = access
        lists = ProductLists(shop)
    }

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/products") { request, _ in
            .json(.ok, try lists.list(asked: request.query) { try ProductListInput(request).query })
        }
        api.on(.get, "/products/popular") { _, _ in
            .json(.ok, try lists.popular())
        }
        api.on(.get, "/products/:id") { _, path in
            let product = try products.show(path.id(Product.self, else: .productNotFound))
            let pictures = try products.pictures(of: product)
            return .json { $0.value(product, with: pictures) }
        }
        api.on(.post, "/admin/products") { request, _ in
            let (staff, user) = try access.staff(request)
            let products = try shop.productAdministration(by: staff)
            let submission: Submission<ManagedProduct> = try request.submission(of: user, status: 201) {
                json, product in
                json.value(product)
            }
            return Response(try products.add(request.json(ProductInput.self).draft, submission))
        }
        api.on(.patch, "/admin/products/:id") { request, path in
            let (staff, user) = try access.staff(request)
            let products = try shop.productAdministration(by: staff)
            let submission: Submission<ManagedProduct> = try request.submission(of: user, status: 200) {
                json, product in
                json.value(product)
            }
            let mediaTypes = ["application/merge-patch+json", "application/json"]
            let change = try request.json(ProductPatch.self, mediaTypes: mediaTypes).change
            return Response(try products.update(path.id(Product.self, else: .productNotFound), change, submission))
        }
        api.on(.post, "/admin/products/changes") { request, _ in
            let (staff, user) = try access.staff(request)
            let products = try shop.productAdministration(by: staff)
            let submission: Submission<[ManagedProduct]> = try request.submission(of: user, status: 200) {
                json, changed in
                json.object { json in
                    json.name("items")
                    json.array(changed) { json, product in
                        json.object { json in
                            json.member("id", product.id)
                            json.member("version", product.version)
                        }
                    }
                }
            }
            let changes = try request.json(SeveralProductsPatch.self).changes
            do {
                return Response(try products.update(changes, submission))
            } catch let error as RefusedProducts {
                // The first of them, as if it had been sent alone.
                guard let first = changes.lazy.compactMap({ error.refused[$0.id] }).first else { throw error }
                throw first
            }
        }
        api.on(.get, "/admin/products") { request, _ in
            let products = try shop.managedProducts(for: access.staff(request).staff)
            let input = try ManagedProductListInput(request)
            let page = try products.list(input.query)
            return .json { json in
                json.page(ListPage(page.items, hasMore: page.next != nil), next: page.next.map(input.query.cursor)) {
                    $0.value($1)
                }
            }
        }
        api.on(.get, "/admin/products.csv") { request, _ in
            let products = try shop.managedProducts(for: access.staff(request).staff)
            return try productsFile(request, of: products).response(downloads)
        }
        api.on(.get, "/admin/products/:id") { request, path in
            let products = try shop.managedProducts(for: access.staff(request).staff)
            let product = try products.find(path.id(Product.self, else: .productNotFound))
            return .json { $0.value(product) }
        }
        api.on(.get, "/admin/products/:id/stock.csv") { request, path in
            let ledger = try shop.stockLedger(for: access.staff(request).staff)
            return try stockFile(of: path.id(Product.self, else: .productNotFound), in: ledger).response(downloads)
        }
        api.on(.get, "/admin/products/:id/stock") { request, path in
            let ledger = try shop.stockLedger(for: access.staff(request).staff)
            let id = try path.id(Product.self, else: .productNotFound)
            let list = Cursor(list: "stock \(id.value)")
            var fields = try QueryFields(request)
            let page = fields.page(of: list, by: StockMovement.self)
            try fields.finish()
            let movements = try ledger.list(of: id, before: page.before, limit: page.limit)
            return .json { json in
                json.page(movements, cursor: { list.text($0.id.value) }, item: { $0.value($1) })
            }
        }
    }
}

private struct ProductInput: JSONInput {
    let draft: ProductDraft

    init(_ fields: JSONFields) {
        draft = ProductDraft(
            name: fields.text("name", length: Product.nameLength),
            description: fields.optional("description") { fields.text($0, length: Product.descriptionLength) } ?? "",
            price: fields.won("price", in: Product.priceRange),
            stock: fields.integer("stock", in: Product.stockRange),
            sku: fields.optional("sku") { fields.sku($0) } ?? nil,
            lowStock: fields.optional("lowStock") { fields.integer($0, in: ManagedProduct.lowStockRange) },
            isListed: fields.optional("listed") { fields.boolean($0) } ?? true)
    }
}

private struct SeveralProductsPatch: JSONInput {
    let changes: [(id: ProductID, change: ProductChange)]

    init(_ fields: JSONFields) {
        let inputs = fields.array("changes", count: 1...ManagedProducts.mostTogether, of: NumberedPatch.self)
        if Set(inputs.map(\.id)).count < inputs.count { fields.refuse("changes", .repeated) }
        changes = inputs.map { ($0.id, $0.change) }
    }
}

/// One of several, with the product's number.
private struct NumberedPatch: JSONInput {
    let id: ProductID
    let change: ProductChange

    init(_ fields: JSONFields) {
        id = ProductID(fields.integer("id", in: ProductID.range))
        change = ProductPatch(fields).change
    }
}

private struct ProductPatch: JSONInput {
    let change: ProductChange

    init(_ fields: JSONFields) {
        change = ProductChange(
            name: fields.optional("name") { fields.text($0, length: Product.nameLength) },
            description: fields.optional("description") { fields.text($0, length: Product.descriptionLength) },
            price: fields.optional("price") { fields.won($0, in: Product.priceRange) },
            stockChange: Self.stockChange(fields),
            isListed: fields.optional("listed") { fields.boolean($0) },
            sku: fields.removable("sku") { fields.sku($0) },
            lowStock: fields.removable("lowStock") { fields.integer($0, in: ManagedProduct.lowStockRange) },
            version: fields.optional("version") { fields.integer($0, in: 1 ... .max) })
    }

    private static func stockChange(_ fields: JSONFields) -> StockChange? {
        let count = fields.optional("stockChange") {
            fields.integer($0, in: -Product.stockRange.upperBound...Product.stockRange.upperBound)
        }
        let reason = fields.optional("stockReason") { name in
            let text = fields.text(name, length: 0...20)
            let reason = StockReason.changes.first { $0.rawValue == text }
            if reason == nil { fields.refuse(name, .choice(StockReason.changes.map(\.rawValue))) }
            return reason
        }
        if count == nil, reason != nil { fields.refuse("stockChange", .missing) }
        return count.map { StockChange($0, reason?.flatMap(\.self) ?? .correction) }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ movement: StockMovement) {
        object { json in
            json.member("id", movement.id)
            json.member("reason", movement.reason.rawValue)
            json.member("change", movement.change)
            json.member("stock", movement.stock)
            json.optional("login", movement.login)
            json.member("at", movement.at)
        }
    }

    /// - Parameter pictures: all that it has of its own; nil in a list, where it has the first one alone.
    mutating func value(_ product: Product, with pictures: [ProductPicture]? = nil) {
        object { json in
            json.members(of: product)
            if let pictures {
                json.name("pictures")
                json.array(pictures) { $0.value($1) }
            } else {
                json.firstPicture(of: product)
            }
        }
    }

    private mutating func firstPicture(of product: Product) {
        guard let photo = product.photo else { return }
        name("picture")
        value(photo)
    }

    private mutating func members(of product: Product) {
        member("id", product.id)
        member("name", product.name)
        member("description", product.description)
        member("price", product.price)
        member("stock", product.stock)
        member("views", product.views)
        member("createdAt", product.createdAt)
    }

    /// As the staff see it.
    fileprivate mutating func value(_ product: ManagedProduct) {
        object { json in
            json.members(of: product.product)
            json.member("listed", product.isListed)
            json.optional("sku", product.sku?.text)
            if let lowStock = product.lowStock { json.member("lowStock", lowStock) } else { json.null("lowStock") }
            json.member("version", product.version)
            json.firstPicture(of: product.product)
        }
    }
}

extension JSONFields {
    fileprivate func sku(_ name: String) -> SKU? {
        let text = text(name, length: SKU.length, allowed: SKU.isCharacter)
        let sku = SKU(text)
        // The first character: the text's own fields have been refused above.
        if sku == nil, SKU.length.contains(text.utf8.count), text.unicodeScalars.allSatisfy(SKU.isCharacter) {
            refuse(name, .characters)
        }
        return sku
    }
}
