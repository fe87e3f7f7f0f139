/// The orders of all customers, for those of the staff who may see them.
public struct OrderAdministration: Capability, Sendable {
    let context: Context

    /// The most events of one order that are shown.
    static let mostEvents = 1_000

    /// An order with everything that belongs to it. Throws `orderNotFound`.
    public func find(_ id: OrderID) throws -> OrderFile {
        try store.read { tx in
            guard let order = try tx.orders.find(id) else { throw ShopError.orderNotFound }
            let refunds = order.refunds > 0 ? try tx.refunds.list(of: id) : []
            return OrderFile(
                order: order, customer: try tx.accounts.find(order.user), payment: try tx.payments.find(order: id),
                coupon: try order.userCoupon.flatMap { try tx.coupons.findIssued($0, of: order.user) },
                events: try tx.orderEvents.list(of: id, limit: Self.mostEvents), refunds: refunds,
                rest: OrderRest(of: order, after: refunds))
        }
    }
}

/// An order with everything that belongs to it.
public struct OrderFile: Sendable {
    public let order: Order
    public let customer: User?
    /// nil if it is not paid.
    public let payment: Payment?
    public let coupon: UserCoupon?
    /// The first first.
    public let events: [OrderEvent]
    /// The first first.
    public let refunds: [Refund]
    public let rest: OrderRest
}

extension Shop {
    /// Throws `forbidden` for who may not see the orders.
    public func orderAdministration(for staff: Staff) throws -> OrderAdministration {
        try staff.check(.readOrders)
        return OrderAdministration(context: context)
    }
}
