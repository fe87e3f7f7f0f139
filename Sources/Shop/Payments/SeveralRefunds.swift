extension Refunds {
    /// What refunding all that is left of several orders would move now, without moving it: for each of them, in this order.
    /// Those that there are not are left out.
    public func preview(_ ids: [OrderID], returnsToStock: Bool) throws -> [WholeRefundPreview] {
        let now = clock.now()
        return try store.read { tx in
            var balances: [UserID: Won] = [:]
            return try ids.prefix(OrderAdministration.mostTogether).compactMap { id in
                guard let order = try tx.listedOrder(id) else { return nil }
                let user = order.order.user
                let balance = try balances[user] ?? tx.balances.amount(of: user) ?? .zero
                let plan = try planOrRefusal(id, RefundRequest(returnsToStock: returnsToStock), at: now, tx)
                if case .success(let plan) = plan { balances[user] = balance + plan.amount }
                return WholeRefundPreview(order: order, plan: plan, balance: balance)
            }
        }
    }

    /// The plan, or why there can be none.
    private func planOrRefusal(
        _ id: OrderID, _ request: RefundRequest, at now: Timestamp, _ tx: any Repositories
    ) throws -> Result<RefundPlan, ShopError> {
        do {
            return .success(try plan(id, request, at: now, tx))
        } catch let error as ShopError {
            return .failure(error)
        }
    }

    /// Gives back all that is left of several paid orders: of each of them, or of none, and then it throws `RefusedOrders`.
    /// Each is told as a refund of its own.
    ///
    /// All in one transaction, because what somebody confirms is the whole: what moves is then what the page has said, to its
    /// sums; nothing that stops the shop leaves a part of it done that nobody knows of; and one receipt answers for it
    /// when it is sent again. Everybody else's writes wait behind it, which `OrderAdministration.mostTogether` bounds.
    ///
    /// - Parameter orders: each once, at most `OrderAdministration.mostTogether`, with how many refunds it had when
    ///   somebody decided on this; nil skips that check.
    public func refund(
        _ orders: [(id: OrderID, seen: Int?)], returnsToStock: Bool, _ submission: Submission<[WholeRefund]>
    ) throws -> Receipt {
        precondition(orders.count <= OrderAdministration.mostTogether, "more orders at once than others can wait for")
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            try RefusedOrders.all(orders) { order in
                let request = RefundRequest(returnsToStock: returnsToStock, seen: order.seen)
                return WholeRefund(order: order.id, amount: try refund(order.id, request, at: now, in: tx).amount)
            } id: {
                $0.id
            }
        }
    }
}

/// What refunding all that is left of one of several orders would move.
public struct WholeRefundPreview: Sendable {
    public let order: ListedOrder
    /// Or why nothing can move.
    public let plan: Result<RefundPlan, ShopError>
    /// The customer's balance before it, and after those before it.
    public let balance: Won
}

/// What was left of one of several orders, and was given back.
public struct WholeRefund: Sendable {
    public let order: OrderID
    public let amount: Won
}

/// Why something was not done with several orders: with none of them.
public struct RefusedOrders: Error, Sendable, Equatable {
    public struct Reason: Sendable, Equatable {
        public let order: OrderID
        public let error: ShopError

        public init(order: OrderID, error: ShopError) {
            self.order = order
            self.error = error
        }
    }

    /// In the order in which they were given; at least one.
    public let reasons: [Reason]

    public init(reasons: [Reason]) { self.reasons = reasons }

    /// Does something with each, in a transaction that is undone where one of them is refused: throws all that are.
    static func all<Item, Outcome>(
        _ items: [Item], _ work: (Item) throws -> Outcome, id: (Item) -> OrderID
    ) throws -> [Outcome] {
        var (outcomes, reasons): ([Outcome], [Reason]) = ([], [])
        for item in items {
            do {
                outcomes.append(try work(item))
            } catch let error as ShopError {
                reasons.append(Reason(order: id(item), error: error))
            }
        }
        if !reasons.isEmpty { throw RefusedOrders(reasons: reasons) }
        return outcomes
    }
}
