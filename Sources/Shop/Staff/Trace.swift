/// What the staff have done, for those who may see it.
public struct Trace: Capability, Sendable {
    let context: Context

    /// The newest first, by the shop's clock; of one instant, the last first.
    public func list(_ query: TraceQuery, before: TracePosition?, limit: Int) throws -> ListPage<TraceEntry> {
        let times = policy.calendar.times(from: query.from, to: query.to)
        return try store.read { tx in try tx.trace.list(query, in: times, before: before, limit: limit) }
    }
}

extension Shop {
    /// Throws `forbidden` for who may not see it.
    public func trace(for staff: Staff) throws -> Trace {
        try staff.check(.readTrace)
        return Trace(context: context)
    }
}
