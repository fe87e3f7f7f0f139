/// The orders of all customers, for those of the staff who may see them.
public struct OrderAdministration: Capability, Sendable {
    let context: Context

    /// The most events of one order that are shown.
    static let mostEvents = 1_000

    /// So many orders can be chosen at once: a page of the list, and no more than everybody else can wait for.
    public static let mostTogether = 50

    /// A list looks at so many orders for each part of it, and no more.
    public static let mostLookedAt = 10_000

    /// The newest first.
    ///
    /// - Parameter most: how many orders this looks at, where that is fewer than a list does.
    public func list(
        _ query: OrderQuery, after position: OrderPosition?, limit: Int, lookingAt most: Int = mostLookedAt
    ) throws -> OrderList {
        let now = clock.now()
        return try store.read { tx in
            guard let selection = try selection(query, at: now, tx) else { return OrderList([], next: nil) }
            if let number = query.number { return OrderList(try one(number, selection, tx), next: nil) }
            return try tx.orderLists.list(
                selection, after: position, limit: limit, lookingAt: min(most, Self.mostLookedAt))
        }
    }

    /// What the orders asked for add up to, among the newest of them.
    public func totals(_ query: OrderQuery) throws -> OrderTotals {
        let now = clock.now()
        return try store.read { tx in
            guard let selection = try selection(query, at: now, tx) else { return .none }
            if let number = query.number { return OrderTotals(of: try one(number, selection, tx)) }
            return try tx.orderLists.totals(selection, lookingAt: Self.mostLookedAt)
        }
    }

    /// The order of this number, if it is one of the selected.
    private func one(
        _ number: OrderID, _ selection: OrderSelection, _ tx: any Repositories
    ) throws -> [ListedOrder] {
        guard let order = try tx.orders.find(number), selection.customer ?? order.user == order.user else { return [] }
        // The list of its customer, from behind the next number on.
        return try tx.orderLists.list(
            selection.of(order.user), after: OrderPosition(createdAt: order.createdAt, id: OrderID(number.value + 1)),
            limit: 1, lookingAt: 1
        ).orders
    }

    /// nil if there is no such customer.
    private func selection(_ query: OrderQuery, at now: Timestamp, _ tx: any Repositories) throws -> OrderSelection? {
        let customer = try query.login.map { try tx.accounts.find(login: $0)?.user.id }
        if let customer, customer == nil { return nil }
        let times = policy.calendar.times(from: query.from, to: query.to)
        // An order is paid within its lifetime, so that those paid on a day are among the ones made then or shortly before.
        let isEndless = times.lowerBound == Timestamp(milliseconds: .min)
        let start = query.isByPayment && !isEndless ? times.lowerBound - policy.orderLifetime : times.lowerBound
        return OrderSelection(
            customer: customer ?? nil, product: query.product, status: query.status, isRefunded: query.isRefunded,
            hasCoupon: query.hasCoupon, made: start..<times.upperBound, paid: query.isByPayment ? times : nil, now: now)
    }

    /// The chosen orders, the newest first. Those that there are not are left out.
    ///
    /// - Parameter ids: at most `mostTogether`, the others are left out.
    public func chosen(_ ids: [OrderID]) throws -> [ListedOrder] {
        let found = try store.read { tx in try ids.prefix(Self.mostTogether).compactMap(tx.listedOrder) }
        return found.sorted { one, other in
            (one.order.createdAt, one.order.id.value) > (other.order.createdAt, other.order.id.value)
        }
    }

    /// An order with everything that belongs to it. Throws `orderNotFound`.
    public func find(_ id: OrderID) throws -> OrderFile {
        try store.read { tx in
            guard let order = try tx.orders.find(id) else { throw ShopError.orderNotFound }
            let events = try tx.orderEvents.newest(of: id, limit: Self.mostEvents - 1)
            let refunds = order.refunds > 0 ? try tx.refunds.list(of: id) : []
            return OrderFile(
                order: order, customer: try tx.accounts.find(order.user), payment: try tx.payments.find(order: id),
                coupon: try order.userCoupon.flatMap { try tx.coupons.findIssued($0, of: order.user) },
                events: [OrderEvent(making: order)] + events,
                // They are numbered through, and the first is the order's own.
                eventsLeftOut: events.first.map { $0.id.value - 2 } ?? 0,
                refunds: refunds,
                rest: OrderRest(of: order, after: refunds))
        }
    }
}

extension Repositories {
    /// nil if there is no such order.
    func listedOrder(_ id: OrderID) throws -> ListedOrder? {
        guard let order = try orders.find(id) else { return nil }
        return ListedOrder(order: order, login: try accounts.find(order.user)?.login ?? "")
    }
}

/// An order with everything that belongs to it.
public struct OrderFile: Sendable {
    public let order: Order
    public let customer: User?
    /// nil if it is not paid.
    public let payment: Payment?
    public let coupon: UserCoupon?
    /// The first first: that it was made, and the newest of all that happened since.
    public let events: [OrderEvent]
    /// How many events behind the first one are not in `events`.
    public let eventsLeftOut: Int64
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

    /// The same for a file, which takes many people's orders out of the shop: throws `passwordRequired`, too, where the
    /// password was given too long ago.
    public func orderAdministration(forFileOf staff: Staff) throws -> OrderAdministration {
        let orders = try orderAdministration(for: staff)
        try staff.checkPassword()
        return orders
    }
}
