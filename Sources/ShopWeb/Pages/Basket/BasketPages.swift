import Shop
import Web

/// The basket, and orders made of it or straight from a product's page.
struct BasketPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.basket) { visit, _ in
            let fields = try FormFields(visit.request.query).fields
            let typed = PageData(fields.compactMap { field in field.value.map { (field.name, $0) } }) { first, _ in
                first
            }
            return try visit.basket(typed, nil)
        }
        pages.post(.basket, for: .shoppers) { visit, _, form in
            let (product, quantity) = try form.wantedProduct()
            guard let customer = visit.customer else {
                let token = visit.visitorToken ?? .random()
                try visit.shop.baskets.add(quantity, of: product, to: token.hash)
                let seconds = visit.shop.policy.visitorBasketLifetime.milliseconds / 1_000
                return .seeOther(.basket(), saying: .addedToBasket, visit.request)
                    .setting(Cookie.visitor.field(token.text, for: visit.request, seconds: seconds))
            }
            let answer = try visit.shop.baskets.add(
                quantity, of: product, to: customer.user.id,
                visit.submission("basket", form, of: customer.user.id) { _ in SitePath.basket().text })
            return visit.receipt(answer, saying: .addedToBasket)
        } refused: { visit, _, refusal in
            try visit.productAgain(refusal)
        }
        pages.post(.basketLines, from: { _ in .basket() }, for: .shoppers) { visit, _, form in
            guard let owner = visit.basketOwner else { return .seeOther(.basket()) }
            try visit.shop.baskets.change(form.wantedQuantities(), in: owner)
            let choice = form.chosenCoupon
            if form["charge"] != nil, let customer = visit.customer {
                let basket = try visit.shop.baskets.show(owner, coupon: choice ?? .best)
                return .seeOther(visit.charging(customer.balance, for: basket.final, next: .basket(choosing: choice)))
            }
            return .seeOther(.basket(choosing: choice), saying: .basketChanged, visit.request)
        } refused: { visit, _, refusal in
            try visit.basket(refusal.values, refusal)
        }
        pages.post(.orders, for: .shoppers) { visit, _, form in
            guard let customer = visit.customer else {
                // What a visitor has changed goes along, through the log-in and into the customer's basket.
                if form["source"] == "basket", let owner = visit.basketOwner, visit.personal != nil {
                    try visit.shop.baskets.change(form.wantedQuantities(), in: owner)
                    return .seeOther(.logIn(next: SitePath.basket().text))
                }
                throw PageError.logInFirst
            }
            let submission: Submission<Order> = try visit.submission("order", form, of: customer.user.id) { order in
                SitePath.payment(of: order.id).text
            }
            if form["source"] == "basket" {
                guard let seen = form["seen"] else { throw PageError.staleForm }
                return visit.receipt(
                    try visit.shop.baskets.order(
                        customer.user.id, form.wantedQuantities(), coupon: form.coupon ?? .without, seen: seen,
                        submission))
            }
            let (product, quantity) = try form.wantedProduct()
            let line = OrderRequestLine(product: product, quantity: quantity)
            return visit.receipt(try visit.shop.orders.create([line], coupon: .best, submission))
        } refused: { visit, _, refusal in
            if refusal.values["source"] as? String == "basket" { return try visit.basket(refusal.values, refusal) }
            return try visit.productAgain(refusal)
        }
    }
}

extension CouponChoice {
    /// What a field for it says; nil where there is none, or nothing that makes sense.
    init?(field text: String?) {
        guard let text else { return nil }
        if text.isEmpty {
            self = .without
        } else if let id = Int64(text) {
            self = .one(UserCouponID(id))
        } else {
            return nil
        }
    }
}

extension Form {
    /// The coupon that is chosen on the screen; nil where the page offers none.
    var coupon: CouponChoice? { CouponChoice(field: self["coupon"]) }

    /// The same where somebody has chosen it; nil where it is still the best one that the page has chosen by itself.
    fileprivate var chosenCoupon: CouponChoice? { self["coupon"] == self["best"] ? nil : coupon }

    /// What the form on a product's page asks for.
    fileprivate mutating func wantedProduct() throws -> (ProductID, Quantity) {
        guard let product = self["product"].flatMap({ Int64($0) }), product > 0 else { throw ShopError.productNotFound }
        let quantity = integer("quantity", in: 1...Baskets.mostOfOne)
        try finish()
        return (ProductID(product), Quantity(quantity))
    }

    /// What the basket's form says of its lines; nil where one is to go.
    fileprivate mutating func wantedQuantities() throws -> [ProductID: Quantity?] {
        let prefix = "quantity-"
        let removed = self["remove"].flatMap { Int64($0) }.map { ProductID($0) }
        var wanted: [ProductID: Quantity?] = [:]
        for field in all.prefix(Baskets.mostLines + 10) where field.name.hasPrefix(prefix) {
            guard let number = Int64(field.name.dropFirst(prefix.count)) else { continue }
            let product = ProductID(number)
            if product == removed { continue }
            let quantity = integer(field.name, in: 0...Baskets.mostOfOne)
            wanted.updateValue(quantity > 0 ? Quantity(quantity) : nil, forKey: product)
        }
        if let removed { wanted.updateValue(nil, forKey: removed) }
        try finish()
        return wanted
    }
}

extension Visit {
    /// Whose basket this visit sees; nil for a visitor who has none yet.
    var basketOwner: BasketOwner? {
        if let customer { return .customer(customer.user.id) }
        return visitorToken.map { .visitor($0.hash) }
    }

