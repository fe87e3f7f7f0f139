/// One product of an order, with its name and price as they were when the order was made.
public struct OrderLine: Sendable, Equatable {
    public let product: ProductID
    public let name: String
    public let unitPrice: Won
    public let quantity: Quantity

    public init(product: ProductID, name: String, unitPrice: Won, quantity: Quantity) {
        self.product = product
        self.name = name
        self.unitPrice = unitPrice
        self.quantity = quantity
    }

    public var amount: Won { unitPrice * quantity }
}

public struct Order: Sendable, Equatable {
    public enum Status: String, Sendable, CaseIterable {
        case pending, completed, cancelled, expired, refunded
    }

    public let id: OrderID
    public let user: UserID
    /// As stored. A pending order counts as expired once its time is over, whatever is stored: see `status(at:)`.
    public let storedStatus: Status
    public let lines: [OrderLine]
    public let total: Won
    public let discount: Won
    public let userCoupon: UserCouponID?
    public let createdAt: Timestamp
    public let expiresAt: Timestamp
    public let completedAt: Timestamp?
    /// How many refunds it has.
    public let refunds: Int
    /// What they gave back together. An order stays completed until all of it is given back.
    public let refunded: Won

    public init(
        id: OrderID, user: UserID, storedStatus: Status, lines: [OrderLine], total: Won, discount: Won,
        userCoupon: UserCouponID?, createdAt: Timestamp, expiresAt: Timestamp, completedAt: Timestamp?,
        refunds: Int = 0, refunded: Won = .zero
    ) {
        self.id = id
        self.user = user
        self.storedStatus = storedStatus
        self.lines = lines
        self.total = total
        self.discount = discount
        self.userCoupon = userCoupon
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.completedAt = completedAt
        self.refunds = refunds
        self.refunded = refunded
    }

    /// The amount to be paid.
    public var final: Won { total - discount }

    /// Whether a part of it was given back, and the rest is paid for.
    public var isPartlyRefunded: Bool { storedStatus == .completed && refunds > 0 }

    public func status(at now: Timestamp) -> Status {
        storedStatus == .pending && now >= expiresAt ? .expired : storedStatus
    }
}

/// How many of a product are ordered.
public struct OrderRequestLine: Sendable, Equatable {
    public let product: ProductID
    public let quantity: Quantity

    public init(product: ProductID, quantity: Quantity) {
        self.product = product
        self.quantity = quantity
    }
}

/// An order before it has a number.
public struct OrderDraft: Sendable {
    public let user: UserID
    public let lines: [OrderLine]
    public let total: Won
    public let discount: Won
    public let userCoupon: UserCouponID?
    public let createdAt: Timestamp
    public let expiresAt: Timestamp
}

public protocol OrderRepository {
    /// Stores the order as pending, without an event.
    func add(_ draft: OrderDraft) throws -> OrderID
    func find(_ id: OrderID) throws -> Order?
    /// The user's orders before `before`, newest first.
    func list(of user: UserID, before: OrderID?, limit: Int) throws -> ListPage<Order>
    /// Whether at least `count` of the user's orders can still be paid.
    func hasPending(_ count: Int, of user: UserID, at time: Timestamp) throws -> Bool
    /// Moves the order from one status to another. Does nothing and returns false if it is not in the first.
    func move(_ id: OrderID, from: Order.Status, to: Order.Status, at time: Timestamp) throws -> Bool
    /// Changes a pending order's coupon and discount. Does nothing and returns false if it is not pending.
    func setCoupon(_ coupon: UserCouponID?, discount: Won, of id: OrderID) throws -> Bool
    /// At most `limit` pending orders whose time is over.
    func overdue(at time: Timestamp, limit: Int) throws -> [OverdueOrder]
    /// Adds a refund to those that the order has.
    func noteRefund(_ amount: Won, of id: OrderID) throws
}

/// An order that was not paid in time, and is not marked as expired yet.
public struct OverdueOrder: Sendable, Equatable {
    public let id: OrderID
    public let expiresAt: Timestamp

    public init(id: OrderID, expiresAt: Timestamp) {
        self.id = id
        self.expiresAt = expiresAt
    }
}
