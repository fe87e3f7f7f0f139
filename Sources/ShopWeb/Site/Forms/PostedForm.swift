import HTTPTypes
import Shop
import Web

/// How a posted form is handled: whether it is trusted, what it does, and its page again if that is refused.
struct PostedForm: Sendable {
    typealias Action = @Sendable (Visit, PathParameters, inout Form) throws -> Response
    /// The form's page again, with what was wrong.
    typealias Again = @Sendable (Visit, PathParameters, FormRefusal) throws -> Response

    /// Whom a form is for.
    enum Audience: Sendable {
        /// Others log in first.
        case customers
        /// Whoever is logged in already is sent on.
        case visitors
        case everybody
        /// Customers, and visitors, who have a basket of their own.
        case shoppers
    }

    let site: Site
    let audience: Audience
    /// Whether there may be a file in it, and what is refused where that is too large.
    var takesFile = false
    var tooLarge = ShopError.pictureRefused(.tooLarge)
    let action: Action
    let again: Again

    func respond(to request: Request, _ path: PathParameters) throws -> Response {
        guard request.isOwn else { throw PageError.foreignForm }
        let visit = try site.visit(request)
        var form: Form
        do {
            form = try Form(request, takesFile: takesFile)
        } catch RequestError.payloadTooLarge where takesFile {
            // Nothing of it was kept, nor can be shown again.
            let refusal = FormRefusal(tooLarge, Form(), visit)
            guard let refusal else { throw RequestError.payloadTooLarge }
            return try again(visit, path, refusal)
        }
        let typed = form
        return try visit.loggingIn(typed) {
            // The session has ended since: whoever logs in again gets the form anew.
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

    /// The form's page again, with what was typed, for a form that belongs to no page of this session. Only if the
    /// browser itself says that a page of this shop sent it: another site could have filled it in otherwise.
    private func stale(_ form: Form, _ visit: Visit, _ path: PathParameters) throws -> Response {
        guard visit.request.isProvenOwn else { throw PageError.staleForm }
        let page = try again(visit, path, FormRefusal(.stale, form, visit))
        // No page shows this form again.
        guard page.status == .forbidden else { throw PageError.staleForm }
        return page
    }

    /// A customer's form is bound to the session, a visitor's to the cookie that came with the page. With neither of
    /// them, a forged form can do nothing.
    private func isBound(_ form: Form, _ visit: Visit) -> Bool {
        if audience == .everybody, visit.customer == nil { return true }
        // The pages that visitors share carry no token. Only a basket is at stake: the browser's word is enough.
        if audience == .shoppers, visit.customer == nil, visit.request.isProvenOwn { return true }
        guard let given = form["csrf"], let binding = visit.customer != nil ? visit.token : visit.visitorToken else {
            return false
        }
        return binding.isFormToken(given)
    }
}

extension Request {
    /// A form from another site says so in one of these fields; no page can make a browser forge them.
    var isOwn: Bool {
        if let site = fields.first(.secFetchSite), site != "same-origin" { return false }
        guard let origin = fields.first(.origin) else { return true }
        return origin == self.origin
    }

    /// Whether the browser confirms that one of the shop's own pages sent the form.
    fileprivate var isProvenOwn: Bool {
        fields.first(.origin) != nil || fields.first(.secFetchSite) != nil
    }
}

extension HTTPField.Name {
    static let secFetchSite = requiredName("Sec-Fetch-Site")
}
