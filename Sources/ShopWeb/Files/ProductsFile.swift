import Shop
import Web

/// The products that a request asks for, as a file: the newest first, whatever the list is sorted by.
func productsFile(
    _ request: Request, of products: ManagedProducts
) throws -> ListFile<ManagedProduct, ManagedProductQuery.Position> {
    let asked = try ManagedProductListInput(request).query
    let query = ManagedProductQuery(filter: asked.filter, words: asked.words)
    return ListFile(name: "products", columns: ProductColumn.allCases.map(\.rawValue)) { after, limit in
        let found = try products.list(query.from(after, limit: limit))
        return ListPart(items: found.items, next: found.next)
    } row: { csv, product in
        for column in ProductColumn.allCases { csv.write(column, of: product) }
        csv.endRow()
    }
}

extension CSVWriter {
    fileprivate mutating func write(_ column: ProductColumn, of product: ManagedProduct) {
        switch column {
        case .id: number(product.id.value)
        case .sku: text(product.sku?.text)
        case .name: text(product.name)
        case .price: number(product.price.amount)
        case .stock, .stockBefore: number(product.stock)
        case .lowStock: number(product.lowStock)
        case .listed: text(String(product.isListed))
        case .description: text(product.description)
        case .picture: text(product.picture)
        case .views: number(product.views)
        case .createdAt: text(DateTime.text(product.createdAt))
        case .version: number(product.version)
        }
    }
}
