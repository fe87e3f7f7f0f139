import Shop
import Web

/// What the staff have done.
struct TraceAPI: Sendable {
    let shop: Shop
    let access: Access
    let downloads: Downloads

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/admin/trace") { request, _ in
            let trace = try shop.trace(for: access.staff(request).staff)
            let list = try TraceListInput(request, of: trace)
            return .json { json in
                json.page(list.entries, next: list.next) { $0.value($1) }
            }
        }
        api.on(.get, "/admin/trace.csv") { request, _ in
            let trace = try shop.trace(forFileOf: access.staff(request).staff)
            return try traceFile(request, of: trace).response(downloads)
        }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ entry: TraceEntry) {
        object { json in
            json.member("id", entry.id)
            json.member("at", entry.at)
            json.member("userId", entry.staff.user)
            json.member("login", entry.staff.login)
            json.optional("role", entry.staff.role?.rawValue)
            json.member("way", entry.staff.way.rawValue)
            json.member("address", entry.staff.address)
            json.member("action", entry.line.action.rawValue)
            json.member("subject", entry.line.subject.kind.rawValue)
            json.member("subjectId", entry.line.subject.id)
            json.name("changes")
            json.array(entry.line.changes) { json, change in
                json.object { json in
                    json.member("field", change.field.rawValue)
                    json.optional("before", change.before)
                    json.optional("after", change.after)
                }
            }
        }
    }
}
