/// What the staff have done, for those who may see it.
public struct Trace: Capability, Sendable {
    let context: Context

    /// The newest first.
    public func list(_ query: TraceQuery, before: TraceID?, limit: Int) throws -> ListPage<TraceEntry> {
        try store.read { tx in try tx.trace.list(query, before: before, limit: limit) }
    }
}

extension Shop {
    /// Throws `forbidden` for who may not see it.
    public func trace(for staff: Staff) throws -> Trace {
        try staff.check(.readTrace)
        return Trace(context: context)
    }
}
