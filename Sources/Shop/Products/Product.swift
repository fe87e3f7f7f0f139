public struct Product: Sendable, Equatable {
    /// In characters.
    public static let nameLength = 1...200
    /// In characters.
    public static let descriptionLength = 0...10_000
    /// In characters.
    public static let pictureLength = 1...64
    public static let priceRange = Won.zero...Won(1_000_000_000)
    /// For one product; a refund may exceed it.
    public static let stockRange: ClosedRange<Int64> = 0...1_000_000_000

    public let id: ProductID
    public let name: String
    public let description: String
    public let price: Won
    public let stock: Int64
    public let views: Int64
    /// An unlisted product is in no list, cannot be found and cannot be ordered.
    public let isListed: Bool
    public let createdAt: Timestamp
    /// The name of one of the drawings that come with the shop, or `/hash/width/height` of the first of the product's own
    /// pictures: see `photo`.
    public let picture: String?

    public init(
        id: ProductID, name: String, description: String, price: Won, stock: Int64, views: Int64, isListed: Bool,
        createdAt: Timestamp, picture: String?
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.price = price
        self.stock = stock
        self.views = views
        self.isListed = isListed
        self.createdAt = createdAt
        self.picture = picture
    }
}

/// A product as it is currently on sale.
public struct ProductOffer: Sendable {
    public let name: String
    public let price: Won
    public let stock: Int64

    public init(name: String, price: Won, stock: Int64) {
        self.name = name
        self.price = price
        self.stock = stock
    }
}

/// What an admin gives for a new product.
public struct ProductDraft: Sendable {
    public let name: String
    public let description: String
    public let price: Won
    public let stock: Int64
    public let picture: String?
    public let sku: SKU?
    /// See `ManagedProduct.lowStock`.
    public let lowStock: Int64?
    public let isListed: Bool

    public init(
        name: String, description: String, price: Won, stock: Int64, picture: String? = nil, sku: SKU? = nil,
        lowStock: Int64? = nil, isListed: Bool = true
    ) {
        self.name = name
        self.description = description
        self.price = price
        self.stock = stock
        self.picture = picture
        self.sku = sku
        self.lowStock = lowStock
        self.isListed = isListed
    }
}

/// What the staff change of a product; nil leaves it.
public struct ProductChange: Sendable {
    public let name: String?
    public let description: String?
    public let price: Won?
    public let stockChange: StockChange?
    public let isListed: Bool?
    /// `.some(nil)` takes it away.
    public let sku: SKU??
    /// `.some(nil)` takes it away.
    public let lowStock: Int64??
    /// What the change was made of: refused if somebody has edited the product since.
    public let version: Int64?

    public init(
        name: String? = nil, description: String? = nil, price: Won? = nil, stockChange: StockChange? = nil,
        isListed: Bool? = nil, sku: SKU?? = nil, lowStock: Int64?? = nil, version: Int64? = nil
    ) {
        self.name = name
        self.description = description
        self.price = price
        self.stockChange = stockChange
        self.isListed = isListed
        self.sku = sku
        self.lowStock = lowStock
        self.version = version
    }
}

/// Which of the listed products to list, and in which order.
public struct ProductQuery: Sendable, Hashable {
    public enum Order: Sendable, CaseIterable {
        case newest
        case cheapestFirst
        case dearestFirst
        /// What a search is most likely to be for: a whole word of a name, then names, then descriptions, each newest
        /// first. Without a search, newest first.
        case mostRelevant
    }

    /// The last product of the previous page.
    public struct Position: Sendable, Hashable {
        public let price: Won
        public let id: ProductID

        public init(price: Won, id: ProductID) {
            self.price = price
            self.id = id
        }
    }

    /// How many products a page has by default.
    public static let usualLimit = 20

    public let order: Order
    /// Words that must all occur in the name or the description, even inside longer words; none for every product.
    /// Punctuation, case and character encoding make no difference, nor do spaces from three letters on.
    public let words: [String]
    /// Whether similar products are found if nothing matches the words: spaced differently, or one letter off.
    public let takesSimilar: Bool
    public let after: Position?
    public let limit: Int

    public init(
        order: Order = .newest, words: [String] = [], takesSimilar: Bool = false, after: Position? = nil,
        limit: Int = ProductQuery.usualLimit
    ) {
        self.order = order
        self.words = words
        self.takesSimilar = takesSimilar
        self.after = after
        self.limit = limit
    }
}

/// The result of a search.
public struct FoundProducts: Sendable {
    public let page: ListPage<Product>
    /// How many there are in all; nil if not counted.
    public let number: Number?
    /// Whether nothing matches the words, and these are similar products.
    public let isSimilar: Bool

    public struct Number: Sendable, Equatable {
        public let count: Int
        /// Whether there are more, left uncounted.
        public let isMore: Bool

        public init(_ count: Int, isMore: Bool = false) {
            self.count = count
            self.isMore = isMore
        }
    }

    public init(page: ListPage<Product>, number: Number?, isSimilar: Bool) {
        self.page = page
        self.number = number
        self.isSimilar = isSimilar
    }
}

public protocol ProductRepository {
    func list(_ query: ProductQuery) throws -> ListPage<Product>
    /// The same, with the number found.
    func search(_ query: ProductQuery) throws -> FoundProducts
    /// Unlisted ones too.
    func find(_ id: ProductID) throws -> Product?
    /// The same, as the staff see it.
    func findManaged(_ id: ProductID) throws -> ManagedProduct?
    /// The product of this number, however it is written.
    func find(_ sku: SKU) throws -> ManagedProduct?
    func listManaged(_ query: ManagedProductQuery) throws -> FoundManagedProducts
    /// How many there are of those that ask for something to be done, counted to `most`.
    func count(_ filter: ManagedProductQuery.Work, atMost most: Int) throws -> Int
    /// What an order needs to know of a product; nil if it is not listed.
    func offer(_ id: ProductID) throws -> ProductOffer?
    /// Adds a product, with the first line of its stock ledger.
    ///
    /// - Parameter login: who of the staff does it, if anybody.
    func add(_ draft: ProductDraft, by login: String?, at time: Timestamp) throws -> ManagedProduct
    /// Changes everything but the stock, and counts as an edit.
    func update(_ id: ProductID, _ change: ProductChange) throws
    /// Adds to the supply, or takes from it, with a line in the stock ledger; the caller has checked that there is enough.
    func supply(_ change: StockChange, to id: ProductID, by login: String, at time: Timestamp) throws
    /// The lines of the product's stock ledger, newest first.
    func movements(of id: ProductID, before: StockMovementID?, limit: Int) throws -> ListPage<StockMovement>
    /// Takes a sale from the stock, and counts it. Does nothing and returns false if there is too little.
    func sell(_ line: OrderLine, in hour: Hour) throws -> Bool
    /// Takes what was sold from what the popular products are found by.
    ///
    /// - Parameter toStock: whether it is put back into the stock; otherwise it is lost.
    func takeBack(_ quantity: Quantity, of id: ProductID, soldIn hour: Hour, toStock: Bool) throws
    func addViews(_ views: [ProductID: Int]) throws
}
