import Shop
import Web

/// The fields of one row in the list that is being edited.
struct ProductRowForm {
    let id: ProductID

    var price: String { "price-\(id.value)" }
    var change: String { "change-\(id.value)" }
    var listed: String { "listed-\(id.value)" }
    /// Names the row as a whole.
    var row: String { "row-\(id.value)" }
    /// The name of what its fields were filled with.
    var markName: String { "was-\(id.value)" }

    /// What the row's fields were filled with.
    static func mark(_ product: ManagedProduct) -> String {
        "\(product.version).\(product.price.amount).\(product.isListed ? 1 : 0)"
    }

    /// The rows that a form lists, in order; at most as many as a page has.
    static func all(_ list: String?) -> [ProductRowForm] {
        (list ?? "").split(separator: " ").compactMap { Int64($0) }.prefix(ManagedProductListInput.pageLimit)
            .map { ProductRowForm(id: ProductID($0)) }
    }

    /// What is to be changed; nil if nothing was typed into the row.
    func wanted(_ form: inout Form, because reason: StockReason) -> ProductChange? {
        let before = (form[markName] ?? "").split(separator: ".").compactMap { Int64($0) }
        guard before.count == 3 else { return nil }
        let range = Product.priceRange.lowerBound.amount...Product.priceRange.upperBound.amount
        let newPrice = form.integer(price, in: range)
        let most = Product.stockRange.upperBound
        let count = form.optionalInteger(change, in: -most...most) ?? 0
        let isListed = form[listed] != nil
        if newPrice == before[1], count == 0, isListed == (before[2] == 1) { return nil }
        return ProductChange(
            price: newPrice == before[1] ? nil : Won(newPrice),
            stockChange: count == 0 ? nil : StockChange(count, reason),
            isListed: isListed == (before[2] == 1) ? nil : isListed,
            version: newPrice == before[1] && isListed == (before[2] == 1) ? nil : before[0])
    }
}
