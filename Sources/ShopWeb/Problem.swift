import HTTPTypes
import Shop
import Web

/// A refusal over HTTP, as an RFC 9457 problem.
struct Problem {
    let status: HTTPResponse.Status
    /// Stable: programs distinguish refusals by it.
    let code: StaticString
    let title: WordKey
    var detail: Phrase?
    var errors: [FieldError] = []
    /// Why something could not be done with several orders, for each that was in the way.
    var orders: [(id: OrderID, reason: Problem)] = []
    var retryAfterSeconds: Int?
    /// If false, the request may have taken effect all the same.
    var isOutcomeKnown = true
    var allowed: [HTTPRequest.Method] = []

    init(_ status: HTTPResponse.Status, _ code: StaticString, _ title: WordKey, detail: Phrase? = nil) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
    }

    /// The answer in the client's language.
    func response(in words: Words) -> Response {
        var json = JSONWriter()
        json.object { json in
            json.member("type", SitePath.problem(code).text)
            json.member("title", words(title))
            json.member("status", Int64(status.code))
            if let detail { json.member("detail", words(detail)) }
            json.member("code", code.description)
            if !isOutcomeKnown { json.member("outcome", "unknown") }
            if !orders.isEmpty { json.orders(orders, words) }
            guard !errors.isEmpty else { return }
            json.name("errors")
            json.array(errors) { json, error in
                json.object { json in
                    json.member("field", error.field)
                    json.member("message", words(error.issue.phrase))
                }
            }
        }
        var response = Response(status, fields: Self.fields[words.language] ?? [:], body: json.finish())
        if let retryAfterSeconds { response.fields[.retryAfter] = String(retryAfterSeconds) }
        if status == .unauthorized { response.fields[.wwwAuthenticate] = "Bearer realm=\"jangteo\"" }
        if !allowed.isEmpty { response.fields[.allow] = Self.allow(allowed) }
        return response
    }

    /// The methods in the `Allow` field's form.
    static func allow(_ methods: [HTTPRequest.Method]) -> String { methods.map(\.rawValue).joined(separator: ", ") }

    private static let fields: [Language: HTTPFields] = Dictionary(
        uniqueKeysWithValues: Language.allCases.map { language in
            let fields: HTTPFields = [
                .contentType: "application/problem+json", .contentLanguage: language.rawValue,
                .cacheControl: "no-store",
            ]
            return (language, fields)
        })
}

extension JSONWriter {
    fileprivate mutating func orders(_ orders: [(id: OrderID, reason: Problem)], _ words: Words) {
        name("orders")
        array(orders) { json, order in
            json.object { json in
                json.member("orderId", order.id)
                json.member("code", order.reason.code.description)
                json.member("title", words(order.reason.title))
            }
        }
    }
}
