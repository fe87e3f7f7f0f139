/// What the staff note about orders, for each other. Notes are only added to, and told in the trace.
public struct OrderNotes: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// Adds a note to the order's ledger. Throws `orderNotFound`.
    ///
    /// - Parameter text: within `OrderEvent.noteLength`.
    public func add(_ text: String, to id: OrderID, _ submission: Submission<Order>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in try add(text, to: id, at: now, in: tx) }
    }

    /// Adds the same note to the ledgers of several orders: of all, or of none, and then it throws `RefusedOrders`. Each is
    /// told as a note of its own.
    ///
    /// - Parameter ids: each once, at most `OrderAdministration.mostTogether`.
    public func add(_ text: String, to ids: [OrderID], _ submission: Submission<[OrderID]>) throws -> Receipt {
        precondition(ids.count <= OrderAdministration.mostTogether, "more orders at once than others can wait for")
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            try RefusedOrders.all(ids) {
                try add(text, to: $0, at: now, in: tx).id
            } id: {
                $0
            }
        }
    }

    private func add(_ text: String, to id: OrderID, at now: Timestamp, in tx: any Repositories) throws -> Order {
        guard let order = try tx.orders.find(id) else { throw ShopError.orderNotFound }
        try tx.orderEvents.add(.note(text), by: .staff(staff.login), to: id, at: now)
        try tx.trace.add(TraceLine(.orderNoted, .order(id), [TraceChange(.note, nil, text)]), by: staff, at: now)
        return order
    }
}

extension Shop {
    /// Throws `forbidden` for who may not write notes.
    public func orderNotes(by staff: Staff) throws -> OrderNotes {
        try staff.check(.writeNotes)
        return OrderNotes(context: context, staff: staff)
    }
}
