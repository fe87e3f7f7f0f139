import Crypto

/// Whose a basket is: a customer's on all devices, or a visitor's on one device.
public enum BasketOwner: Sendable, Hashable {
    case customer(UserID)
    /// By the hash of the visitor's token.
    case visitor(TokenHash)
}

/// One product in a basket, as it is on sale now.
public struct BasketLine: Sendable, Equatable {
    /// How many of one product are in a basket, and in one line of a request for an order.
    public static let quantityRange: ClosedRange<Int64> = 1...1_000

    public let product: Product
    public let quantity: Quantity

    public init(product: Product, quantity: Quantity) {
        self.product = product
        self.quantity = quantity
    }

    public var amount: Won { product.price * quantity }
    /// Whether it can be ordered as it stands here.
    public var isOrderable: Bool { product.isListed && product.stock >= quantity.count }
}

/// Which coupon an order is to be made with.
public enum CouponChoice: Sendable, Hashable {
    case without
    case one(UserCouponID)
    /// That which saves most, if one can be used.
    case best
}

/// The coupons that somebody has for an amount.
public struct CouponOffer: Sendable {
    /// Those that can be used for it, the one that saves most first, with what each saves.
    public let fitting: [(coupon: UserCoupon, saves: Won)]
    /// Those whose minimum it does not reach.
    public let unfitting: [UserCoupon]

    init(_ usable: [UserCoupon], for total: Won) {
        fitting = usable.filter { $0.minimumOrderAmount <= total }
            .map { (coupon: $0, saves: $0.discount.amount(off: total)) }.sorted { $0.saves > $1.saves }
        unfitting = usable.filter { $0.minimumOrderAmount > total }
    }

    /// What the choice comes to; one that does not fit counts as none.
    public func chosen(_ choice: CouponChoice) -> (coupon: UserCoupon, saves: Won)? {
        switch choice {
        case .without: nil
        case .one(let id): fitting.first { $0.coupon.id == id }
        case .best: fitting.first
        }
    }
}

/// A basket as it is looked at before ordering: what an order made now would cost.
public struct Basket: Sendable {
    /// More different products than this are in no basket, nor more lines in a request for an order.
    public static let mostLines = 100

    /// In the order in which they were put in.
    public let lines: [BasketLine]
    /// A visitor has none.
    public let coupons: CouponOffer
    public let chosen: UserCoupon?
    public let total: Won
    public let discount: Won
    public let balance: Won

    public var final: Won { total - discount }
    /// Tells whether what is in it, and at which prices, is still what somebody has looked at.
    public var mark: String { Self.mark(lines) }
    public var isOrderable: Bool { !lines.isEmpty && lines.allSatisfy(\.isOrderable) }

    static func mark(_ lines: [BasketLine]) -> String {
        let text = lines.map { "\($0.product.id.value) \($0.product.price.amount)" }.joined(separator: ",")
        return Base64.encode(Array(SHA256.hash(data: Array(text.utf8))), Base64.url)
    }
}

public protocol BasketRepository {
    /// In the order in which they were put in; products that are unlisted by now, too.
    func lines(of owner: BasketOwner) throws -> [BasketLine]
    func quantity(of product: ProductID, in owner: BasketOwner) throws -> Quantity?
    /// How many different products there are.
    func count(of owner: BasketOwner) throws -> Int
    /// Puts the product in, or changes how many of it are. A visitor has to have a basket.
    func set(_ quantity: Quantity, of product: ProductID, in owner: BasketOwner, at time: Timestamp) throws
    func remove(_ product: ProductID, from owner: BasketOwner) throws
    func clear(_ user: UserID) throws

    /// Keeps a basket for the visitor from now on. Where there are `most` already, the one that was begun first goes.
    func keepVisitor(_ visitor: TokenHash, at time: Timestamp, most: Int) throws
    func forgetVisitor(_ visitor: TokenHash) throws
    /// Forgets at most `limit` visitors who have put nothing in since `time`; says how many.
    func forgetVisitors(unusedSince time: Timestamp, limit: Int) throws -> Int
}
