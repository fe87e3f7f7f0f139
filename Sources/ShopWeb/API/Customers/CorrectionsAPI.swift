import Shop
import Web

/// Corrections of the customers' balances.
struct CorrectionsAPI: Sendable {
    let shop: Shop
    let access: Access
    let downloads: Downloads

    func addRoutes(to api: inout RouterGroup) {
        api.on(.post, "/admin/customers/:id/corrections") { request, path in
            let (staff, user) = try access.staff(request)
            let corrections = try shop.balanceCorrections(by: staff)
            let id = try path.id(User.self, else: .accountNotFound)
            let submission = try submission(request, of: user, status: 201)
            let input = try request.json(CorrectionInput.self)
            return Response(
                try corrections.ask(
                    BalanceCorrectionDraft(user: id, amount: input.amount, reason: input.reason), submission))
        }
        api.on(.get, "/admin/corrections") { request, _ in
            let corrections = try shop.balanceCorrections(by: access.staff(request).staff)
            let input = try WaitingCorrectionsInput(request, of: corrections)
            let now = shop.clock.now()
            return .json { json in
                json.page(input.page, next: input.next) { $0.value($1.correction, at: now) }
            }
        }
        api.on(.get, "/admin/corrections.csv") { request, _ in
            let corrections = try shop.balanceCorrections(forFileOf: access.staff(request).staff)
            return try correctionsFile(of: corrections).response(downloads)
        }
        api.on(.post, "/admin/customers/:id/corrections/preview") { request, path in
            let corrections = try shop.balanceCorrections(by: access.staff(request).staff)
            let id = try path.id(User.self, else: .accountNotFound)
            let input = try request.json(CorrectionInput.self)
            let preview = try corrections.preview(
                BalanceCorrectionDraft(user: id, amount: input.amount, reason: input.reason))
            return .json { json in
                json.object { json in
                    json.member("before", preview.before)
                    json.member("after", preview.after)
                    json.member("needsTwo", preview.needsTwo)
                }
            }
        }
        api.on(.get, "/admin/corrections/:id") { request, path in
            let corrections = try shop.balanceCorrections(by: access.staff(request).staff)
            let found = try corrections.find(path.id(BalanceCorrection.self, else: .correctionNotFound))
            let now = shop.clock.now()
            return .json { $0.value(found.correction, at: now) }
        }
        api.on(.post, "/admin/corrections/:id/confirm") { request, path in
            let (staff, user) = try access.staff(request)
            let corrections = try shop.balanceCorrections(by: staff)
            return Response(
                try corrections.confirm(
                    path.id(BalanceCorrection.self, else: .correctionNotFound),
                    submission(request, of: user, status: 200)))
        }
        api.on(.post, "/admin/corrections/:id/refuse") { request, path in
            let (staff, user) = try access.staff(request)
            let corrections = try shop.balanceCorrections(by: staff)
            return Response(
                try corrections.refuse(
                    path.id(BalanceCorrection.self, else: .correctionNotFound),
                    submission(request, of: user, status: 200)))
        }
    }

    private func submission(
        _ request: Request, of user: UserID, status: Int
    ) throws -> Submission<BalanceCorrection> {
        try request.submission(of: user, status: status) { json, correction in
            json.value(correction, at: correction.decidedAt ?? correction.askedAt)
        }
    }
}

private struct CorrectionInput: JSONInput {
    let amount: Won
    let reason: String

    init(_ fields: JSONFields) {
        amount = fields.won("amount", in: -Policy.amountRange.upperBound...Policy.amountRange.upperBound)
        if amount == .zero { fields.refuse("amount", .missing) }
        reason = fields.text("reason", length: BalanceCorrection.reasonLength)
    }
}

/// The page of the waiting corrections that a request asks for.
struct WaitingCorrectionsInput {
    let page: ListPage<(correction: BalanceCorrection, customer: CustomerSummary)>
    let isFirst: Bool
    /// The cursor to the next page, if there is one.
    let next: String?

    /// Throws a `ValidationError` for a query that cannot be.
    init(_ request: Request, of corrections: BalanceCorrections) throws {
        let list = Cursor(list: "corrections")
        var query = try QueryFields(request)
        let asked = query.page(of: list, by: BalanceCorrection.self, usual: CustomerQuery.usualLimit)
        try query.finish()
        page = try corrections.waiting(after: asked.before, limit: asked.limit)
        isFirst = asked.before == nil
        next = page.next(list) { $0.correction.id.value }
    }
}

extension JSONWriter {
    /// - Parameter now: decides whether one that waits has lapsed.
    mutating func value(_ correction: BalanceCorrection, at now: Timestamp) {
        object { json in
            json.member("id", correction.id)
            json.member("customerId", correction.user)
            json.member("amount", correction.amount)
            json.member("reason", correction.reason)
            json.member("status", correction.status(at: now).rawValue)
            json.member("askedBy", correction.asked.login)
            json.member("askedAt", correction.askedAt)
            json.member("endsAt", correction.endsAt)
            json.optional("decidedBy", correction.decided?.login)
            json.member("decidedAt", correction.decidedAt)
            json.member("entryId", correction.entry)
        }
    }
}
