import Shop
import Web

/// The basket, and orders made of it or straight from a product's page.
func addBasketPages(to router: inout Router, _ routes: PageRoutes) {
    routes.get("/basket", in: &router) { visit, _ in
        let fields = try FormFields(visit.request.query).fields
        let coupon = fields.first { $0.name == "coupon" }?.value.flatMap { Int64($0) }.map { UserCouponID($0) }
        return try visit.basket(coupon, nil)
    }
    routes.post("/basket", in: &router) { visit, _, form in
        let (customer, token) = try visit.signedIn()
        let (product, quantity) = try form.wantedProduct()
        let answer = try visit.services.baskets.add(
            quantity, of: product, to: token.hash,
            visit.submission("basket", form, of: customer.user.id) { _ in "/basket" })
        return visit.receipt(answer, saying: .addedToBasket)
    } refused: { visit, _, refusal in
        try visit.productAgain(refusal)
    }
    routes.post("/basket/lines", in: &router, from: { _ in "/basket" }) { visit, _, form in
        let token = try visit.signedIn().token
        try visit.services.baskets.change(form.wantedQuantities(), in: token.hash)
        let coupon = form["coupon"].flatMap { Int64($0) }.map { "?coupon=\($0)" } ?? ""
        return .seeOther("/basket" + coupon, saying: .basketChanged, visit.request)
    } refused: { visit, _, refusal in
        try visit.basket(nil, refusal)
    }
    routes.post("/orders", in: &router) { visit, _, form in
        let (customer, token) = try visit.signedIn()
        let submission: Submission<Order> = try visit.submission("order", form, of: customer.user.id) { order in
            "/orders/\(order.id.value)?new"
        }
        if form["source"] == "basket" {
            let coupon = form["coupon"].flatMap { Int64($0) }.map { UserCouponID($0) }
            guard let seen = form["seen"] else { throw PageError.staleForm }
            return visit.receipt(
                try visit.services.baskets.order(token.hash, coupon: coupon, seen: seen, submission))
        }
        let (product, quantity) = try form.wantedProduct()
        let line = OrderRequestLine(product: product, quantity: quantity)
        return visit.receipt(try visit.services.orders.create([line], coupon: nil, submission))
    } refused: { visit, _, refusal in
        if refusal.values["source"] as? String == "basket" { return try visit.basket(nil, refusal) }
        return try visit.productAgain(refusal)
    }
}

extension Form {
    /// What the form on a product's page asks for.
    fileprivate mutating func wantedProduct() throws -> (ProductID, Quantity) {
        guard let product = self["product"].flatMap({ Int64($0) }), product > 0 else { throw ShopError.productNotFound }
        let quantity = integer("quantity", in: 1...Baskets.mostOfOne)
        try finish()
        return (ProductID(product), Quantity(quantity))
    }

    /// What the basket's own form says of its lines; nil where one is to go.
    fileprivate mutating func wantedQuantities() throws -> [ProductID: Quantity?] {
        let prefix = "quantity-"
        if let removed = self["remove"].flatMap({ Int64($0) }) {
            return [ProductID(removed): Quantity?.none]
        }
        var wanted: [ProductID: Quantity?] = [:]
        for field in all.prefix(Baskets.mostLines + 10) where field.name.hasPrefix(prefix) {
            guard let product = Int64(field.name.dropFirst(prefix.count)) else { continue }
            let quantity = integer(field.name, in: 0...Baskets.mostOfOne)
            wanted.updateValue(quantity > 0 ? Quantity(quantity) : nil, forKey: ProductID(product))
        }
        try finish()
        return wanted
    }
}

extension Visit {
    /// The page of the product that a refused form was about.
    fileprivate func productAgain(_ refusal: Refusal) throws -> Response {
        let text = refusal.values["product"] as? String
        guard let id = text.flatMap({ Int64($0) }) else { throw ShopError.productNotFound }
        return try product(try services.products.find(ProductID(id)), refusal)
    }

