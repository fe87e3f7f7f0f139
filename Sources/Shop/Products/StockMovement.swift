public typealias StockMovementID = ID<StockMovement>

/// A line of a product's stock ledger: what was added to the stock or taken from it, and why. Sales and refunds have no line:
/// the orders say them. What all lines add up to was supplied, and what of it was sold is the difference to the stock.
public struct StockMovement: Sendable, Equatable {
    /// Numbered from 1 for each product, without a gap.
    public let id: StockMovementID
    public let reason: StockReason
    /// Negative if stock was taken.
    public let change: Int64
    /// The stock after it.
    public let stock: Int64
    /// Who changed it, as in the trace; nil if nobody of the staff did.
    public let login: String?
    public let at: Timestamp

    public init(id: StockMovementID, reason: StockReason, change: Int64, stock: Int64, login: String?, at: Timestamp) {
        self.id = id
        self.reason = reason
        self.change = change
        self.stock = stock
        self.login = login
        self.at = at
    }
}

/// Why the stock was changed.
public enum StockReason: String, Sendable, CaseIterable {
    /// What a product began with.
    case opening
    /// Goods have come in.
    case delivery
    /// Somebody counted, and there were more or fewer.
    case count
    /// Goods were lost or spoilt.
    case damage
    /// An earlier line was wrong.
    case correction

    /// The reasons for a change.
    public static let changes = allCases.filter { $0 != .opening }
}

/// Stock added or, if the count is negative, taken, with the reason.
public struct StockChange: Sendable, Equatable {
    public let count: Int64
    public let reason: StockReason

    public init(_ count: Int64, _ reason: StockReason) {
        self.count = count
        self.reason = reason
    }
}

/// The stock ledger, for those who may see it.
public struct StockLedger: Capability, Sendable {
    let context: Context

    /// The product's movements, newest first. Throws `productNotFound`.
    public func list(
        of id: ProductID, before: StockMovementID?, limit: Int
    ) throws -> ListPage<StockMovement> {
        try store.read { tx in
            guard try tx.products.find(id) != nil else { throw ShopError.productNotFound }
            return try tx.products.movements(of: id, before: before, limit: limit)
        }
    }
}

extension Shop {
    /// Throws `forbidden` for who may not see it.
    public func stockLedger(for staff: Staff) throws -> StockLedger {
        try staff.check(.readProducts)
        return StockLedger(context: context)
    }
}
