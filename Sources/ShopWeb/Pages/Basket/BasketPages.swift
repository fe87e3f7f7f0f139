import Shop
import Web

/// The basket, and orders made from it or straight from a product's page.
struct BasketPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.basket) { visit, _ in
            let fields = try FormFields(visit.request.query).fields
            let typed = Dictionary(fields.compactMap { field in field.value.map { (field.name, $0) } }) { first, _ in
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
            let receipt = try visit.shop.baskets.add(
                quantity, of: product, to: customer.user.id,
                visit.submission("basket", form, of: customer.user.id) { _ in SitePath.basket().text })
            return visit.receipt(receipt, saying: .addedToBasket)
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
                // A visitor's changes go along, through the log-in and into the customer's basket.
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
            if refusal.values["source"] == "basket" { return try visit.basket(refusal.values, refusal) }
            return try visit.productAgain(refusal)
        }
    }
}

extension CouponChoice {
    /// What a coupon field says; nil if there is none, or nothing valid.
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
    /// The coupon chosen on the screen; nil if the page offers none.
    var coupon: CouponChoice? { CouponChoice(field: self["coupon"]) }

    /// The same if somebody chose it; nil if it is still the best one, which the page chose itself.
    fileprivate var chosenCoupon: CouponChoice? { self["coupon"] == self["best"] ? nil : coupon }

    /// What the form on a product's page asks for.
    fileprivate mutating func wantedProduct() throws -> (ProductID, Quantity) {
        guard let product = self["product"].flatMap({ Int64($0) }), product > 0 else { throw ShopError.productNotFound }
        let quantity = integer("quantity", in: BasketLine.quantityRange)
        try finish()
        return (ProductID(product), Quantity(quantity))
    }

    /// The quantities in the basket's form; nil removes the product.
    fileprivate mutating func wantedQuantities() throws -> [ProductID: Quantity?] {
        let prefix = "quantity-"
        let removed = self["remove"].flatMap { Int64($0) }.map { ProductID($0) }
        var wanted: [ProductID: Quantity?] = [:]
        for field in all.prefix(Basket.mostLines + 10) where field.name.hasPrefix(prefix) {
            guard let number = Int64(field.name.dropFirst(prefix.count)) else { continue }
            let product = ProductID(number)
            if product == removed { continue }
            let quantity = integer(field.name, in: 0...BasketLine.quantityRange.upperBound)
            wanted.updateValue(quantity > 0 ? Quantity(quantity) : nil, forKey: product)
        }
        if let removed { wanted.updateValue(nil, forKey: removed) }
        try finish()
        return wanted
    }
}

extension Visit {
    /// The owner of the basket that this visit sees; nil for a visitor without one.
    var basketOwner: BasketOwner? {
        if let customer { return .customer(customer.user.id) }
        return visitorToken.map { .visitor($0.hash) }
    }

    /// The page of the product that a refused form was about.
    fileprivate func productAgain(_ refusal: FormRefusal) throws -> Response {
        guard let id = refusal.values["product"].flatMap({ Int64($0) }) else { throw ShopError.productNotFound }
        return try product(try shop.products.find(ProductID(id)), refusal)
    }

    /// - Parameter typed: what the basket's form says that the shop has not taken over yet.
    fileprivate func basket(_ typed: [String: String], _ refusal: FormRefusal?) throws -> Response {
        guard let owner = basketOwner else {
            return page(BasketPage(contents: nil), words(.titleBasket), in: .basket)
        }
        let field = typed["coupon"]
        // In a refused form, too, the best coupon may still be the page's own choice.
        let choice = field == typed["best"] ? nil : CouponChoice(field: field)
        let basket = try shop.baskets.show(owner, coupon: choice ?? .best)
        let wrong = Dictionary(
            (refusal?.messages ?? []).compactMap { message in message.field.map { ($0, message.text) } },
            uniquingKeysWith: { first, _ in first })
        let contents = BasketContents(
            lines: basket.lines.map { line($0, typed, wrong) }, total: wording.won(basket.total),
            discount: wording.won(basket.discount), hasDiscount: basket.discount > .zero,
            final: wording.won(basket.final), seen: basket.mark, isAuto: choice == nil,
            coupons: coupons(basket.coupons, basket.chosen),
            // From the basket just read: the balance may have changed, and be the reason for the refusal.
            means: customer == nil ? nil : means(basket.balance, for: basket.final, next: .basket()),
            won: customer == nil
                ? nil
                : WonOfBasket(balance: basket.balance.amount, maximumCharge: shop.policy.maximumCharge.amount))
        return page(BasketPage(contents: contents), words(.titleBasket), in: .basket, refusal: refusal)
    }

    private func line(_ line: BasketLine, _ typed: [String: String], _ wrong: [String: String]) -> BasketRow {
        let name = "quantity-\(line.product.id.value)"
        let text = typed[name] ?? String(line.quantity.count)
        return BasketRow(
            id: line.product.id.value, href: SitePath.product(line.product.id).text,
            picture: smallPicture(of: line.product), name: wording.named(line.product.name),
            unitPrice: wording.won(line.product.price), price: line.product.price.amount, quantity: text,
            amount: wording.won(line.amount), isGone: !line.product.isListed, fieldName: name,
            fieldError: wrong[name] ?? tooMany(text, of: line.product))
    }

    /// Every line that asks for more than there is says so, not only the first one checked.
    private func tooMany(_ text: String, of product: Product) -> String? {
        guard product.isListed, let wanted = Int64(text), wanted > product.stock else { return nil }
        return words(.errorStockShort, ["stock": .number(product.stock)])
    }
}
