import Shop
import Web

/// The products: lists, details, the popular ones, and what the staff do with them.
struct ProductsAPI: Sendable {
    private let shop: Shop
    private let products: Products
    private let access: Access
    private let lists: ProductLists

    init(_ shop: Shop, access: Access) {
        self.shop = shop
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
            let (staff, user) = try access.staff(request)
            let products = try shop.productAdministration(by: staff)
            let submission: Submission<Product> = try request.submission(of: user, status: 201) { json, product in
                json.value(product, forStaff: true)
            }
            return Response(try products.add(request.json(ProductInput.self).draft, submission))
        }
        api.on(.patch, "/admin/products/:id") { request, path in
            let products = try shop.productAdministration(by: access.staff(request).staff)
            let mediaTypes = ["application/merge-patch+json", "application/json"]
            let change = try request.json(ProductPatch.self, mediaTypes: mediaTypes).change
            let product = try products.update(path.id(Product.self, else: .productNotFound), change)
            return .json { $0.value(product, forStaff: true) }
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
    /// - Parameter forStaff: staff also see whether it is listed.
    mutating func value(_ product: Product, forStaff: Bool = false) {
        object { json in
            json.member("id", product.id)
            json.member("name", product.name)
            json.member("description", product.description)
            json.member("price", product.price)
            json.member("stock", product.stock)
            json.member("views", product.views)
            if forStaff { json.member("listed", product.isListed) }
            json.member("createdAt", product.createdAt)
        }
    }
}
