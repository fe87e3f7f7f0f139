import Crypto

/// Whose basket it is: a customer's, on all devices, or a visitor's, on one.
public enum BasketOwner: Sendable, Hashable {
    case customer(UserID)
    /// Known by the hash of the visitor's token.
    case visitor(TokenHash)
}

/// One product in a basket, as it is currently on sale.
public struct BasketLine: Sendable, Equatable {
    /// The quantities allowed for one product in a basket and in one line of an order request.
    public static let quantityRange: ClosedRange<Int64> = 1...1_000

    public let product: Product
    public let quantity: Quantity

    public init(product: Product, quantity: Quantity) {
        self.product = product
        self.quantity = quantity
    }

    public var amount: Won { product.price * quantity }
    /// Whether it can be ordered as it stands.
    public var isOrderable: Bool { product.isListed && product.stock >= quantity.count }
}

/// Which coupon an order is to be made with.
public enum CouponChoice: Sendable, Hashable {
    case without
    case one(UserCouponID)
    /// The one that saves most, if any can be used.
    case best
}

/// The coupons that a customer has for an amount.
public struct CouponOffer: Sendable {
    /// Those that can be used for it and what each saves, the largest saving first.
    public let fitting: [(coupon: UserCoupon, saves: Won)]
    /// Those whose minimum the amount does not reach.
    public let unfitting: [UserCoupon]

    init(_ usable: [UserCoupon], for total: Won) {
        fitting = usable.filter { $0.minimumOrderAmount <= total }
            .map { (coupon: $0, saves: $0.discount.amount(off: total)) }.sorted { $0.saves > $1.saves }
        unfitting = usable.filter { $0.minimumOrderAmount > total }
    }

    /// The coupon that the choice stands for; one that does not fit counts as none.
    public func chosen(_ choice: CouponChoice) -> (coupon: UserCoupon, saves: Won)? {
        switch choice {
        case .without: nil
        case .one(let id): fitting.first { $0.coupon.id == id }
        case .best: fitting.first
        }
    }
}

/// A basket as shown before ordering: what an order made now would cost.
public struct Basket: Sendable {
    /// The most different products in a basket, and the most lines in an order request.
    public static let mostLines = 100

    /// In the order in which they were added.
    public let lines: [BasketLine]
    /// Empty for a visitor.
    public let coupons: CouponOffer
    public let chosen: UserCoupon?
    public let total: Won
    public let discount: Won
    public let balance: Won

    public var final: Won { total - discount }
    /// Changes whenever the contents or the prices do, so that an order can tell whether the customer has seen them.
    public var mark: String { Self.mark(lines) }
    public var isOrderable: Bool { !lines.isEmpty && lines.allSatisfy(\.isOrderable) }

    static func mark(_ lines: [BasketLine]) -> String {
        let text = lines.map { "\($0.product.id.value) \($0.product.price.amount)" }.joined(separator: ",")
        return Base64.encode(Array(SHA256.hash(data: Array(text.utf8))), Base64.url)
    }
}

public protocol BasketRepository {
    /// In the order in which they were added, including products that are no longer listed.
    func lines(of owner: BasketOwner) throws -> [BasketLine]
    func quantity(of product: ProductID, in owner: BasketOwner) throws -> Quantity?
    /// How many different products there are.
    func count(of owner: BasketOwner) throws -> Int
    /// Adds the product, or changes its quantity. A visitor must have a basket already.
    func set(_ quantity: Quantity, of product: ProductID, in owner: BasketOwner, at time: Timestamp) throws
    func remove(_ product: ProductID, from owner: BasketOwner) throws
    func clear(_ user: UserID) throws

    /// Starts a basket for the visitor. If there are `most` already, the oldest one goes.
    func keepVisitor(_ visitor: TokenHash, at time: Timestamp, most: Int) throws
    func forgetVisitor(_ visitor: TokenHash) throws
    /// Forgets at most `limit` visitors who have added nothing since `time`; returns how many.
    func forgetVisitors(unusedSince time: Timestamp, limit: Int) throws -> Int
}
