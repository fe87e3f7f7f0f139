import HTTPTypes
import Shop
import Web

/// Makes the page that says what went wrong, if no other page can.
struct ProblemPages: Sendable {
    let shop: Shop
    let storefront: Storefront

    func response(to error: any Error, _ problem: Problem, _ request: Request) -> Response {
        // An unreadable database may be the very problem that this page reports.
        guard let visit = try? Visit(request, shop, storefront) else { return ofNobody(error, problem, request) }
        return response(to: error, problem, visit)
    }

    /// More have come than can be served: looks nothing up for this page.
    func crowd(_ request: Request, _ seconds: Int?) -> Response {
        // A page reloads by itself; a form is sent by its button.
        let detail = Phrase(request.method == .post ? .detailUnavailable : .crowdDetail)
        return ofNobody(PageError.crowd, .crowd(seconds, detail), request)
    }

    /// Without looking up who is logged in. The time is filled in here, so that no blank's mark reaches a client.
    private func ofNobody(_ error: any Error, _ problem: Problem, _ request: Request) -> Response {
        let visit = Visit(anyOf: .visitors(hasBasket: false), request, shop, storefront)
        var response = response(to: error, problem, visit)
        response.body = Blanks(response.body).filled(nil, at: visit.now)
        return response
    }

    private func response(to error: any Error, _ problem: Problem, _ visit: Visit) -> Response {
        let request = visit.request
        let isBadForm = Self.isBadForm(error)
        let status = isBadForm ? .forbidden : problem.status
        let isUnavailable = status == .serviceUnavailable
        let again = isUnavailable ? formAgain(problem, request) : nil
        let detail: Phrase? =
            if !problem.isOutcomeKnown {
                Phrase(again == nil ? .detailOutcomeUnknownLook : .detailOutcomeUnknownForm)
            } else {
                isBadForm ? Phrase(.errorFormOld) : problem.detail
            }
        // The crowd gets this page at the address it asked for, so trying again means asking for that.
        let isCrowd = Self.isCrowd(error)
        let heading = visit.words(isBadForm ? .problemForbiddenForm : problem.title)
        let model = ProblemPage(
            status: status.code, heading: heading, detail: detail.map { visit.words($0) },
            advice: isCrowd ? nil : visit.words(Self.advice(status)), again: again,
            retry: isUnavailable && again == nil, retryHref: isCrowd ? "" : visit.back,
            homeHref: SitePath.home.text, isNotFound: status == .notFound,
            requestID: request.id.isEmpty ? nil : request.id)
        var response = visit.page(model, heading, status: status)
        if let seconds = problem.retryAfterSeconds { response.fields[.retryAfter] = String(seconds) }
        if !problem.allowed.isEmpty {
            response.fields[.allow] = Problem.allow(problem.allowed)
        }
        return response
    }

    private static func isBadForm(_ error: any Error) -> Bool {
        switch error {
        case PageError.foreignForm, PageError.staleForm: true
        default: false
        }
    }

    private static func isCrowd(_ error: any Error) -> Bool {
        if case PageError.crowd = error { true } else { false }
    }

    /// The form that was sent, with the same key, so that it happens only once. nil if it must not be sent again.
    private func formAgain(_ problem: Problem, _ request: Request) -> FormAgain? {
        // An unreadable form gets the page without it.
        guard request.method == .post, let action = OwnPath.path(request.path), let form = try? Form(request),
            !form.hasPassword, let fields = form.repeatable, problem.isOutcomeKnown || form["key"] != nil
        else { return nil }
        return FormAgain(
            action: request.query.isEmpty ? action : "\(action)?\(request.query)",
            fields: fields.map { HiddenField(name: $0.name, value: $0.value ?? "") })
    }

    private static func advice(_ status: HTTPResponse.Status) -> WordKey {
        switch status {
        case .notFound: .adviceNotFound
        case .forbidden: .adviceForbidden
        case .contentTooLarge, .uriTooLong: .adviceTooLarge
        case .tooManyRequests: .adviceTooMany
        case .serviceUnavailable: .adviceUnavailable
        default: .adviceOther
        }
    }
}
