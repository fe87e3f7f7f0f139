import Shop
import Web

/// What the staff do with a customer's account: log it out, close it, correct its balance.
struct CustomerCarePages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.postForStaff(.endCustomerSessions, needing: .endSessions, from: SitePath.customer(ofForm:)) {
            visit, staff, path, _ in
            let id = try path.id(User.self, else: .accountNotFound)
            _ = try visit.shop.sessionEnding(by: staff).endSessions(of: id)
            return .seeOther(.customer(id), saying: .customerLoggedOut, visit.request)
        } refused: { visit, staff, path, refusal in
            try visit.customer(path.id(User.self, else: .accountNotFound), staff, refusal)
        }
        addClosing(to: &pages)
        addCorrecting(to: &pages)
    }

    private func addClosing(to pages: inout PageRoutes) {
        pages.getForStaff(.closeCustomer) { visit, staff, path in
            try visit.closing(path.id(User.self, else: .accountNotFound), staff, nil)
        }
        pages.postForStaff(.closeCustomer, needing: .closeCustomers) { visit, staff, path, _ in
            let id = try path.id(User.self, else: .accountNotFound)
            do {
                _ = try visit.shop.accountClosing(by: staff).close(id)
            } catch ShopError.accountClosed {
                // It was pressed twice, or somebody else was faster: it is closed, as was wanted.
            }
            return .seeOther(.customer(id), saying: .accountClosed, visit.request)
        } refused: { visit, staff, path, refusal in
            try visit.closing(path.id(User.self, else: .accountNotFound), staff, refusal)
        }
    }

    /// The form is sent twice: first to see what it would do, then to do it.
    private func addCorrecting(to pages: inout PageRoutes) {
        pages.getForStaff(.correctBalance) { visit, staff, path in
            try visit.correcting(path.id(User.self, else: .accountNotFound), staff)
        }
        pages.postForStaff(.correctBalance, needing: .correctBalances) { visit, staff, path, form in
            let corrections = try visit.shop.balanceCorrections(by: staff)
            let id = try path.id(User.self, else: .accountNotFound)
            if form["step"] == "edit" { return try visit.correcting(id, staff, typed: form.values) }
            let draft = try form.correction(of: id)
            guard form["step"] == "correct", let user = staff.user else {
                let preview = try corrections.preview(draft)
                return try visit.correcting(id, staff, checking: (draft, preview))
            }
            let receipt = try corrections.ask(
                draft,
                visit.submission("correct", form, of: user) { correction in
                    correction.entry == nil ? SitePath.corrections().text : SitePath.customer(id).text
                })
            let isMade = String(decoding: receipt.bytes, as: UTF8.self) == SitePath.customer(id).text
            return visit.receipt(receipt, saying: isMade ? .balanceCorrected : .correctionAsked)
        } refused: { visit, staff, path, refusal in
            try visit.correcting(path.id(User.self, else: .accountNotFound), staff, refusal: refusal)
        }
    }
}

extension Form {
    /// Reads `direction`, `amount` and `explanation`. Throws a `ValidationError` for all that is wrong with them.
    fileprivate mutating func correction(of id: UserID) throws -> BalanceCorrectionDraft {
        let isTaking = self["direction"] == "take"
        if !isTaking, self["direction"] != "add" { refuse("direction", .missing) }
        let amount = integer("amount", in: Policy.amountRange.lowerBound.amount...Policy.amountRange.upperBound.amount)
        let reason = text("explanation", length: BalanceCorrection.reasonLength)
        try finish()
        return BalanceCorrectionDraft(user: id, amount: Won(isTaking ? -amount : amount), reason: reason)
    }
}

extension Visit {
    fileprivate func closing(_ id: UserID, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        _ = try shop.accountClosing(by: staff)
        let customers = try shop.customers(for: staff)
        let (customer, sessions) = (try customers.find(id), try customers.sessions(of: id).count)
        // There is nothing to close, or it is none of the reader's business: its page says which.
        if customer.closedAt != nil || customer.user.role.isStaff { return .seeOther(.customer(id)) }
        let model = CloseAccountPage(
            login: customer.user.login, name: wording.named(customer.user.name),
            action: SitePath.closeCustomer(id).text, backHref: SitePath.customer(id).text,
            balance: customer.balance > .zero ? wording.won(customer.balance) : nil,
            sessions: sessions > 0 ? wording.number(Int64(sessions)) : nil, role: nil)
        return officePage(model, words(.titleCloseAccount), in: .customers, by: staff, refusal: refusal)
    }

    fileprivate func correcting(
        _ id: UserID, _ staff: Staff,
        checking: (draft: BalanceCorrectionDraft, preview: BalanceCorrectionPreview)? = nil,
        typed: [String: String] = [:], refusal: FormRefusal? = nil
    ) throws -> Response {
        _ = try shop.balanceCorrections(by: staff)
        let customer = try shop.customers(for: staff).find(id)
        let check = checking.map { draft, preview in
            CorrectionCheck(
                direction: draft.amount < .zero ? "take" : "add",
                amount: String(max(draft.amount, -draft.amount).amount), reason: draft.reason,
                change: wording.change(draft.amount), before: wording.won(preview.before),
                after: wording.won(preview.after), needsTwo: preview.needsTwo)
        }
        let days = shop.policy.correctionLifetime / .days(1)
        let model = CorrectBalancePage(
            login: customer.user.login, name: wording.named(customer.user.name),
            customerHref: SitePath.customer(id).text, action: SitePath.correctBalance(id).text,
            balance: wording.won(customer.balance), alone: wording.won(shop.policy.correctionAlone),
            days: wording.number(days), longestReason: BalanceCorrection.reasonLength.upperBound,
            isTaking: (refusal?.values ?? typed)["direction"] == "take", values: typed, check: check)
        return officePage(model, words(.titleCorrectBalance), in: .customers, by: staff, refusal: refusal)
    }
}
