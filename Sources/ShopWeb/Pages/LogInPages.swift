import HTTPTypes
import Shop
import Web

/// Signing up, logging in and out.
func addLogInPages(to router: inout Router, _ routes: PageRoutes) {
    routes.get("/login", in: &router) { visit, _ in
        visit.customer == nil ? try visit.logIn(nil) : .seeOther(try visit.next() ?? "/")
    }
    routes.post("/login", in: &router, for: .everybody) { visit, _, form in
        let login = form.text("login", length: 1...64)
        let password = form.password("password", length: 1...128)
        try form.finish()
        return try visit.entering(login, password, form)
    } refused: { visit, _, refusal in
        try visit.logIn(refusal)
    }
    routes.get("/signup", in: &router) { visit, _ in
        visit.customer == nil ? try visit.signUp(nil) : .seeOther(try visit.next() ?? "/")
    }
    routes.post("/signup", in: &router, for: .everybody) { visit, _, form in
        // In the order of the page, which is that of what is said to be wrong.
        let login = form.text("login", length: SignUp.loginLength, allowed: SignUp.isLoginCharacter)
        let name = form.text("name", length: SignUp.nameLength)
        let password = form.password("password", length: SignUp.passwordLength)
        let signUp = SignUp(login: login, password: password, name: name)
        try form.finish()
        _ = try visit.services.accounts.signUp(signUp)
        return try visit.entering(signUp.login, signUp.password, form)
    } refused: { visit, _, refusal in
        try visit.signUp(refusal)
    }
    routes.post("/logout", in: &router) { visit, _, _ in
        let token = try visit.signedIn().token
        try visit.services.accounts.logOut(token)
        return .seeOther("/?loggedout").setting(Cookie.session.field("", for: visit.request, seconds: 0))
    } refused: { _, _, _ in
        .seeOther("/")
    }
}

extension Visit {
    /// Where to go on to, by the address.
    fileprivate func next() throws -> String? {
        OwnPath.path(try FormFields(request.query).fields.first { $0.name == "next" }?.value)
    }

    fileprivate func logIn(_ refusal: Refusal?) throws -> Response {
        page(.logIn, words(.titleLogIn), refusal: refusal, try entrance(refusal))
    }

    fileprivate func signUp(_ refusal: Refusal?) throws -> Response {
        page(.signUp, words(.titleSignUp), refusal: refusal, try entrance(refusal))
    }

    private func entrance(_ refusal: Refusal?) throws -> PageData {
        var data: PageData = [:]
        data["next"] = try refusal.map { OwnPath.path($0.values["next"] as? String) } ?? next()
        // The links between the two pages keep it.
        if let next = data["next"] as? String {
            data["loginHref"] = "/login?next=\(PercentEncoding.encode(next))"
            data["signupHref"] = "/signup?next=\(PercentEncoding.encode(next))"
        }
        return data
    }

    /// Begins a session, always a new one, and goes on.
    fileprivate func entering(_ login: String, _ password: String, _ form: Form) throws -> Response {
        let accounts = services.accounts
        let (token, expiresAt) = try accounts.logIn(login: login, password: password, address: request.remoteAddress)
        // The one that it takes the place of is nobody's any more.
        if let old = self.token, customer != nil { try accounts.logOut(old) }
        let seconds = (expiresAt.milliseconds - now.milliseconds) / 1_000
        return .seeOther(OwnPath.path(form["next"]) ?? "/")
            .setting(Cookie.session.field(token.text, for: request, seconds: seconds))
            .setting(Cookie.visit.field("", for: request, seconds: 0))
    }
}
