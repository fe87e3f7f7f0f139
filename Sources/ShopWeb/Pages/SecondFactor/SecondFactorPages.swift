import Shop
import Web

/// The own second factor of one of the staff. Customers are told that there is no such page.
struct SecondFactorPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.secondFactor) { visit, _ in
            try visit.secondFactor(next: visit.next(), nil)
        }
        pages.post(.beginSecondFactor, from: { _ in .secondFactor() }) { visit, _, form in
            _ = try visit.ownSecondFactor().begin()
            return .seeOther(.secondFactor(next: form.next))
        } refused: { visit, _, refusal in
            try visit.secondFactor(refusal)
        }
        pages.post(.confirmSecondFactor, from: { _ in .secondFactor() }) { visit, _, form in
            let code = form.text("code", length: 1...TOTP.typedLength)
            try form.finish()
            return visit.recoveryCodes(
                try visit.ownSecondFactor().confirm(code), next: form.next ?? SitePath.office.text)
        } refused: { visit, _, refusal in
            try visit.secondFactor(refusal)
        }
        pages.post(.recoveryCodes, from: { _ in .secondFactor() }) { visit, _, _ in
            visit.recoveryCodes(
                try visit.ownSecondFactor().renewRecoveryCodes(), next: SitePath.secondFactor().text)
        } refused: { visit, _, refusal in
            try visit.secondFactor(refusal)
        }
        pages.get(.removeSecondFactor) { visit, _ in try visit.removeSecondFactor(nil) }
        pages.post(.removeSecondFactor) { visit, _, _ in
            try visit.ownSecondFactor().remove()
            return .seeOther(.secondFactor(), saying: .secondFactorRemoved, visit.request)
        } refused: { visit, _, refusal in
            try visit.removeSecondFactor(refusal)
        }
    }
}

extension Visit {
    /// With fewer codes than this it is time for new ones.
    private static let fewCodes = 4

    /// Sends visitors to log in first; tells customers that there is nothing.
    func ownSecondFactor() throws -> OwnSecondFactor {
        let (_, token) = try signedIn()
        do {
            return try shop.accounts.secondFactor(token, by: .browser, from: request.remoteAddress)
        } catch ShopError.forbidden {
            throw RequestError.notFound
        }
    }

    /// The page of a form that was refused.
    fileprivate func secondFactor(_ refusal: FormRefusal) throws -> Response {
        try secondFactor(next: OwnPath.path(refusal.values["next"]), refusal)
    }

    fileprivate func secondFactor(next: String?, _ refusal: FormRefusal?) throws -> Response {
        let (customer, _) = try signedIn()
        let state = try ownSecondFactor().state()
        let left = Int64(state.recoveryCodesLeft)
        let model = SecondFactorPage(
            inForce: state.since.map { since in
                SecondFactorInForce(
                    since: wording.time(since), codesLeft: words(.recoveryCodesLeft, ["count": .number(left)]),
                    areFew: left < Self.fewCodes)
            },
            begun: state.begun.map { totp in
                let address = totp.address(issuer: words(.shopName), account: customer.user.login)
                return SecondFactorSetUp(picture: QRPicture(address), secret: totp.typedSecret, address: address)
            }, isRequired: state.isRequired, next: next)
        return page(model, words(.titleSecondFactor), in: .account, refusal: refusal)
    }

    fileprivate func recoveryCodes(_ codes: [RecoveryCode], next: String) -> Response {
        page(
            RecoveryCodesPage(codes: codes.map(\.text), nextHref: next), words(.titleRecoveryCodes), in: .account)
    }

    fileprivate func removeSecondFactor(_ refusal: FormRefusal?) throws -> Response {
        // There has to be one that may be removed.
        let state = try ownSecondFactor().state()
        if state.since == nil || state.isRequired { return .seeOther(.secondFactor()) }
        return page(RemoveSecondFactorPage(), words(.titleRemoveSecondFactor), in: .account, refusal: refusal)
    }
}
