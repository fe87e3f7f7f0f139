/// What happened in the shop in some time. Each counts for the hour in which it happened: a refund takes nothing from the
/// revenue of the day of the payment.
public struct Figures: Sendable, Equatable {
    /// Orders made, paid or not.
    public var orders: Int64
    /// What they cost before any coupon.
    public var orderAmount: Won
    /// Orders paid.
    public var paid: Int64
    /// What was paid for them.
    public var revenue: Won
    public var refunds: Int64
    public var refundAmount: Won
    /// Coupons taken by customers.
    public var coupons: Int64
    /// Accounts made, of those who are customers.
    public var customers: Int64

    public init(
        orders: Int64 = 0, orderAmount: Won = .zero, paid: Int64 = 0, revenue: Won = .zero, refunds: Int64 = 0,
        refundAmount: Won = .zero, coupons: Int64 = 0, customers: Int64 = 0
    ) {
        self.orders = orders
        self.orderAmount = orderAmount
        self.paid = paid
        self.revenue = revenue
        self.refunds = refunds
        self.refundAmount = refundAmount
        self.coupons = coupons
        self.customers = customers
    }

    public static func += (sum: inout Figures, more: Figures) {
        sum.orders += more.orders
        sum.orderAmount = sum.orderAmount + more.orderAmount
        sum.paid += more.paid
        sum.revenue = sum.revenue + more.revenue
        sum.refunds += more.refunds
        sum.refundAmount = sum.refundAmount + more.refundAmount
        sum.coupons += more.coupons
        sum.customers += more.customers
    }
}

/// The figures of one hour.
public struct HourFigures: Sendable, Equatable {
    public let hour: Hour
    public var figures: Figures

    public init(hour: Hour, figures: Figures) {
        self.hour = hour
        self.figures = figures
    }
}

/// Orders that can still be paid.
public struct WaitingOrders: Sendable, Equatable {
    public let count: Int64
    /// What is to be paid for them.
    public let amount: Won

    public init(count: Int64, amount: Won) {
        self.count = count
        self.amount = amount
    }
}

/// How much of a product was sold in some time, at the prices in its orders; coupons are not taken off, nor refunds.
public struct ProductFigures: Sendable, Equatable {
    public let product: ProductID
    public let quantity: Int64
    public let amount: Won

    public init(product: ProductID, quantity: Int64, amount: Won) {
        self.product = product
        self.quantity = quantity
        self.amount = amount
    }
}

public protocol FigureRepository {
    /// The figures of the hours in which anything happened, the earliest first.
    func hours(_ hours: Range<Hour>) throws -> [HourFigures]
    /// The first hour in which anything happened; nil if nothing did.
    func firstHour() throws -> Hour?
    /// The orders that can still be paid.
    func waiting(at time: Timestamp) throws -> WaitingOrders
    /// What was sold of each product, in no order.
    ///
    /// - Parameter days: the same time; sales that the batch has moved are kept by day.
    func products(_ hours: Range<Hour>, _ days: ClosedRange<Day>) throws -> [ProductFigures]
    /// Moves at most `limit` sales before an hour to the day that each falls on; returns how many.
    func moveSales(before hour: Hour, limit: Int, day: (Hour) -> Day) throws -> Int
}
