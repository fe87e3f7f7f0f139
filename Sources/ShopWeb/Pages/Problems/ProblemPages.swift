import HTTPTypes
import Shop
import Web

/// The page that says what went wrong, where no page of its own can.
struct ProblemPages: Sendable {
    let shop: Shop
    let storefront: Storefront

    func response(to error: any Error, _ problem: Problem, _ request: Request) -> Response {
        // That the database cannot be read may be the very problem that this page is about.
        guard let visit = try? Visit(request, shop, storefront) else { return ofNobody(error, problem, request) }
        return response(to: error, problem, visit)
    }

    /// More have come than can be served: nothing is looked up for this page.
    func crowd(_ request: Request, _ seconds: Int?) -> Response {
        // A page that was asked for tries again by itself, a form is sent by its button.
        let detail = Phrase(request.method == .post ? .detailUnavailable : .crowdDetail)
        return ofNobody(PageError.crowd, .crowd(seconds, detail), request)
    }

    /// Without a look at who is logged in. The time is filled in here: the mark of what is blank gets to nobody.
    private func ofNobody(_ error: any Error, _ problem: Problem, _ request: Request) -> Response {
        let visit = Visit(anyOf: .visitors(hasBasket: false), request, shop, storefront)
        var response = response(to: error, problem, visit)
        response.body = Blanks(response.body).filled(nil, at: visit.now)
        return response
    }

    private func response(to error: any Error, _ problem: Problem, _ visit: Visit) -> Response {
        let request = visit.request
        var status = problem.status
        var data: PageData = ["heading": visit.words(problem.title)]
        data["detail"] = problem.detail.map { visit.words($0) }
        switch error {
        case PageError.foreignForm, PageError.staleForm:
            status = .forbidden
            data["heading"] = visit.words(.problemForbiddenForm)
            data["detail"] = visit.words(.errorFormOld)
        default: break
        }
        if case PageError.crowd = error {
            // It is shown to many: to try again is to ask for the page where it is shown.
            data["retryHref"] = ""
        } else {
            data["advice"] = visit.words(Self.advice(status))
            data["retryHref"] = visit.back
        }
        data["status"] = status.code
        data["isNotFound"] = status == .notFound
        data["isForbidden"] = status == .forbidden
        data["isUnavailable"] = status == .serviceUnavailable
        if status == .serviceUnavailable, let again = formAgain(problem, request) {
            data["again"] = again
            if !problem.isOutcomeKnown { data["detail"] = visit.words(.detailOutcomeUnknownForm) }
        } else {
            data["retry"] = status == .serviceUnavailable
            if !problem.isOutcomeKnown { data["detail"] = visit.words(.detailOutcomeUnknownLook) }
        }
        if !request.id.isEmpty { data["requestID"] = request.id }
        data["homeHref"] = SitePath.home.text
        data["isError"] = true
        let heading = data["heading"] as? String ?? ""
        var response = visit.page(.problem, heading, status: status, data)
        if let seconds = problem.retryAfterSeconds { response.fields[.retryAfter] = String(seconds) }
        if !problem.allowed.isEmpty {
            response.fields[.allow] = Problem.allow(problem.allowed)
        }
        return response
    }

    /// The form that was sent, with the same key: sent again it happens once. nil where there is none that may be sent again.
    private func formAgain(_ problem: Problem, _ request: Request) -> PageData? {
        // One that cannot be read gets the page without it.
        guard request.method == .post, let action = OwnPath.path(request.path), let form = try? Form(request),
            let fields = form.whole, problem.isOutcomeKnown || form["key"] != nil
        else { return nil }
        let hidden = fields.map { field -> PageData in ["name": field.name, "value": field.value ?? ""] }
        return ["action": request.query.isEmpty ? action : "\(action)?\(request.query)", "fields": hidden]
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
