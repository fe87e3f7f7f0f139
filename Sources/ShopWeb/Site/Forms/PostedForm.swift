import HTTPTypes
import Shop
import Web

/// What a form does that is posted: whether it is believed, what is done, and its page again where that is refused.
struct PostedForm: Sendable {
    typealias Action = @Sendable (Visit, PathParameters, inout Form) throws -> Response
    /// The form's page once more, with what was wrong.
    typealias Again = @Sendable (Visit, PathParameters, FormRefusal) throws -> Response

    /// Whose a form is.
    enum Audience: Sendable {
        /// Others log in first.
        case customers
        /// Who is logged in already is sent on.
        case visitors
        case everybody
        /// Customers, and visitors, who have a basket of their own.
        case shoppers
    }

    let site: Site
    let audience: Audience
    let action: Action
    let again: Again

    func respond(to request: Request, _ path: PathParameters) throws -> Response {
        guard request.isOwn else { throw PageError.foreignForm }
        let visit = try site.visit(request)
        var form = try Form(request)
        let typed = form
        return try visit.loggingIn(typed) {
            // A session that has ended since: whoever logs in again gets the form anew.
            if audience == .customers, visit.customer == nil { throw PageError.logInFirst }
            if !isBound(form, visit) {
                if audience == .visitors, visit.customer != nil {
                    return .seeOther(form.next ?? SitePath.home.text)
                }
                return try stale(typed, visit, path)
            }
            do {
                return try action(visit, path, &form)
            } catch ShopError.unauthenticated {
                throw PageError.logInFirst
            } catch PageError.staleForm {
                return try stale(typed, visit, path)
            } catch {
                guard let refusal = FormRefusal(error, form, visit) else { throw error }
                site.refusals.count(refusal.code)
                return try again(visit, path, refusal)
            }
        }
    }

    /// The form's page once more, with what was typed, for a form that belongs to no page of this session. Only where the
    /// browser itself says that a page of this shop has sent it: another site could have typed it otherwise.
    private func stale(_ form: Form, _ visit: Visit, _ path: PathParameters) throws -> Response {
        guard visit.request.isProvenOwn else { throw PageError.staleForm }
        let page = try again(visit, path, FormRefusal(.stale, form, visit))
        // A form without a page that shows it again.
        guard page.status == .forbidden else { throw PageError.staleForm }
        return page
    }

    /// A form is bound to its session; one of a visitor, to the cookie that came with the page. Where there is neither, there
    /// is nothing that a forged one could do.
    private func isBound(_ form: Form, _ visit: Visit) -> Bool {
        if audience == .everybody, visit.customer == nil { return true }
        // The pages that visitors share carry no token. Theirs is but a basket: that the browser vouches for it will do.
        if audience == .shoppers, visit.customer == nil, visit.request.isProvenOwn { return true }
        guard let given = form["csrf"], let binding = visit.customer != nil ? visit.token : visit.visitorToken else {
            return false
        }
        return binding.isFormToken(given)
    }
}

extension Request {
    /// A form of another site says so in one of these fields; a browser lets no page forge them.
    fileprivate var isOwn: Bool {
        if let site = fields.first(.secFetchSite), site != "same-origin" { return false }
        guard let origin = fields.first(.origin) else { return true }
        return origin == self.origin
    }

    /// Whether a browser says that one of the shop's own pages has sent the form.
    fileprivate var isProvenOwn: Bool {
        fields.first(.origin) != nil || fields.first(.secFetchSite) != nil
    }
}

extension HTTPField.Name {
    static let secFetchSite = requiredName("Sec-Fetch-Site")
}
