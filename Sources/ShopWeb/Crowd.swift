import HTTPTypes
import POSIX
import Shop
import Web

/// When more come than the shop can serve, turns away at once those who could not be served within a second: whoever is
/// served is served soon, and everybody else hears so and when to come back. Ordering and paying come before browsing.
struct Crowd: Sendable {
    /// Spread, so that they do not come back together.
    private static let returnSeconds = 1...8

    let problems: ProblemPages
    let storefront: Storefront
    /// How long a request may have waited for a thread before it is turned away.
    let patience: Duration
    private let kept = Locked<[Language: Response]>([:])

    init(_ problems: ProblemPages, _ storefront: Storefront, patience: Duration) {
        self.problems = problems
        self.patience = patience
        self.storefront = storefront
    }

    /// The answer to a request whose turn came too late; nil if it is to be served. Costs next to nothing.
    func refusal(of request: Request) -> Response? {
        guard request.waited > patience, !Self.isOperators(request) else { return nil }
        // Ordering and paying are served unless nothing moves any more.
        if Self.isMoney(request), request.waited <= patience * 10 { return nil }
        let seconds = Int.random(in: Self.returnSeconds)
        if request.path.utf8.starts(with: "/api/".utf8) {
            let language = Language(acceptLanguage: request.fields[.acceptLanguage])
            return Problem.crowd(seconds, Phrase(.detailUnavailable)).response(in: words(language))
        }
        // The page carries the form as it was typed; one press sends it again.
        guard request.method == .get || request.method == .head else { return problems.crowd(request, seconds) }
        var response = page(Visit.language(request))
        response.fields[.retryAfter] = String(seconds)
        // Browsers try again by themselves.
        response.fields[.requiredName("Refresh")] = String(seconds)
        return response
    }

    /// Without these nobody could see what is going on.
    private static func isOperators(_ request: Request) -> Bool {
        ["/healthz", "/readyz", "/metrics"].contains(request.path)
    }

    /// Those to whom nginx.conf gives priority, too (`responder_first`).
    private static func isMoney(_ request: Request) -> Bool {
        let path = request.path.utf8
        if path.starts(with: "/orders".utf8) || path.starts(with: "/api/v1/orders".utf8) { return true }
        return request.method == .post
            && (path.starts(with: "/balance".utf8) || path.starts(with: "/api/v1/balance".utf8))
    }

    private func words(_ language: Language) -> Words { storefront.words(language) }

    /// Made once per language: making it for everybody who is turned away would cost those who are served.
    private func page(_ language: Language) -> Response {
        if let page = kept.read({ $0[language] }) { return page }
        let page = problems.crowd(
            Request(method: .get, target: "", fields: [.cookie: "language=\(language.rawValue)"]), nil)
        kept.write { $0[language] = page }
        return page
    }
}

extension Problem {
    /// More have come than can be served.
    static func crowd(_ seconds: Int?, _ detail: Phrase) -> Problem {
        var problem = Problem(.serviceUnavailable, "unavailable", .crowdTitle, detail: detail)
        problem.retryAfterSeconds = seconds
        return problem
    }
}
