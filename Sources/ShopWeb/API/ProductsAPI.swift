import Shop
import Web

/// The products: lists, details, the popular ones, and what an admin changes.
struct ProductsAPI: Sendable {
    private let products: Products
    private let access: Access
    private let lists: ProductLists

    init(_ shop: Shop, access: Access) {
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
            return .json { $0.value(product) }
        }
        api.on(.post, "/admin/products") { request, _ in
            let caller = try access.admin(request)
            let submission: Submission<Product> = try request.submission(of: caller, status: 201) { json, product in
                json.value(product, forAdmin: true)
            }
            return Response(try products.add(request.json(ProductInput.self).draft, submission))
        }
        api.on(.patch, "/admin/products/:id") { request, path in
            _ = try access.admin(request)
            let mediaTypes = ["application/merge-patch+json", "application/json"]
            let change = try request.json(ProductPatch.self, mediaTypes: mediaTypes).change
            let product = try products.update(path.id(Product.self, else: .productNotFound), change)
            return .json { $0.value(product, forAdmin: true) }
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
            stock: fields.integer("stock", in: Product.stockRange))
    }
}

private struct ProductPatch: JSONInput {
    let change: ProductChange

    init(_ fields: JSONFields) {
        change = ProductChange(
            name: fields.optional("name") { fields.text($0, length: Product.nameLength) },
            description: fields.optional("description") { fields.text($0, length: Product.descriptionLength) },
            price: fields.optional("price") { fields.won($0, in: Product.priceRange) },
            stockChange: fields.optional("stockChange") {
                fields.integer($0, in: -Product.stockRange.upperBound...Product.stockRange.upperBound)
            },
            isListed: fields.optional("listed") { fields.boolean($0) })
    }
}

extension JSONWriter {
    /// - Parameter forAdmin: whether to say if the product is listed, too.
    mutating func value(_ product: Product, forAdmin: Bool = false) {
        object { json in
            json.member("id", product.id)
            json.member("name", product.name)
            json.member("description", product.description)
            json.member("price", product.price)
            json.member("stock", product.stock)
            json.member("views", product.views)
            if forAdmin { json.member("listed", product.isListed) }
            json.member("createdAt", product.createdAt)
        }
    }
}
