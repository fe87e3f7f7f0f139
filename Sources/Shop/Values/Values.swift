/// Whole won. Never a fraction, never a floating-point number.
public struct Won: Hashable, Comparable, Sendable {
    public let amount: Int64

    public init(_ amount: Int64) { self.amount = amount }

    public static let zero = Won(0)
    public static func < (one: Won, other: Won) -> Bool { one.amount < other.amount }
    public static func + (one: Won, other: Won) -> Won { Won(one.amount + other.amount) }
    public static func - (one: Won, other: Won) -> Won { Won(one.amount - other.amount) }
    public static prefix func - (won: Won) -> Won { Won(-won.amount) }
    public static func * (price: Won, quantity: Quantity) -> Won { Won(price.amount * quantity.count) }
}

/// How many of something; at least one.
public struct Quantity: Hashable, Comparable, Sendable {
    public let count: Int64

    public init(_ count: Int64) {
        precondition(count > 0, "a quantity of \(count)")
        self.count = count
    }

    public static func < (one: Quantity, other: Quantity) -> Bool { one.count < other.count }
    public static func + (one: Quantity, other: Quantity) -> Quantity { Quantity(one.count + other.count) }
}

/// Identifies one thing of a kind; positive. The kind keeps a product's id from being taken for an order's.
public struct ID<Entity>: Hashable, Comparable, Sendable {
    public static var range: ClosedRange<Int64> { 1 ... .max }

    public let value: Int64

    public init(_ value: Int64) { self.value = value }

    public static func < (one: Self, other: Self) -> Bool { one.value < other.value }
}

public typealias UserID = ID<User>
public typealias EntryID = ID<BalanceEntry>
public typealias ProductID = ID<Product>
public typealias CouponID = ID<Coupon>
public typealias UserCouponID = ID<UserCoupon>
public typealias OrderID = ID<Order>

/// One page of a list that is read page by page.
public struct ListPage<Item: Sendable>: Sendable {
    public let items: [Item]
    /// Whether at least one more follows.
    public let hasMore: Bool

    public init(_ items: [Item], hasMore: Bool) {
        self.items = items
        self.hasMore = hasMore
    }

    /// Makes a page of `limit` + 1 fetched items; the extra one tells whether more follow.
    public init(fetched items: [Item], limit: Int) {
        self.init(Array(items.prefix(limit)), hasMore: items.count > limit)
    }
}
