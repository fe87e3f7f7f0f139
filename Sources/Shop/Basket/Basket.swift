import Crypto

/// One product in a basket, as it is on sale now.
public struct BasketLine: Sendable, Equatable {
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

/// A basket as it is looked at before ordering: what an order made now would cost.
public struct Basket: Sendable {
    /// In the order in which they were put in.
    public let lines: [BasketLine]
    /// The coupons that could be used for it, the one that saves most first, with what each saves.
    public let fitting: [(coupon: UserCoupon, saves: Won)]
    /// The coupons whose minimum it does not reach.
    public let unfitting: [UserCoupon]
    public let chosen: UserCoupon?
    public let total: Won
    public let discount: Won
    public let balance: Won

    public var final: Won { total - discount }
    /// Tells whether it is still what somebody has looked at: the same products, quantities and prices for the same amount.
    public var mark: String {
        Self.mark(lines.map { ($0.product.id, $0.product.price, $0.quantity) }, final)
    }
    public var isOrderable: Bool { !lines.isEmpty && lines.allSatisfy(\.isOrderable) }
}

extension Order {
    /// That of the basket which it was made of.
    var mark: String { Basket.mark(lines.map { ($0.product, $0.unitPrice, $0.quantity) }, final) }
}

extension Basket {
    fileprivate static func mark(_ lines: [(ProductID, price: Won, Quantity)], _ final: Won) -> String {
        let text = lines.map { "\($0.0.value) \($0.price.amount) \($0.2.count)" }.joined(separator: ",")
        return Base64.encode(Array(SHA256.hash(data: Array("\(text),\(final.amount)".utf8))), Base64.url)
    }
}

public protocol BasketRepository {
    /// In the order in which they were put in; products that are unlisted by now, too.
    func lines(of session: TokenHash) throws -> [BasketLine]
    func quantity(of product: ProductID, in session: TokenHash) throws -> Quantity?
    /// How many different products there are.
    func count(of session: TokenHash) throws -> Int
    /// Puts the product in, or changes how many of it are.
    func set(_ quantity: Quantity, of product: ProductID, in session: TokenHash, at time: Timestamp) throws
    func remove(_ product: ProductID, from session: TokenHash) throws
    func clear(_ session: TokenHash) throws
}
