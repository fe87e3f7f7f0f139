import HTTPTypes
import Shop
import Web

/// Asks for the password again, before what moves money or changes other people's accounts.
struct PasswordAgainPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.passwordAgain) { visit, _ in
            try visit.passwordAgain(next: try visit.next() ?? SitePath.account.text, nil, nil)
        }
        pages.post(.passwordAgain) { visit, _, form in
            let (customer, token) = try visit.signedIn()
            let password = form.password("password", length: 1...PasswordRule.length.upperBound)
            try form.finish()
            do {
                try visit.shop.accounts.confirmPassword(
                    of: customer.user, password, in: token, at: visit.request.remoteAddress)
            } catch ShopError.invalidCredentials {
                throw FormError(.unprocessableContent, "validation_failed", .errorWrongPassword, at: "password")
            }
            let next = form.next ?? SitePath.account.text
            guard let kept = KeptForm(in: form) else { return .seeOther(next) }
            // Whoever sent it decides anew: time has passed.
            return visit.page(
                FormKeptPage(again: kept.again, isPartial: kept.isPartial, backHref: next), visit.words(.titleFormKept),
                in: .account)
        } refused: { visit, _, refusal in
            let form = try Form(visit.request)
            return try visit.passwordAgain(next: form.next ?? SitePath.account.text, KeptForm(in: form), refusal)
        }
    }
}

extension Visit {
    /// The page that asks for the password.
    ///
    /// - Parameters:
    ///   - next: where to continue; with a form, what to return to without it.
    ///   - kept: the form that waits.
    func passwordAgain(next: String, _ kept: KeptForm?, _ refusal: FormRefusal?) throws -> Response {
        let (customer, _) = try signedIn()
        let model = PasswordAgainPage(login: customer.user.login, next: next, kept: kept?.hidden ?? [])
        // A form that waits was not accepted, whatever the page says.
        return page(
            model, words(.titlePasswordAgain), in: .account, refusal: refusal, status: kept == nil ? .ok : .forbidden)
    }
}
