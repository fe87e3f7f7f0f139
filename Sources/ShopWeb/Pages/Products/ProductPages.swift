import Shop
import Web

/// The products: the list with search, order and paging, and each one.
struct ProductPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getCached(.products) { visit, _ in
            let input: ProductListInput
            do {
                input = try ProductListInput(visit.request, isForPeople: true)
            } catch is ValidationError {
                // Whatever is wrong with a field, the list itself is fine.
                return FreshPage(response: .seeOther(try visit.searchable()))
            }
            let found = try visit.shop.products.search(input.query)
            return FreshPage(response: visit.list(input, found), viewed: found.page.items.map(\.id))
        }
        pages.getCached(.product) { visit, path in
            let product = try visit.shop.products.find(path.id(Product.self, else: .productNotFound))
            return FreshPage(response: try visit.product(product, nil), viewed: [product.id])
        }
    }
}

extension Visit {
    /// As much of a description as a card has room for.
    private static func beginning(_ text: String) -> String {
        let most = 80
        return text.count > most ? text.prefix(most) + "…" : text
    }

    /// The parts between empty lines, each with its own lines.
    private static func paragraphs(_ text: String) -> [String] {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        return lines.split { $0.allSatisfy(\.isWhitespace) }.map { $0.joined(separator: "\n") }
    }

    /// As much of a description as a search engine shows; nil if it is empty.
    private static func inOneLine(_ text: String) -> String? {
        let longest = 150
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.isEmpty ? nil : String(line.prefix(longest))
    }

    /// A product in a list.
    func card(_ product: Product, rank: Int? = nil) -> ProductCard {
        let fewLeft: ClosedRange<Int64> = 1...5
        return ProductCard(
            href: SitePath.product(product.id).text, picture: storefront.assets.picture(product.picture),
            photo: photo(of: product),
            name: wording.named(product.name), description: wording.named(Self.beginning(product.description)),
            price: wording.won(product.price), isSoldOut: product.stock == 0, isLow: fewLeft.contains(product.stock),
            stock: wording.number(product.stock), rank: rank)
    }

    /// A product's page, with what was wrong with its form if there was a refusal.
    func product(_ product: Product, _ refusal: FormRefusal?) throws -> Response {
        let popular = try shop.popular.list().products
        let photos = try shop.products.pictures(of: product).map { PhotoModel($0.picture, wording.named($0.text)) }
        // Whoever had to log in first has typed it already.
        let typed = try FormFields(request.query).fields.first { $0.name == "quantity" }?.value
        let model = ProductPage(
            card: card(product, rank: popular.first { $0.product.id == product.id }?.rank),
            photos: photos, id: product.id.value,
            paragraphs: Self.paragraphs(product.description), summary: Self.inOneLine(product.description),
            createdAt: wording.time(product.createdAt), views: wording.number(product.views),
            canBuy: product.stock > 0,
            maxQuantity: wording.number(min(product.stock, BasketLine.quantityRange.upperBound)),
            values: ["quantity": typed.map { String($0.prefix(20)) } ?? "1"])
        return page(model, product.name, in: .products, refusal: refusal)
    }

    fileprivate func list(_ input: ProductListInput, _ found: FoundProducts) -> Response {
        let query = input.query
        let products = found.page
        let isSearch = !query.words.isEmpty
        // Without a search, nothing is more relevant than anything else.
        let orders = ProductQuery.Order.allCases.filter { isSearch || $0 != .mostRelevant }
        let sorts = orders.map { order in
            SortLink(
                label: words(order.word), href: SitePath.products(input.text, in: order).text,
                isCurrent: order == query.order)
        }
        let last = products.hasMore ? products.items.last : nil
        let model = ProductsPage(
            search: input.text, hasQuery: isSearch, isSimilar: found.isSimilar,
            found: found.number.flatMap { number in
                number.count > 0
                    ? words(number.isMore ? .foundMore : .found, ["count": .number(Int64(number.count))]) : nil
            },
            sorts: sorts, items: products.items.map { card($0) },
            pages: PageLinks(
                first: query.after == nil ? nil : .products(input.text, in: query.order),
                next: last.map { .products(input.text, in: query.order, cursor: query.cursor(after: $0)) }))
        let title = isSearch ? words(.titleSearch, ["query": .text(input.text)]) : words(.titleProducts)
        return page(model, title, in: .products)
    }

    /// The list for as much of the search as is valid; that address never redirects again.
    fileprivate func searchable() throws -> SitePath {
        let text = try FormFields(request.query).fields.first { $0.name == "q" }?.value ?? ""
        let characters = text.unicodeScalars.filter { $0.properties.generalCategory != .control }
        return .products(String(characters.prefix(ProductListInput.longestText)))
    }
}

extension ProductQuery.Order {
    fileprivate var word: WordKey {
        switch self {
        case .newest: .sortNewest
        case .cheapestFirst: .sortCheapest
        case .dearestFirst: .sortDearest
        case .mostRelevant: .sortRelevance
        }
    }
}
