import Shop
import Web

/// What a customer has for an amount to be paid.
struct Means: TemplateModel {
    let balance: String
    let isEnough: Bool
    /// What is left of it; nil where it is not enough.
    let balanceAfter: String?
    /// How much is missing, and where exactly that is charged; nil where it is enough.
    let missing: String?
    let chargeHref: String?
    /// Why one charge will not do; nil where it will.
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
    /// - Parameter next: where to go on to when what is missing is charged.
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

    /// Where exactly what is missing is charged, as far as that goes at once.
    func charging(_ balance: Won, for amount: Won, next: SitePath) -> SitePath {
        // A charge has its least amount, and its largest: what is missing beyond that is charged next.
        let policy = shop.policy
        let charge = min(max(amount - balance, policy.minimumCharge), policy.maximumCharge)
        return .balance(charging: charge, next: next.text)
    }
}
