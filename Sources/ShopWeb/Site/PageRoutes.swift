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
    private let kept: KeptPages
    private let refusals: RefusalMetrics

    init(_ services: Services, _ storefront: Storefront, _ refusals: RefusalMetrics) {
        self.services = services
        self.storefront = storefront
        self.refusals = refusals
        kept = KeptPages(services.clock, CacheCounters("pages", services.metrics))
    }

    /// A page that is made anew for everybody.
    func get(_ pattern: String, in router: inout Router, _ page: @escaping Page) {
        router.on(.get, pattern) { [self] request, path in
            let visit = try Visit(request, services, storefront)
            return try loggingIn(visit) { try page(visit, path) }
        }
    }

    /// What a customer holds of the coupons on a page; nil where so much of it is their own that it cannot be kept.
    typealias Holding = @Sendable (Visit, PathParameters, UserID) throws -> [CouponID]?

    /// A page that is the same for all visitors, and for all customers but for what `Personal` names and what they hold: one
    /// that was made for the last of them is at most a second old.
    func getKept(
        _ pattern: String, in router: inout Router,
        _ page: @escaping @Sendable (Visit, PathParameters) throws -> KeptPages.Page,
        holding: @escaping Holding = { _, _, _ in [] }
    ) {
        router.on(.get, pattern) { [self] request, path in
            func keptPage(for readers: KeptPages.Readers, _ personal: Personal?) throws -> Response {
                try kept.page(request, for: readers, personal, services.views) {
                    try page(Visit(anyOf: readers, request, services, storefront), path)
                }
            }
            func ownPage(_ visit: Visit) throws -> Response {
                let made = try page(visit, path)
                services.views.count(made.viewed)
                return made.response
            }
            guard Cookie.isAnyPersonal(in: request) else { return try keptPage(for: .visitors(hasBasket: false), nil) }
            var visit = try Visit(request, services, storefront)
            guard let customer = visit.customer, let personal = visit.personal else {
                if visit.notice != nil { return try ownPage(visit) }
                return try keptPage(for: .visitors(hasBasket: visit.personal != nil), visit.personal)
            }
            let held = try holding(visit, path, customer.user.id)
            if let held, visit.notice == nil {
                return try keptPage(for: .customers(hasBasket: personal.hasBasket, holding: Set(held)), personal)
            }
            visit.held = Set(held ?? [])
            return try ownPage(visit)
        }
    }

    /// Whose a form is.
    enum Audience {
        /// Others log in first.
        case customers
        /// Who is logged in already is sent on.
        case visitors
        case everybody
        /// Customers, and visitors, who have a basket of their own.
        case shoppers
    }

    /// What a form does.
    ///
    /// - Parameters:
    ///   - page: the form's page, where it has another address than the form: who asks for that gets the page.
    ///   - again: shows the form's page again where the shop refuses; other errors get a page of their own.
    func post(
        _ pattern: String, in router: inout Router, from page: (@Sendable (PathParameters) -> String)? = nil,
        for audience: Audience = .customers, _ action: @escaping Action, refused again: @escaping Again
    ) {
        if let page { router.on(.get, pattern) { _, path in .seeOther(page(path)) } }
        router.on(.post, pattern) { [self] request, path in
            guard isOwn(request) else { throw PageError.foreignForm }
            let visit = try Visit(request, services, storefront)
            var form = try Form(request)
            let typed = form
            return try loggingIn(visit, typed) {
                // A session that has ended since: whoever logs in again gets the form anew.
                if audience == .customers, visit.customer == nil { throw PageError.logInFirst }
                if !isBound(form, visit, audience) {
                    if audience == .visitors, visit.customer != nil { return .seeOther(form.next ?? "/") }
                    return try stale(typed, visit, path, again)
                }
                do {
                    return try action(visit, path, &form)
                } catch ShopError.unauthenticated {
                    throw PageError.logInFirst
                } catch PageError.staleForm {
                    return try stale(typed, visit, path, again)
                } catch {
                    guard let refusal = Refusal(error, form, visit) else { throw error }
                    refusals.count(refusal.code)
                    return try again(visit, path, refusal)
                }
            }
        }
    }

    /// The form's page once more, with what was typed, for a form that belongs to no page of this session. Only where the
    /// browser itself says that a page of this shop has sent it: another site could have typed it otherwise.
    private func stale(_ form: Form, _ visit: Visit, _ path: PathParameters, _ again: Again) throws -> Response {
        guard isProvenOwn(visit.request) else { throw PageError.staleForm }
        let page = try again(visit, path, Refusal(stale: form, visit))
        // A form without a page that shows it again.
        guard page.status == .forbidden else { throw PageError.staleForm }
        return page
    }

    /// Whoever is not logged in where that is needed does it first, and comes back to what was typed.
    private func loggingIn(_ visit: Visit, _ form: Form? = nil, _ body: () throws -> Response) throws -> Response {
        do {
            return try body()
        } catch PageError.logInFirst {
            let back = form.flatMap { $0.typed(at: visit.back) } ?? visit.back
            return .seeOther("/login?next=\(PercentEncoding.encode(back))")
        }
    }

    /// A form of another site says so in one of these fields; a browser lets no page forge them.
    private func isOwn(_ request: Request) -> Bool {
        if let site = request.fields.first(.secFetchSite), site != "same-origin" { return false }
        guard let origin = request.fields.first(.origin) else { return true }
        return origin == request.origin
    }

    /// Whether a browser says that one of the shop's own pages has sent the form.
    private func isProvenOwn(_ request: Request) -> Bool {
        request.fields.first(.origin) != nil || request.fields.first(.secFetchSite) != nil
    }

    /// A form is bound to its session; one of a visitor, to the cookie that came with the page. Where there is neither, there
    /// is nothing that a forged one could do.
    private func isBound(_ form: Form, _ visit: Visit, _ audience: Audience) -> Bool {
        if audience == .everybody, visit.customer == nil { return true }
        // The pages that visitors share carry no token. Theirs is but a basket: that the browser vouches for it will do.
        if audience == .shoppers, visit.customer == nil, isProvenOwn(visit.request) { return true }
        guard let given = form["csrf"], let binding = visit.customer != nil ? visit.token : visit.visit else {
            return false
        }
        return binding.isFormToken(given)
    }
}

extension HTTPField.Name {
    static let secFetchSite = requiredName("Sec-Fetch-Site")
}
