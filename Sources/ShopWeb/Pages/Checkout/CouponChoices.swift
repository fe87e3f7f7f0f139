import Shop
import Web

/// The coupons that a form offers for an amount.
struct CouponChoices: TemplateModel {
    let coupons: [CouponOption]
    let chosen: ChosenCoupon?

    func child(named name: String) -> Any? {
        switch name {
        case "coupons": coupons
        case "hasCoupons": !coupons.isEmpty
        case "chosenCoupon": chosen
        default: nil
        }
    }
}

/// The coupon selected when the page is shown.
struct ChosenCoupon: TemplateModel {
    let id: Int64
    let name: Named

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "name": self.name.text
        case "nameLang": self.name.lang
        default: nil
        }
    }
}

/// One of the coupons to choose from. What the script calculates with is in plain numbers.
struct CouponOption: TemplateModel {
    let id: Int64
    let name: Named
    let isFitting: Bool
    let isChosen: Bool
    let discount: String
    /// nil if there is no minimum.
    let minimum: String?
    let minimumAmount: Int64
    let saves: String
    let fixed: String?
    let percent: String?
    let maximum: String?

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "name": self.name.text
        case "nameLang": self.name.lang
        case "isFitting": isFitting
        case "isChosen": isChosen
        case "discount": discount
        case "minimum": minimum
        case "minimumAmount": minimumAmount
        case "saves": saves
        case "fixed": fixed
        case "percent": percent
        case "maximum": maximum
        default: nil
        }
    }
}

extension Visit {
    func coupons(_ offer: CouponOffer, _ chosen: UserCoupon?) -> CouponChoices {
        func option(_ coupon: UserCoupon, saves: Won?) -> CouponOption {
            let (fixed, percent, maximum): (Won?, Int64?, Won?) =
                switch coupon.discount {
                case .fixed(let amount): (amount, nil, nil)
                case .percent(let percent, let maximum): (nil, percent, maximum)
                }
            return CouponOption(
                id: coupon.id.value, name: wording.named(coupon.name), isFitting: saves != nil,
                isChosen: coupon.id == chosen?.id, discount: wording.discount(coupon.discount),
                minimum: wording.minimum(coupon.minimumOrderAmount),
                minimumAmount: coupon.minimumOrderAmount.amount, saves: wording.won(saves ?? .zero),
                fixed: fixed.map { String($0.amount) }, percent: percent.map { String($0) },
                maximum: maximum.map { String($0.amount) })
        }
        return CouponChoices(
            coupons: offer.fitting.map { option($0.coupon, saves: $0.saves) }
                + offer.unfitting.map { option($0, saves: nil) },
            chosen: chosen.map { ChosenCoupon(id: $0.id.value, name: wording.named($0.name)) })
    }
}
