import Shop
import Web

/// How far a customer's balance covers an amount.
struct Means: TemplateModel {
    let balance: String
    let isEnough: Bool
    /// What would be left of it; nil if it is not enough.
    let balanceAfter: String?
    /// How much is missing, and the link to charge exactly that; nil if there is enough.
    let missing: String?
    let chargeHref: String?
    /// Why a single charge is not enough; nil if it is enough.
    let chargeNote: String?

    func child(named name: String) -> Any? {
        switch name {
        case "balance": balance
        case "isEnough": isEnough
        case "balanceAfter": balanceAfter
        case "missing": missing
        case "chargeHref": chargeHref
        case "chargeNote": chargeNote
        default: nil
        }
    }
}

extension Visit {
    /// - Parameter next: where to continue once what is missing has been charged.
    func means(_ balance: Won, for amount: Won, next: SitePath) -> Means {
        let isEnough = balance >= amount
        return Means(
            balance: wording.won(balance), isEnough: isEnough,
            balanceAfter: isEnough ? wording.won(balance - amount) : nil,
            missing: isEnough ? nil : wording.won(amount - balance),
            chargeHref: isEnough ? nil : charging(balance, for: amount, next: next).text,
            chargeNote: isEnough ? nil : chargeNote(balance, for: amount))
    }

    private func chargeNote(_ balance: Won, for amount: Won) -> String? {
        let policy = shop.policy
        if amount > policy.balanceLimit { return words(.chargeBeyondLimit, ["limit": .won(policy.balanceLimit)]) }
        guard amount - balance > policy.maximumCharge else { return nil }
        let most = policy.maximumCharge.amount
        let times = ((amount - balance).amount + most - 1) / most
        return words(.chargeSeveral, ["maximum": .won(policy.maximumCharge), "times": .number(times)])
    }

    /// The page that charges what is missing, as far as one charge can.
    func charging(_ balance: Won, for amount: Won, next: SitePath) -> SitePath {
        // A charge has a minimum and a maximum: what is missing beyond that takes another one.
        let policy = shop.policy
        let charge = min(max(amount - balance, policy.minimumCharge), policy.maximumCharge)
        return .balance(charging: charge, next: next.text)
    }
}
