import Shop
import Web

/// The caller's balance.
struct BalanceAPI: Sendable {
    let balances: Balances
    let access: Access

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/balance") { request, _ in
            let (caller, amount) = try balances.amount(ofCallerWith: access.token(request))
            return .json { json in
                json.object { json in
                    json.member("userId", caller.user)
                    json.member("amount", amount)
                }
            }
        }
        api.on(.post, "/balance/charges") { request, _ in
            let caller = try access.caller(request)
            let submission: Submission<BalanceEntry> = try request.submission(of: caller.user, status: 201) {
                json, entry in
                json.object { json in
                    json.member("entryId", entry.id)
                    json.member("amount", entry.amount)
                    json.member("balance", entry.balance)
                }
            }
            let input = try request.json(ChargeInput.self)
            return Response(try balances.charge(input.amount, submission))
        }
        api.on(.get, "/balance/entries") { request, _ in
            let caller = try access.caller(request)
            let list = Cursor(list: "entries \(caller.user.value)")
            var query = try QueryFields(request)
            let page = query.page(of: list, by: BalanceEntry.self)
            try query.finish()
            let entries = try balances.entries(of: caller.user, before: page.before, limit: page.limit)
            return .json { json in
                json.page(entries, cursor: { list.text($0.id.value) }, item: { $0.value($1) })
            }
        }
    }
}

private struct ChargeInput: JSONInput {
    let amount: Won

    init(_ fields: JSONFields) { amount = fields.won("amount") }
}

extension JSONWriter {
    mutating func value(_ entry: BalanceEntry) {
        object { json in
            json.member("id", entry.id)
            json.member("kind", entry.kind.rawValue)
            json.member("amount", entry.amount)
            json.member("balance", entry.balance)
            json.member("orderId", entry.order)
            json.member("createdAt", entry.createdAt)
            json.optional("reason", entry.reason)
        }
    }
}
