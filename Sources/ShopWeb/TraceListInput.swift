import Shop
import Web

/// The page of the trace that a request asks for.
struct TraceListInput {
    let query: TraceQuery
    let entries: ListPage<TraceEntry>
    let isFirst: Bool
    /// The cursor to the next page, if there is one.
    let next: String?

    /// Throws a `ValidationError` for a query that cannot be.
    init(_ request: Request, of trace: Trace) throws {
        var fields = try QueryFields(request)
        query = fields.traceQuery()
        let list = Cursor(list: "trace \(query)")
        let asked = fields.page(of: list, by: TraceEntry.self)
        try fields.finish()
        entries = try trace.list(query, before: asked.before, limit: asked.limit)
        isFirst = asked.before == nil
        next = entries.next(list) { $0.id.value }
    }
}

/// The part of the trace that a request asks for, as a file with a line for each change.
func traceFile(_ request: Request, of trace: Trace) throws -> ListFile<TraceEntry, TraceID> {
    var fields = try QueryFields(request)
    let query = fields.traceQuery()
    try fields.finish()
    return ListFile(
        name: "trace",
        columns: [
            "id", "at", "login", "role", "way", "address", "action", "subject", "subject_id", "field", "before",
            "after",
        ]
    ) { before, limit in
        ListPart(try trace.list(query, before: before, limit: limit)) { $0.id }
    } row: { csv, entry in
        let changes: [TraceChange?] = entry.line.changes.isEmpty ? [nil] : entry.line.changes
        for change in changes {
            csv.number(entry.id.value)
            csv.text(DateTime.text(entry.at))
            csv.text(entry.staff.login)
            csv.text(entry.staff.role?.rawValue)
            csv.text(entry.staff.way.rawValue)
            csv.text(entry.staff.address)
            csv.text(entry.line.action.rawValue)
            csv.text(entry.line.subject.kind.rawValue)
            csv.number(entry.line.subject.id)
            csv.text(change?.field.rawValue)
            csv.text(change?.before)
            csv.text(change?.after)
            csv.endRow()
        }
    }
}

extension QueryFields {
    /// Which part of the trace is asked for: `user`, and `subject` with `subjectId`.
    fileprivate mutating func traceQuery() -> TraceQuery {
        let user = id("user")
        let kinds = TraceSubject.Kind.allCases.map(\.rawValue)
        let word = text("subject", longest: 20)
        let kind = word.flatMap { TraceSubject.Kind(rawValue: $0) }
        if word != nil, kind == nil { refuse("subject", .choice(kinds)) }
        let subject = id("subjectId")
        if word != nil, subject == nil { refuse("subjectId", .missing) }
        if word == nil, subject != nil { refuse("subject", .missing) }
        return TraceQuery(by: user.map { UserID($0) }, of: kind.flatMap { kind in subject.map { .init(kind, $0) } })
    }

    private mutating func id(_ name: String) -> Int64? {
        guard let text = text(name, longest: 20) else { return nil }
        guard let id = Int64(text), UserID.range.contains(id) else {
            refuse(name, .type("integer"))
            return nil
        }
        return id
    }
}
