/// A part of what was paid for an order, or all of it, given back. An order can have several, until all is given back.
public struct Refund: Sendable, Equatable {
    /// Numbered from 1 for each order, without a gap.
    public let number: Int
    public let amount: Won
    /// Whether the goods went back to the stock. If they did not, they are lost to the shop.
    public let returnedToStock: Bool
    /// Who of the staff gave it, as in the trace; nil where it was not written down.
    public let login: String?
    public let at: Timestamp
    /// In the order's order.
    public let lines: [RefundLine]

    public init(
        number: Int, amount: Won, returnedToStock: Bool, login: String?, at: Timestamp, lines: [RefundLine]
    ) {
        self.number = number
        self.amount = amount
        self.returnedToStock = returnedToStock
        self.login = login
        self.at = at
        self.lines = lines
    }
}

/// How many of one product a refund takes back, and what it gives for them.
public struct RefundLine: Sendable, Equatable {
    public let product: ProductID
    public let quantity: Quantity
    public let amount: Won

    public init(product: ProductID, quantity: Quantity, amount: Won) {
        self.product = product
        self.quantity = quantity
        self.amount = amount
    }
}

/// What is to be given back.
public struct RefundRequest: Sendable, Equatable {
    /// How many of which product; nil for all that is left.
    public let lines: [OrderRequestLine]?
    public let returnsToStock: Bool
    /// How many refunds the order had when somebody decided on this one; nil skips the check.
    public let seen: Int?

    public init(_ lines: [OrderRequestLine]? = nil, returnsToStock: Bool = true, seen: Int? = nil) {
        self.lines = lines
        self.returnsToStock = returnsToStock
        self.seen = seen
    }

    /// How many of one product one refund can take back: as many as one order can have.
    public static let quantityRange = 1...Int64(Basket.mostLines) * BasketLine.quantityRange.upperBound

    /// All that is left, goods back to the stock.
    public static let rest = RefundRequest()
}

public protocol RefundRepository {
    func add(_ refund: Refund, to order: OrderID) throws
    /// The first first.
    func list(of order: OrderID) throws -> [Refund]
}
