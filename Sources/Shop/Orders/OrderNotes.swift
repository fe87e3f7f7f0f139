/// What the staff note about orders, for each other. Notes are only added to, and told in the trace.
public struct OrderNotes: Capability, Sendable {
    let context: Context
    let staff: Staff

    /// Adds a note to the order's ledger. Throws `orderNotFound`.
    ///
    /// - Parameter text: within `OrderEvent.noteLength`.
    public func add(_ text: String, to id: OrderID, _ submission: Submission<Order>) throws -> Receipt {
        let now = clock.now()
        return try store.write(once: submission, at: now, policy) { tx in
            guard let order = try tx.orders.find(id) else { throw ShopError.orderNotFound }
            try tx.orderEvents.add(.note(text), by: .staff(staff.login), to: id, at: now)
            try tx.trace.add(TraceLine(.orderNoted, .order(id), [TraceChange(.note, nil, text)]), by: staff, at: now)
            return order
        }
    }
}

extension Shop {
    /// Throws `forbidden` for who may not write notes.
    public func orderNotes(by staff: Staff) throws -> OrderNotes {
        try staff.check(.writeNotes)
        return OrderNotes(context: context, staff: staff)
    }
}
