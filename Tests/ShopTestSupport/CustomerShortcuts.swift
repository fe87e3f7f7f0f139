public import Shop

extension TestShop {
    /// A new one of the staff, who comes from a program.
    public func employee(_ login: String, _ role: Role = .manager) throws -> Staff {
        let now = clock.now
        let user = try store.write { tx in
            try tx.accounts.add(
                SignUp(login: login, password: "", name: "직원", role: role), passwordHash: nil, at: now)
        }
        return Staff(
            stored: user.id, login: login, role: role, way: .program, address: "192.0.2.7", isPasswordRecent: true)
    }

    /// Asks for a correction of a balance, in won; small ones are made at once.
    public func correct(
        _ amount: Int64, of user: UserID, by staff: Staff, because reason: String = "이중 충전"
    ) throws -> BalanceCorrection {
        let draft = BalanceCorrectionDraft(user: user, amount: Won(amount), reason: reason)
        return try Submission.outcome(of: user) { try served.balanceCorrections(by: staff).ask(draft, $0) }
    }

    public func confirm(_ id: BalanceCorrectionID, by staff: Staff) throws -> BalanceCorrection {
        try Submission.outcome(of: UserID(1)) { try served.balanceCorrections(by: staff).confirm(id, $0) }
    }

    public func refuse(_ id: BalanceCorrectionID, by staff: Staff) throws -> BalanceCorrection {
        try Submission.outcome(of: UserID(1)) { try served.balanceCorrections(by: staff).refuse(id, $0) }
    }
}
