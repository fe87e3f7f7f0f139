import Shop
import Web

/// The corrections that wait for a second person, and each one with what it would do.
struct CorrectionPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.corrections) { visit, staff, _ in try visit.corrections(staff) }
        pages.getFileForStaff(.correctionsFile) { visit, staff in
            try correctionsFile(of: visit.shop.balanceCorrections(forFileOf: staff))
        }
        pages.getForStaff(.correction) { visit, staff, path in
            try visit.correction(path.id(BalanceCorrection.self, else: .correctionNotFound), staff, nil)
        }
        pages.postForStaff(.confirmCorrection, needing: .correctBalances, from: SitePath.correction(ofForm:)) {
            visit, staff, path, form in
            let id = try path.id(BalanceCorrection.self, else: .correctionNotFound)
            let corrections = try visit.shop.balanceCorrections(by: staff)
            let user = try visit.signedIn().customer.user.id
            let receipt = try corrections.confirm(
                id, visit.submission("confirm", form, of: user) { SitePath.customer($0.user).text })
            return visit.receipt(receipt, saying: .balanceCorrected)
        } refused: { visit, staff, path, refusal in
            try visit.correction(path.id(BalanceCorrection.self, else: .correctionNotFound), staff, refusal)
        }
        pages.postForStaff(.refuseCorrection, needing: .correctBalances, from: SitePath.correction(ofForm:)) {
            visit, staff, path, form in
            let id = try path.id(BalanceCorrection.self, else: .correctionNotFound)
            let corrections = try visit.shop.balanceCorrections(by: staff)
            let user = try visit.signedIn().customer.user.id
            let receipt = try corrections.refuse(
                id, visit.submission("refuse", form, of: user) { _ in SitePath.corrections().text })
            return visit.receipt(receipt, saying: .correctionRefused)
        } refused: { visit, staff, path, refusal in
            try visit.correction(path.id(BalanceCorrection.self, else: .correctionNotFound), staff, refusal)
        }
    }
}

extension Visit {
    fileprivate func corrections(_ staff: Staff) throws -> Response {
        let input = try WaitingCorrectionsInput(request, of: shop.balanceCorrections(by: staff))
        let model = CorrectionsPage(
            corrections: input.page.items.map { row($0.correction, of: $0.customer, staff) },
            fileHref: SitePath.correctionsFile.text,
            pages: PageLinks(
                first: input.isFirst ? nil : .corrections(), next: input.next.map { .corrections(cursor: $0) }))
        return officePage(model, words(.titleCorrections), in: .corrections, by: staff)
    }

    fileprivate func correction(
        _ id: BalanceCorrectionID, _ staff: Staff, _ refusal: FormRefusal?
    ) throws -> Response {
        let (correction, customer) = try shop.balanceCorrections(by: staff).find(id)
        let isWaiting = correction.status(at: now) == .waiting
        let after = customer.balance + correction.amount
        let model = CorrectionPage(
            correction: row(correction, of: customer, staff), customerName: wording.named(customer.user.name),
            before: isWaiting ? wording.won(customer.balance) : nil, after: isWaiting ? wording.won(after) : nil,
            confirmHref: isWaiting && correction.canBeConfirmed(by: staff) ? SitePath.confirmCorrection(id).text : nil,
            refuseHref: isWaiting ? SitePath.refuseCorrection(id).text : nil,
            isMine: isWaiting && staff.user == correction.asked.user)
        let title = words(.titleCorrection, ["number": .text(String(id.value))])
        return officePage(model, title, in: .corrections, by: staff, refusal: refusal)
    }
}
