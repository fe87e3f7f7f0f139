import Shop
import Web

/// The staff's accounts as a file, the newest first.
func staffFile(
    of accounts: AccountAdministration
) -> ListFile<StaffAccount, UserID> {
    ListFile(
        name: "staff",
        columns: [
            "id", "login", "name", "role", "second_factor_since", "created_at", "closed_at", "sessions", "last_used_at",
        ]
    ) { before, limit in
        ListPart(try accounts.staff(before: before, limit: limit)) { $0.user.id }
    } row: { csv, account in
        csv.number(account.user.id.value)
        csv.text(account.user.login)
        csv.text(account.user.name)
        csv.text(account.user.role.rawValue)
        csv.text(account.secondFactorSince.map { DateTime.text($0) })
        csv.text(DateTime.text(account.user.createdAt))
        csv.text(account.closedAt.map { DateTime.text($0) })
        csv.number(Int64(account.sessions.count))
        csv.text(account.sessions.map(\.lastUsedAt).max().map { DateTime.text($0) })
        csv.endRow()
    }
}

/// The corrections that wait for a second person, as a file: the soonest to lapse first.
func correctionsFile(
    of corrections: BalanceCorrections
) -> ListFile<(correction: BalanceCorrection, customer: CustomerSummary), BalanceCorrectionID> {
    ListFile(
        name: "corrections",
        columns: ["id", "user_id", "login", "name", "balance", "amount", "reason", "asked_by", "asked_at", "ends_at"]
    ) { after, limit in
        ListPart(try corrections.waiting(after: after, limit: limit)) { $0.correction.id }
    } row: { csv, row in
        let (correction, customer) = row
        csv.number(correction.id.value)
        csv.number(correction.user.value)
        csv.text(customer.user.login)
        csv.text(customer.user.name)
        csv.number(customer.balance.amount)
        csv.number(correction.amount.amount)
        csv.text(correction.reason)
        csv.text(correction.asked.login)
        csv.text(DateTime.text(correction.askedAt))
        csv.text(correction.endsAt.map { DateTime.text($0) })
        csv.endRow()
    }
}
