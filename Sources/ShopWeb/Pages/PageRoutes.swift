import HTTPTypes
import Shop
import Web

/// Adds pages to the router, each behind what all of them share: who asks, which forms are taken, how refusals come back.
struct PageRoutes {
    typealias Page = @Sendable (Visit, PathParameters) throws -> Response
    typealias Action = @Sendable (Visit, PathParameters, inout Form) throws -> Response
    /// The form's page once more, with what was wrong.
    typealias Again = @Sendable (Visit, PathParameters, Refusal) throws -> Response

    let services: Services
    let storefront: Storefront
    let kept = KeptPages()

    /// A page that is made anew for everybody.
    func get(_ pattern: String, in router: inout Router, _ page: @escaping Page) {
        router.on(.get, pattern) { [self] request, path in
            let visit = try Visit(request, services, storefront)
            return try loggingIn(visit) { try page(visit, path) }
        }
    }

    /// A page that is the same for all visitors: one that was made for the last of them is at most a second old.
    func getKept(
        _ pattern: String, in router: inout Router,
        _ page: @escaping @Sendable (Visit, PathParameters) throws -> KeptPages.Page
    ) {
        router.on(.get, pattern) { [self] request, path in
            if Cookie.session.value(in: request) != nil {
                let visit = try Visit(request, services, storefront)
                if visit.customer != nil {
                    let made = try page(visit, path)
                    services.views.count(made.viewed)
                    return made.response
                }
            }
            return try kept.page(request, services.views) {
                try page(Visit(visitor: request, services, storefront), path)
            }
        }
    }

    /// Whose a form is.
    enum Audience {
        /// Sent by others, it makes them log in first.
        case customers
        case everybody
    }

    /// What a form does.
    ///
    /// - Parameter again: shows the form's page again where the shop refuses; other errors get a page of their own.
    func post(
        _ pattern: String, in router: inout Router, for audience: Audience = .customers, _ action: @escaping Action,
        refused again: @escaping Again
    ) {
        router.on(.post, pattern) { [self] request, path in
            guard isOwn(request) else { throw PageError.foreignForm }
            let visit = try Visit(request, services, storefront)
            var form = try Form(request)
            return try loggingIn(visit) {
                try checkBinding(of: form, visit, audience)
                do {
                    return try action(visit, path, &form)
                } catch {
                    guard let refusal = Refusal(error, form, visit) else { throw error }
                    return try again(visit, path, refusal)
                }
            }
        }
    }

    /// Whoever is not logged in where that is needed does it first, and comes back.
    private func loggingIn(_ visit: Visit, _ body: () throws -> Response) throws -> Response {
        let logInFirst = {
            let back = visit.request.method == .get ? visit.target : visit.referer ?? "/"
            return Response.seeOther("/login?next=\(PercentEncoding.encode(back))")
        }
        do {
            return try body()
        } catch PageError.logInFirst {
            return logInFirst()
        } catch ShopError.unauthenticated {
            return logInFirst()
        }
    }

    /// A form of another site says so in one of these fields; a browser lets no page forge them.
    private func isOwn(_ request: Request) -> Bool {
        if let site = request.fields.first(.secFetchSite), site != "same-origin" { return false }
        guard let origin = request.fields.first(.origin) else { return true }
        return origin == "\(request.isSecure ? "https" : "http")://\(request.fields.first(.host) ?? "")"
    }

    /// A form is bound to its session; one of a visitor, to the cookie that came with the page.
    private func checkBinding(of form: Form, _ visit: Visit, _ audience: Audience) throws {
        // A session that has ended since: whoever logs in again gets the form anew.
        if audience == .customers, visit.customer == nil { throw PageError.logInFirst }
        let binding = visit.customer != nil ? visit.token : visit.visit
        guard let binding, let given = form["csrf"], binding.isFormToken(given) else { throw PageError.staleForm }
    }
}

extension HTTPField.Name {
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .origin
}