    /// The page of the product that a refused form was about.
    fileprivate func productAgain(_ refusal: FormRefusal) throws -> Response {
        let text = refusal.values["product"] as? String
        guard let id = text.flatMap({ Int64($0) }) else { throw ShopError.productNotFound }
        return try product(try shop.products.find(ProductID(id)), refusal)
    }

    /// - Parameter typed: what the basket's form says and the shop has not taken yet.
    fileprivate func basket(_ typed: PageData, _ refusal: FormRefusal?) throws -> Response {
        guard let owner = basketOwner else {
            return page(.basket, words(.titleBasket), in: .basket, ["hasLines": false])
        }
        let field = typed["coupon"] as? String
        // Of a form that was refused, the best one may still be the page's choice.
        let choice = field == typed["best"] as? String ? nil : CouponChoice(field: field)
        let basket = try shop.baskets.show(owner, coupon: choice ?? .best)
        let wrong = Dictionary(
            (refusal?.messages ?? []).compactMap { message in message.field.map { ($0, message.text) } },
            uniquingKeysWith: { first, _ in first })
        var data: PageData = [
            "lines": basket.lines.map { line($0, typed, wrong) }, "hasLines": !basket.lines.isEmpty,
            "hasGone": basket.lines.contains { !$0.product.isListed }, "total": wording.won(basket.total),
            "discount": wording.won(basket.discount), "hasDiscount": basket.discount > .zero,
            "final": wording.won(basket.final), "seen": basket.mark, "isAuto": choice == nil,
        ]
        data.merge(coupons(basket.coupons, basket.chosen)) { $1 }
        if let customer {
            // What was refused may have been so because it is another by now.
            data.merge(means(basket.balance, for: basket.final, next: .basket())) { $1 }
            data["won"] = wonOfCheckout(customer, basket.balance)
        }
        return page(.basket, words(.titleBasket), in: .basket, refusal: refusal, data)
    }

    /// What the script reckons with.
    private func wonOfCheckout(_ customer: Customer, _ balance: Won) -> PageData {
        ["balance": balance.amount, "maximumCharge": shop.policy.maximumCharge.amount]
    }

    private func line(_ line: BasketLine, _ typed: PageData, _ wrong: [String: String]) -> PageData {
        let name = "quantity-\(line.product.id.value)"
        let text = typed[name] as? String ?? String(line.quantity.count)
        let stock = line.product.stock
        var data: PageData = [
            "id": line.product.id.value, "href": SitePath.product(line.product.id).text,
            "picture": storefront.assets.picture(line.product.picture), "unitPrice": wording.won(line.product.price),
            "price": line.product.price.amount, "quantity": text, "amount": wording.won(line.amount),
            "isGone": !line.product.isListed, "fieldName": name,
        ]
        data.merge(wording.named(line.product.name)) { $1 }
        // Each line that asks for more than there is says so, not only the first one that was looked at.
        if let error = wrong[name] {
            data["fieldError"] = error
        } else if line.product.isListed, let wanted = Int64(text), wanted > stock {
            data["fieldError"] = words(.errorStockShort, ["stock": .number(stock)])
        }
        return data
    }

    /// The coupons that an amount can be paid with, for a form to choose from.
    func coupons(_ offer: CouponOffer, _ chosen: UserCoupon?) -> PageData {
        func choice(_ coupon: UserCoupon, saves: Won?) -> PageData {
            var data: PageData = [
                "id": coupon.id.value, "discount": wording.discount(coupon.discount), "isFitting": saves != nil,
                "isChosen": coupon.id == chosen?.id, "minimumAmount": coupon.minimumOrderAmount.amount,
                "saves": wording.won(saves ?? .zero),
            ]
            switch coupon.discount {
            case .fixed(let amount): data["fixed"] = String(amount.amount)
            case .percent(let percent, let maximum):
                data["percent"] = String(percent)
                data["maximum"] = (maximum?.amount).map { String($0) }
            }
            data["minimum"] = wording.minimum(coupon.minimumOrderAmount)
            return data.merging(wording.named(coupon.name)) { $1 }
        }
        let choices =
            offer.fitting.map { choice($0.coupon, saves: $0.saves) } + offer.unfitting.map { choice($0, saves: nil) }
        var data: PageData = ["coupons": choices, "hasCoupons": !choices.isEmpty]
        if let chosen {
            data["chosenCoupon"] = wording.named(chosen.name).merging(["id": chosen.id.value]) { $1 }
        }
        return data
    }

    /// What a customer has for an amount to be paid: enough, or how much is missing and where to charge exactly that.
    func means(_ balance: Won, for amount: Won, next: SitePath) -> PageData {
        var data: PageData = ["balance": wording.won(balance), "isEnough": balance >= amount]
        guard balance < amount else {
            data["balanceAfter"] = wording.won(balance - amount)
            return data
        }
        let policy = shop.policy
        data["missing"] = wording.won(amount - balance)
        data["chargeHref"] = charging(balance, for: amount, next: next).text
        if amount > policy.balanceLimit {
            data["chargeNote"] = words(.chargeBeyondLimit, ["limit": .won(policy.balanceLimit)])
        } else if amount - balance > policy.maximumCharge {
            let most = policy.maximumCharge.amount
            let times = ((amount - balance).amount + most - 1) / most
            data["chargeNote"] = words(
                .chargeSeveral, ["maximum": .won(policy.maximumCharge), "times": .number(times)])
        }
        return data
    }

    /// Where exactly what is missing is charged, as far as that goes at once.
    fileprivate func charging(_ balance: Won, for amount: Won, next: SitePath) -> SitePath {
        // A charge has its least amount, and its largest: what is missing beyond that is charged next.
        let policy = shop.policy
        let charge = min(max(amount - balance, policy.minimumCharge), policy.maximumCharge)
        return .balance(charging: charge, next: next.text)
    }
}
