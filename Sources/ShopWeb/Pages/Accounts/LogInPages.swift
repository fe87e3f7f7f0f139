import HTTPTypes
import Shop
import Web

/// Signing up, logging in and out.
struct LogInPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.logIn) { visit, _ in
            visit.customer == nil ? try visit.logIn(nil) : .seeOther(try visit.next() ?? SitePath.home.text)
        }
        pages.post(.logIn, for: .visitors) { visit, _, form in
            let login = form.text("login", length: 1...SignUp.loginLength.upperBound)
            let password = form.password("password", length: 1...PasswordRule.length.upperBound)
            try form.finish()
            let step = try visit.shop.accounts.begin(login: login, password: password, from: visit.logInOrigin)
            switch step {
            case .loggedIn(let token, let expiresAt, let needsSecondFactor):
                let next = needsSecondFactor ? SitePath.secondFactor(next: form.next).text : form.next
                return try visit.enter((token, expiresAt), login, next: next)
            case .needsCode(let half):
                return .seeOther(.logInCode(next: form.next)).setting(
                    Cookie.halfLogIn.field(half, for: visit.request, seconds: nil))
            }
        } refused: { visit, _, refusal in
            try visit.logIn(refusal)
        }
        pages.get(.signUp) { visit, _ in
            visit.customer == nil ? try visit.signUp(nil) : .seeOther(try visit.next() ?? SitePath.home.text)
        }
        pages.post(.signUp, for: .visitors) { visit, _, form in
            // In the page's order, which is the order of the messages.
            let login = form.text("login", length: SignUp.loginLength, allowed: SignUp.isLoginCharacter)
            let name = form.text("name", length: SignUp.nameLength)
            let password = form.newPassword("password", of: login)
            let signUp = SignUp(login: login, password: password, name: name)
            try form.finish()
            return try visit.enter(
                visit.shop.accounts.signUpAndLogIn(signUp, from: visit.logInOrigin), login, next: form.next)
        } refused: { visit, _, refusal in
            try visit.signUp(refusal)
        }
        pages.post(.logOut, from: { _ in .home }, for: .everybody) { visit, _, _ in
            try visit.endSession()
            return .seeOther(.home, saying: .loggedOut, visit.request)
                .setting(Cookie.session.field("", for: visit.request, seconds: 0))
        } refused: { _, _, _ in
            .seeOther(.home)
        }
    }
}

extension Visit {
    /// Where to continue, from the address.
    func next() throws -> String? {
        OwnPath.path(try FormFields(request.query).fields.first { $0.name == "next" }?.value)
    }

    fileprivate func logIn(_ refusal: FormRefusal?) throws -> Response {
        page(LogInPage(entrance: try entrance(refusal)), words(.titleLogIn), refusal: refusal)
    }

    fileprivate func signUp(_ refusal: FormRefusal?) throws -> Response {
        page(SignUpPage(entrance: try entrance(refusal)), words(.titleSignUp), refusal: refusal)
    }

    private func entrance(_ refusal: FormRefusal?) throws -> Entrance {
        let next = try refusal.map { OwnPath.path($0.values["next"]) } ?? next()
        // The links between the two pages keep it.
        return Entrance(
            next: next, loginHref: next.map { SitePath.logIn(next: $0).text },
            signupHref: next.map { SitePath.signUp(next: $0).text })
    }

    /// Continues with a session that has just begun, where `next` says or on the first page.
    func enter(
        _ session: (token: Token, expiresAt: Timestamp), _ login: String, next: String?
    ) throws -> Response {
        // The session that this one replaces belongs to nobody any more.
        try endSession()
        let response = Response.seeOther(next ?? SitePath.home.text).setting(sessionCookie(session))
            .setting(try deviceCookie(login))
        return try takeBasketAlong(session.token)
            ? response.setting(Cookie.visitor.field("", for: request, seconds: 0)) : response
    }

    private func sessionCookie(_ session: (token: Token, expiresAt: Timestamp)) -> HTTPField {
        let seconds = (session.expiresAt.milliseconds - now.milliseconds) / 1_000
        return Cookie.session.field(session.token.text, for: request, seconds: seconds)
    }

    var logInOrigin: LogInOrigin {
        .browser(
            request.remoteAddress, name: DeviceName.of(request),
            device: Cookie.device.value(in: request).map { String($0) })
    }

    /// The browser is known from now on, even after logging out.
    private func deviceCookie(_ login: String) throws -> HTTPField {
        let oneYear: Int64 = 365 * 86_400
        let before = Cookie.device.value(in: request).map { String($0) }
        return Cookie.device.field(
            try shop.accounts.knownDevice(of: login, before: before), for: request, seconds: oneYear)
    }

    /// Moves the visitor's basket to the customer. If the shop cannot write now, it stays with the cookie until the
    /// next time. Returns whether it was moved.
    private func takeBasketAlong(_ token: Token) throws -> Bool {
        guard let visitorToken else { return true }
        do {
            try shop.baskets.merge(visitorToken.hash, into: shop.accounts.caller(token).user)
            return true
        } catch is UnavailableError {
            return false
        }
    }

    /// Ends this visit's session, if there is one that has not ended already.
    fileprivate func endSession() throws {
        guard let token, customer != nil else { return }
        do {
            try shop.accounts.logOut(token)
        } catch ShopError.unauthenticated {
            return
        }
    }
}
