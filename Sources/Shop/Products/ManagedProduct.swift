/// A product as the staff see it.
@dynamicMemberLookup
public struct ManagedProduct: Sendable, Equatable {
    public static let lowStockRange: ClosedRange<Int64> = 0...1_000_000_000

    /// As customers see it, if it is listed.
    public let product: Product
    public let sku: SKU?
    /// At this stock or less, it is low; nil if nobody is to be told.
    public let lowStock: Int64?
    /// Counts from 1 how often the staff have edited it. What only adds to the stock or takes from it is no edit: it
    /// overwrites nothing.
    public let version: Int64

    public init(product: Product, sku: SKU?, lowStock: Int64?, version: Int64) {
        self.product = product
        self.sku = sku
        self.lowStock = lowStock
        self.version = version
    }

    public subscript<Member>(dynamicMember member: KeyPath<Product, Member>) -> Member { product[keyPath: member] }

    /// Whether it is still on sale, but no longer for long.
    public var isLow: Bool { product.stock > 0 && lowStock.map { product.stock <= $0 } ?? false }
}

/// What a product is called in the shop's own books: a number from a label, a supplier or another program. No two products
/// have the same, in capital or small letters.
public struct SKU: Sendable, Hashable {
    /// In characters.
    public static let length = 1...40

    public let text: String

    /// nil unless it is of letters and digits of ASCII and `-`, `.`, `_` and `/`, the first a letter or a digit: so it
    /// stays a text in every spreadsheet and address.
    public init?(_ text: String) {
        guard Self.length.contains(text.unicodeScalars.count), text.unicodeScalars.allSatisfy(Self.isCharacter),
            let first = text.utf8.first, !"-._/".utf8.contains(first)
        else { return nil }
        self.text = text
    }

    /// As it was stored.
    public init(stored text: String) { self.text = text }

    public static func isCharacter(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9", "-", ".", "_", "/": true
        default: false
        }
    }
}

/// Which of the products, listed or not, and in which order.
public struct ManagedProductQuery: Sendable, Hashable {
    public enum Filter: Sendable, Hashable, CaseIterable {
        case all
        case listed
        case unlisted
        case soldOut
        case low
        case withoutPicture

        /// What it asks the staff to do; nil if nothing.
        public var work: Work? {
            switch self {
            case .all, .listed, .unlisted: nil
            case .soldOut: .soldOut
            case .low: .low
            case .withoutPicture: .withoutPicture
            }
        }
    }

    /// Products that ask for something to be done.
    public enum Work: Sendable, CaseIterable {
        /// On sale, with nothing to sell.
        case soldOut
        /// On sale, with some stock, but no more than its threshold.
        case low
        case withoutPicture
    }

    public enum Order: Sendable, Hashable, CaseIterable {
        case newest
        case name
        case cheapestFirst
        case dearestFirst
    }

    /// Behind which product a page begins.
    public struct Position: Sendable, Hashable {
        public let price: Won
        public let id: ProductID

        public init(price: Won, id: ProductID) {
            self.price = price
            self.id = id
        }

        public init(_ product: ManagedProduct) { self.init(price: product.price, id: product.id) }
    }

    public let filter: Filter
    /// Without words; what a search finds comes newest first.
    public let order: Order
    /// As in `ProductQuery`. One that is a product's SKU finds that product, too, before all others.
    public let words: [String]
    public let after: Position?
    public let limit: Int

    public init(
        filter: Filter = .all, order: Order = .newest, words: [String] = [], after: Position? = nil,
        limit: Int = ProductQuery.usualLimit
    ) {
        self.filter = filter
        self.order = order
        self.words = words
        self.after = after
        self.limit = limit
    }

    /// The same list from another product on.
    public func from(_ after: Position?, limit: Int) -> ManagedProductQuery {
        ManagedProductQuery(filter: filter, order: order, words: words, after: after, limit: limit)
    }

    /// Whether the product is one of those that the filter leaves.
    public func isLeft(_ product: ManagedProduct) -> Bool {
        switch filter {
        case .all: true
        case .listed: product.isListed
        case .unlisted: !product.isListed
        case .soldOut: product.isListed && product.stock == 0
        case .low: product.isListed && product.isLow
        case .withoutPicture: product.picture == nil
        }
    }
}

/// One page of the staff's list.
public struct FoundManagedProducts: Sendable {
    public let items: [ManagedProduct]
    /// Where the next page begins; nil on the last. A search that has looked at many products in vain has a next page
    /// behind a short one.
    public let next: ManagedProductQuery.Position?

    public init(items: [ManagedProduct], next: ManagedProductQuery.Position?) {
        self.items = items
        self.next = next
    }
}

/// The products as the staff see them, for those who may.
public struct ManagedProducts: Capability, Sendable {
    /// As many are chosen together at most, and counted.
    public static let mostTogether = 500

    let context: Context

    public func list(_ query: ManagedProductQuery) throws -> FoundManagedProducts {
        try store.read { tx in try tx.products.listManaged(query) }
    }

    /// Throws `productNotFound`.
    public func find(_ id: ProductID) throws -> ManagedProduct {
        guard let product = try store.lookUp({ tx in try tx.products.findManaged(id) }) else {
            throw ShopError.productNotFound
        }
        return product
    }

    /// Those that there are, in the given order.
    public func find(_ ids: [ProductID]) throws -> [ManagedProduct] {
        try store.read { tx in try ids.compactMap { try tx.products.findManaged($0) } }
    }

    /// All that the query finds, from its first page on; nil if that is more than `mostTogether`.
    public func all(_ query: ManagedProductQuery) throws -> [ManagedProduct]? {
        try store.read { tx in
            var found: [ManagedProduct] = []
            var after: ManagedProductQuery.Position?
            repeat {
                let page = try tx.products.listManaged(query.from(after, limit: 100))
                found += page.items
                after = page.next
                if found.count > Self.mostTogether { return nil }
            } while after != nil
            return found
        }
    }

    /// How many products ask for each work, counted to one more than `mostTogether`.
    public func work() throws -> [ManagedProductQuery.Work: Int] {
        try store.read { tx in
            try Dictionary(
                uniqueKeysWithValues: ManagedProductQuery.Work.allCases.map { work in
                    (work, try tx.products.count(work, atMost: Self.mostTogether + 1))
                })
        }
    }
}

extension Shop {
    /// Throws `forbidden` for who may not see them.
    public func managedProducts(for staff: Staff) throws -> ManagedProducts {
        try staff.check(.readProducts)
        return ManagedProducts(context: context)
    }
}
