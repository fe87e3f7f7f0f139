import Shop
import Web

/// The second step of a log-in: the code of the second factor.
struct LogInCodePages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.logInCode) { visit, _ in
            if visit.customer != nil { return .seeOther(try visit.next() ?? SitePath.home.text) }
            guard visit.halfLogIn != nil else { return .seeOther(.logIn(next: try visit.next() ?? SitePath.home.text)) }
            return try visit.logInCode(nil)
        }
        pages.post(.logInCode, for: .visitors) { visit, _, form in
            guard let half = visit.halfLogIn else { return visit.logInAgain(form) }
            let code = form.text("code", length: 1...TOTP.typedLength)
            try form.finish()
            do {
                let finished = try visit.shop.accounts.finish(half, code: code, from: visit.logInOrigin)
                let response = try visit.enter((finished.token, finished.expiresAt), finished.login, next: form.next)
                    .setting(Cookie.halfLogIn.field("", for: visit.request, seconds: 0))
                return finished.byRecoveryCode ? response.saying(.recoveryCodeUsed, visit.request) : response
            } catch ShopError.unauthenticated {
                return visit.logInAgain(form)
            }
        } refused: { visit, _, refusal in
            try visit.logInCode(refusal)
        }
    }
}

extension Visit {
    fileprivate var halfLogIn: String? { Cookie.halfLogIn.value(in: request).map { String($0) } }

    /// The first step is too long ago.
    fileprivate func logInAgain(_ form: Form) -> Response {
        .seeOther(.logIn(next: form.next ?? SitePath.home.text), saying: .codeTooLate, request)
            .setting(Cookie.halfLogIn.field("", for: request, seconds: 0))
    }

    fileprivate func logInCode(_ refusal: FormRefusal?) throws -> Response {
        let next = try refusal.map { OwnPath.path($0.values["next"]) } ?? next()
        let asked = try FormFields(request.query).fields.first { $0.name == "with" }?.value
        let isRecovery = (refusal.map { $0.values["with"] } ?? asked) == "recovery"
        let model = LogInCodePage(
            next: next, isRecovery: isRecovery,
            otherHref: SitePath.logInCode(next: next, byRecoveryCode: !isRecovery).text)
        return page(model, words(.titleLogInCode), refusal: refusal)
    }
}
