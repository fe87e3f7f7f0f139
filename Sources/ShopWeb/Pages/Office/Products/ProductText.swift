import Shop

/// What staff edit of a product, field by field, as its form says it.
enum ProductField: String, CaseIterable, Sendable {
    case name, price, description, sku, lowStock, listed

    /// The name of the choice between what was typed and what the product says now.
    var choice: String { "keep-\(rawValue)" }
}

/// The fields' texts in one form each, so that two can be compared.
struct ProductText: Equatable {
    private let texts: [ProductField: String]

    subscript(field: ProductField) -> String { texts[field] ?? "" }

    init(_ product: ManagedProduct) {
        texts = [
            .name: product.name, .price: String(product.price.amount), .description: product.description,
            .sku: product.sku?.text ?? "", .lowStock: product.lowStock.map { String($0) } ?? "",
            .listed: product.isListed ? "1" : "",
        ]
    }

    /// From a form that has been read without a mistake.
    init(typed edit: ProductEdit) {
        texts = [
            .name: edit.name, .price: String(edit.price.amount), .description: edit.description,
            .sku: edit.sku?.text ?? "", .lowStock: edit.lowStock.map { String($0) } ?? "",
            .listed: edit.isListed ? "1" : "",
        ]
    }

    /// Tells later which fields were other ones.
    var mark: String { ProductField.allCases.map { Checksum.text(self[$0]) }.joined(separator: ".") }

    /// The fields that are not what they were when the mark was made.
    func changed(since mark: String?) -> Set<ProductField> {
        let before = (mark ?? "").split(separator: ".")
        guard before.count == ProductField.allCases.count else { return Set(ProductField.allCases) }
        return Set(zip(ProductField.allCases, before).filter { Checksum.text(self[$0]) != $1 }.map(\.0))
    }

    /// The fields in which two differ, in order.
    func differences(from other: ProductText) -> [ProductField] {
        ProductField.allCases.filter { self[$0] != other[$0] }
    }
}

/// What the form of a product says, read and checked.
struct ProductEdit {
    let name: String
    let price: Won
    let description: String
    let sku: SKU?
    let lowStock: Int64?
    let isListed: Bool

    /// Collects what is wrong in the form.
    init(_ form: inout Form) {
        name = form.text("name", length: Product.nameLength)
        price = Won(
            form.integer("price", in: Product.priceRange.lowerBound.amount...Product.priceRange.upperBound.amount))
        // Browsers send another line end than the one that is stored.
        description = form.text("description", length: Product.descriptionLength).replacing("\r\n", with: "\n")
        sku = form.sku("sku")
        lowStock = form.optionalInteger("lowStock", in: ManagedProduct.lowStockRange)
        isListed = form["listed"] != nil
    }

    /// - Parameter kept: the fields that stay as they are.
    func change(of version: Int64, keeping kept: Set<ProductField>) -> ProductChange {
        func typed<Value>(_ field: ProductField, _ value: Value) -> Value? { kept.contains(field) ? nil : value }
        return ProductChange(
            name: typed(.name, name), description: typed(.description, description), price: typed(.price, price),
            isListed: typed(.listed, isListed), sku: typed(.sku, sku), lowStock: typed(.lowStock, lowStock),
            version: version)
    }
}

extension Form {
    fileprivate mutating func sku(_ name: String) -> SKU? {
        let text = text(name, length: 0...SKU.length.upperBound, allowed: SKU.isCharacter)
        if text.isEmpty { return nil }
        let sku = SKU(text)
        // What is wrong with all but the first character has been said.
        if sku == nil, text.utf8.count <= SKU.length.upperBound, text.unicodeScalars.allSatisfy(SKU.isCharacter) {
            refuse(name, .characters)
        }
        return sku
    }
}
