import Shop
import Web

/// The page of the trace that a request asks for.
struct TraceListInput {
    /// How many entries the staff's page has.
    static let pageLimit = 50
    /// The longest login that is searched for, in characters.
    static let longestLogin = 64

    let query: TraceQuery
    let entries: ListPage<TraceEntry>
    let isFirst: Bool
    /// The cursor to the next page, if there is one.
    let next: String?

    /// Throws a `ValidationError` for a query that cannot be.
    ///
    /// - Parameter isForPeople: whether it is for a page, which takes days in any order and has a fixed length.
    init(_ request: Request, of trace: Trace, isForPeople: Bool = false) throws {
        var fields = try QueryFields(request)
        query = fields.traceQuery(isForPeople: isForPeople)
        let list = Cursor(list: "trace \(query)")
        let limit = isForPeople ? Self.pageLimit : fields.limit()
        var before: TracePosition?
        if let cursor = fields.text("cursor", longest: Cursor.longestText) {
            let position = list.position(cursor, count: 2)
            if position == nil { fields.refuse("cursor", .cursor) }
            before = position.map { TracePosition(at: Timestamp(milliseconds: $0[0]), id: TraceID($0[1])) }
        }
        try fields.finish()
        entries = try trace.list(query, before: before, limit: limit)
        isFirst = before == nil
        next = entries.hasMore ? entries.items.last.map { list.text($0.at.milliseconds, $0.id.value) } : nil
    }
}

/// The part of the trace that a request asks for, as a file with a line for each change.
func traceFile(
    _ request: Request, of trace: Trace, isForPeople: Bool = false
) throws -> ListFile<TraceEntry, TracePosition> {
    var fields = try QueryFields(request)
    let query = fields.traceQuery(isForPeople: isForPeople)
    try fields.finish()
    return ListFile(
        name: "trace",
        columns: [
            "id", "at", "login", "role", "way", "address", "action", "subject", "subject_id", "field", "before",
            "after",
        ]
    ) { before, limit in
        ListPart(try trace.list(query, before: before, limit: limit)) { $0.position }
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
    /// Which part of the trace is asked for: `user` or `login`, `subject` with `subjectId`, `action`, and days.
    fileprivate mutating func traceQuery(isForPeople: Bool) -> TraceQuery {
        let user = id("user")
        let login = text("login", longest: TraceListInput.longestLogin).map { $0.filter { !$0.isWhitespace } }
        let kinds = TraceSubject.Kind.allCases.map(\.rawValue)
        let word = text("subject", longest: 20)
        let kind = word.flatMap { TraceSubject.Kind(rawValue: $0) }
        if word != nil, kind == nil { refuse("subject", .choice(kinds)) }
        let subject = id("subjectId")
        if word != nil, subject == nil { refuse("subjectId", .missing) }
        if word == nil, subject != nil { refuse("subject", .missing) }
        let action = traceAction()
        let (from, to) = period(inAnyOrder: isForPeople)
        return TraceQuery(
            by: user.map { UserID($0) }, login: login.flatMap { $0.isEmpty ? nil : $0.lowercased() },
            of: kind.flatMap { kind in subject.map { .init(kind, $0) } }, action: action,
            from: from, to: to)
    }

    /// nil for a field that a form left empty, too.
    private mutating func traceAction() -> TraceAction? {
        guard let word = text("action", longest: 40), !word.isEmpty else { return nil }
        let action = TraceAction(rawValue: word)
        if action == nil { refuse("action", .choice(TraceAction.allCases.map(\.rawValue))) }
        return action
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
