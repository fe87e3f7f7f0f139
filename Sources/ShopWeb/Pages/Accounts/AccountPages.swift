import Shop
import Web

/// The customer's own account: password and sessions.
struct AccountPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.account) { visit, _ in
            try visit.account(nil)
        }
        pages.post(.password, from: { _ in .account }) { visit, _, form in
            let (customer, token) = try visit.signedIn()
            let current = form.password("current", length: 1...PasswordRule.length.upperBound)
            let new = form.newPassword("new", of: customer.user.login)
            try form.finish()
            do {
                try visit.shop.accounts.changePassword(
                    of: customer.user, from: current, to: new, keeping: token,
                    at: visit.request.remoteAddress)
            } catch ShopError.invalidCredentials {
                throw FormError(.unprocessableContent, "validation_failed", .errorWrongPassword, at: "current")
            }
            return .seeOther(.account, saying: .passwordChanged, visit.request)
        } refused: { visit, _, refusal in
            try visit.account(refusal)
        }
        pages.post(.endOtherSessions, from: { _ in .account }) { visit, _, _ in
            let (customer, token) = try visit.signedIn()
            _ = try visit.shop.accounts.endOtherSessions(
                of: customer.user, but: token, from: visit.request.remoteAddress)
            return .seeOther(.account, saying: .sessionsEnded, visit.request)
        } refused: { visit, _, refusal in
            try visit.account(refusal)
        }
    }
}

extension Visit {
    fileprivate func account(_ refusal: FormRefusal?) throws -> Response {
        let (customer, token) = try signedIn()
        let sessions = try shop.accounts.sessions(of: customer.user.id)
        let own = token.hash.bytes
        let rows = sessions.map { session in
            SessionRow(
                startedAt: wording.time(session.createdAt), lastUsedAt: wording.time(session.lastUsedAt),
                isCurrent: session.tokenHash == own, from: origin(of: session))
        }
        let isStaff = customer.user.role.isStaff
        let factor = isStaff ? try ownSecondFactor().state() : nil
        let model = AccountPage(
            login: customer.user.login, name: customer.user.name, since: wording.time(customer.user.createdAt),
            sessions: rows, isStaff: isStaff, secondFactor: factor.map { words($0.since == nil ? .off : .on) })
        return page(model, words(.titleAccount), in: .account, refusal: refusal)
    }

    /// The session's browser and place.
    func origin(of session: SessionInfo) -> String {
        let device =
            switch session.device {
            case nil: words(.sessionUnknown)
            case "": words(.sessionProgram)
            case let name?: name
            }
        return [device, session.network].compactMap(\.self).joined(separator: ", ")
    }
}
