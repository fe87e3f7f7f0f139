import ServerTestSupport
import Testing

/// Whole answers as expected, in the form of `HTTPAnswer.whole`.
enum Expected {
    private static let reasons = [
        200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Request Entity Too Large",
        415: "Unsupported Media Type", 422: "Unprocessable Content", 429: "Too Many Requests",
        503: "Service Unavailable",
    ]

    /// Every answer that comes through nginx has these.
    private static let always = [
        "Connection: keep-alive", "Date: <date>", "Server: nginx", "X-Content-Type-Options: nosniff",
        "X-Request-Id: <id>",
    ]

    static func answer(_ status: Int, _ fields: [String], _ body: String = "") -> String {
        let lines = (always + fields).sorted().map { $0 + "\n" }.joined()
        return "\(status) \(reasons[status] ?? "?")\n\(lines)\n\(body)"
    }

    static func json(_ status: Int, _ body: String, _ fields: String...) -> String {
        answer(
            status,
            ["Cache-Control: no-store", "Content-Length: <length>", "Content-Type: application/json"] + fields, body)
    }

    /// - Parameters:
    ///   - detail: the words of this refusal, if it has any.
    ///   - errors: the invalid fields, and what is said about each.
    static func problem(
        _ status: Int, _ code: String, _ title: String, detail: String? = nil,
        errors: KeyValuePairs<String, String> = [:], language: String = "ko", _ fields: String...
    ) -> String {
        var body = #"{"type":"/problems/\#(code)","title":"\#(title)","status":\#(status)"#
        if let detail { body += #","detail":"\#(detail)""# }
        body += #","code":"\#(code)""#
        if !errors.isEmpty {
            let list = errors.map { #"{"field":"\#($0)","message":"\#($1)"}"# }.joined(separator: ",")
            body += #","errors":[\#(list)]"#
        }
        return answer(
            status,
            [
                "Cache-Control: no-store", "Content-Language: \(language)", "Content-Length: <length>",
                "Content-Type: application/problem+json",
            ] + fields, body + "}")
    }

    static let unauthenticated = problem(
        401, "unauthenticated", "로그인이 필요합니다", #"WWW-Authenticate: Bearer realm="jangteo""#)
    static let forbidden = problem(403, "forbidden", "권한이 없습니다")
    static let orderNotFound = problem(404, "order_not_found", "주문을 찾을 수 없습니다")

    static func invalid(_ errors: KeyValuePairs<String, String>) -> String {
        problem(422, "validation_failed", "입력한 내용이 올바르지 않습니다", errors: errors)
    }

    /// - Parameter allow: the methods that do something; OPTIONS, which lists them, is allowed everywhere.
    static func methodNotAllowed(_ allow: String) -> String {
        let methods = (allow.split(separator: ", ") + ["OPTIONS"]).sorted().joined(separator: ", ")
        return problem(405, "method_not_allowed", "이 주소에는 쓸 수 없는 방법입니다", "Allow: \(methods)")
    }
}

/// Compares a whole answer.
func expect(_ answer: HTTPAnswer, is expected: String, _ place: SourceLocation = #_sourceLocation) {
    #expect(answer.whole == expected, sourceLocation: place)
}