    fileprivate func basket(_ coupon: UserCouponID?, _ refusal: Refusal?) throws -> Response {
        let (customer, token) = try signedIn()
        let typed = refusal?.values["coupon"] as? String
        let coupon = coupon ?? typed.flatMap { Int64($0) }.map { UserCouponID($0) }
        let basket = try services.baskets.show(token.hash, of: customer.user.id, coupon: coupon)
        let wrong = Dictionary(
            (refusal?.messages ?? []).compactMap { message in message.field.map { ($0, message.text) } },
            uniquingKeysWith: { first, _ in first })
        var data: PageData = [
            "lines": basket.lines.map { line($0, refusal, wrong) }, "hasLines": !basket.lines.isEmpty,
            "hasProblem": !basket.lines.isEmpty && !basket.isOrderable, "total": wording.won(basket.total),
            "discount": wording.won(basket.discount), "hasDiscount": basket.discount > .zero,
            "final": wording.won(basket.final), "seen": basket.mark,
        ]
        data.merge(coupons(of: basket)) { $1 }
        data.merge(means(basket.balance, for: basket.final, next: Self.basketAddress(basket.chosen))) { $1 }
        return page(.basket, words(.titleBasket), in: .basket, refusal: refusal, data)
    }

    private static func basketAddress(_ coupon: UserCoupon?) -> String {
        "/basket" + (coupon.map { "?coupon=\($0.id.value)" } ?? "")
    }

    private func line(_ line: BasketLine, _ refusal: Refusal?, _ wrong: [String: String]) -> PageData {
        let name = "quantity-\(line.product.id.value)"
        let isShort = line.product.isListed && line.product.stock < line.quantity.count
        var data: PageData = [
            "id": line.product.id.value, "href": "/products/\(line.product.id.value)",
            "picture": storefront.assets.picture(line.product.picture), "unitPrice": wording.won(line.product.price),
            "quantity": refusal?.values[name] as? String ?? String(line.quantity.count),
            "maxQuantity": wording.number(Baskets.mostOfOne), "amount": wording.won(line.amount),
            "isGone": !line.product.isListed, "isShort": isShort, "stock": wording.number(line.product.stock),
            "fieldName": name,
        ]
        data.merge(wording.named(line.product.name)) { $1 }
        data["fieldError"] = wrong[name]
        return data
    }

    private func coupons(of basket: Basket) -> PageData {
        let fitting: [PageData] = basket.fitting.map { coupon, saves in
            wording.named(coupon.name).merging([
                "id": coupon.id.value, "discount": wording.discount(coupon.discount), "saves": wording.won(saves),
                "isChosen": coupon.id == basket.chosen?.id,
            ]) { $1 }
        }
        let unfitting: [PageData] = basket.unfitting.map { coupon in
            wording.named(coupon.name).merging([
                "discount": wording.discount(coupon.discount),
                "minimum": wording.minimum(coupon.minimumOrderAmount) ?? "",
            ]) { $1 }
        }
        var data: PageData = [
            "coupons": fitting, "hasCoupons": !fitting.isEmpty, "unfit": unfitting, "hasUnfit": !unfitting.isEmpty,
        ]
        if let chosen = basket.chosen {
            data["chosenCoupon"] = wording.named(chosen.name).merging(["id": chosen.id.value]) { $1 }
        }
        return data
    }

    /// What a customer has for an amount to be paid: enough, or how much is missing and where to charge exactly that.
    func means(_ balance: Won, for amount: Won, next: String) -> PageData {
        var data: PageData = ["balance": wording.won(balance), "isEnough": balance >= amount]
        if balance < amount {
            // A charge has its least amount, and its largest: what is missing beyond that is charged next.
            let policy = services.policy
            let charge = min(max(amount - balance, policy.minimumCharge), policy.maximumCharge)
            data["missing"] = wording.won(amount - balance)
            data["chargeHref"] = "/balance?amount=\(charge.amount)&next=\(PercentEncoding.encode(next))"
        } else {
            data["balanceAfter"] = wording.won(balance - amount)
        }
        return data
    }
}
