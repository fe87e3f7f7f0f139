import HTTPTypes
import POSIX
import Shop
import Web

/// Turns away at once who could not be served within a second, when more come than the shop can serve: whoever is served is
/// served soon, and whoever is not hears so and when to come back. Money under way goes before looking around.
struct Crowd: Sendable {
    /// Spread, so that they do not come back together.
    private static let returnSeconds = 1...8

    let problems: ProblemPages
    let storefront: Storefront
    /// How long a request may have waited for a thread before it is too late for it.
    let patience: Duration
    private let kept = Locked<[Language: Response]>([:])

    init(_ problems: ProblemPages, _ storefront: Storefront, patience: Duration) {
        self.problems = problems
        self.patience = patience
        self.storefront = storefront
    }

    /// The answer to a request that came too late to its turn; nil where it is served. Costs next to nothing.
    func refusal(of request: Request) -> Response? {
        guard request.waited > patience, !Self.isOperators(request) else { return nil }
        // Who has come so far as to order or to pay is served, unless nothing is served any more.
        if Self.isMoney(request), request.waited <= patience * 10 { return nil }
        let seconds = Int.random(in: Self.returnSeconds)
        if request.path.utf8.starts(with: "/api/".utf8) {
            let language = Language(acceptLanguage: request.fields[.acceptLanguage])
            return Problem.crowd(seconds, Phrase(.detailUnavailable)).response(in: words(language))
        }
        // A form comes back with what was typed; one press sends it again.
        guard request.method == .get || request.method == .head else { return problems.crowd(request, seconds) }
        var response = page(Visit.language(request))
        response.fields[.retryAfter] = String(seconds)
        // Browsers try again by themselves.
        response.fields[.requiredName("Refresh")] = String(seconds)
        return response
    }

    /// Without it nobody could see what goes on.
    private static func isOperators(_ request: Request) -> Bool {
        ["/healthz", "/readyz", "/metrics"].contains(request.path)
    }

    /// Whom nginx.conf lets go before too (`responder_first`).
    private static func isMoney(_ request: Request) -> Bool {
        let path = request.path.utf8
        if path.starts(with: "/orders".utf8) || path.starts(with: "/api/v1/orders".utf8) { return true }
        return request.method == .post
            && (path.starts(with: "/balance".utf8) || path.starts(with: "/api/v1/balance".utf8))
    }

    private func words(_ language: Language) -> Words { storefront.words(language) }

    /// Made once for each language: to make it for each who is turned away would take what the others are served with.
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
