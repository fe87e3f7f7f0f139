public import Shop

/// A small shop to look at: products, coupons in every state, customers, and what they bought in the last few days.
///
/// Purchases go through the shop's own rules, with the clock set back for those in the past.
public struct DemoShop {
    private let store: any Store
    private let shop: Shop

    public init(store: any Store, clock: ShopClock, policy: Policy) {
        self.store = store
        shop = Shop(store: store, clock: clock, policy: policy)
    }

    /// Fills the shop. Every existing customer who has nothing is given `balance`.
    public func fill(balance: Won) throws {
        let now = shop.clock.now()
        let shoppers = try DemoWords.shoppers.enumerated().map { number, name in
            try store.write { tx in
                // Nobody logs in as these: they have no password.
                try tx.accounts.add(
                    SignUp(login: "demo-shopper-\(number + 1)", password: "", name: name), passwordHash: nil,
                    at: now - .days(30))
            }.id
        }
        let products = try addProducts(now)
        try addCoupons(now, takenBy: shoppers)
        try sell(products, to: shoppers, until: now)
        try countViews(products)
        try giveBalance(balance, now)
    }

    private func addProducts(_ now: Timestamp) throws -> [ProductID] {
        try DemoWords.products.enumerated().map { number, product in
            try store.write { tx in
                try tx.products.add(
                    ProductDraft(
                        name: product.name, description: product.description, price: Won(product.price),
                        stock: product.stock, picture: product.picture),
                    by: nil, at: now - .days(20) + .hours(Int64(number)))
            }.id
        }
    }

    private func addCoupons(_ now: Timestamp, takenBy shoppers: [UserID]) throws {
        let drafts = [
            CouponDraft(
                name: "첫 장보기 3,000원 할인", discount: .fixed(Won(3_000)), minimumOrderAmount: Won(15_000), quantity: 500,
                opensAt: now - .days(1), closesAt: now + .days(30), validDays: 30),
            CouponDraft(
                name: "오늘만 10% (최대 5,000원)", discount: .percent(10, maximum: Won(5_000)),
                minimumOrderAmount: Won(10_000),
                quantity: 100, opensAt: now - .hours(1), closesAt: now + .days(1), validDays: 7),
            CouponDraft(
                name: "주말 반짝 20%", discount: .percent(20, maximum: Won(10_000)), minimumOrderAmount: .zero,
                quantity: 50,
                opensAt: now + .hours(2), closesAt: now + .days(3), validDays: 7),
            CouponDraft(
                name: "다음 주 과일 장터 5,000원", discount: .fixed(Won(5_000)), minimumOrderAmount: Won(30_000), quantity: 200,
                opensAt: now + .days(7), closesAt: now + .days(14), validDays: 14),
            CouponDraft(
                name: "선착순 다섯 분 1만원", discount: .fixed(Won(10_000)), minimumOrderAmount: Won(20_000),
                quantity: Int64(min(5, shoppers.count)), opensAt: now - .hours(3), closesAt: now + .days(5),
                validDays: 30),
        ]
        for draft in drafts {
            _ = try store.write { tx in try tx.coupons.add(draft, at: now - .days(2)) }
        }
        // The last one is sold out.
        guard let soldOut = try shop.coupons.openOrComing().first(where: { $0.quantity <= 5 }) else { return }
        for shopper in shoppers.prefix(Int(soldOut.quantity)) {
            _ = try shop.coupons.issue(soldOut.id, submission(of: shopper))
        }
    }

    private func sell(_ products: [ProductID], to shoppers: [UserID], until now: Timestamp) throws {
        let spent = Won(200_000)
        // Their charges were valid at the time, whatever the policy says now.
        var policy = shop.policy
        (policy.minimumCharge, policy.maximumCharge, policy.balanceLimit) = (spent, spent, Won(.max))
        for hour in 0..<60 {
            let shop = shop.with(clock: ShopClock { now - .hours(Int64(hour)) - .minutes(1) }, policy: policy)
            let shopper = shoppers[hour % shoppers.count]
            // Squares modulo a prime: some products occur often, some never, and every demo is the same.
            let number = hour * hour % 23 % products.count
            _ = try shop.balances.charge(spent, submission(of: shopper))
            let line = OrderRequestLine(product: products[number], quantity: Quantity(Int64(hour % 3 + 1)))
            _ = try shop.orders.create([line], coupon: .without, submission(of: shopper))
            guard let order = try shop.orders.list(of: shopper, before: nil, limit: 1).items.first else { continue }
            _ = try shop.payments.pay(order.id, submission(of: shopper))
        }
    }

    private func countViews(_ products: [ProductID]) throws {
        let views = products.enumerated().map { ($1, ($0 * 37 + 11) % 400) }
        try store.write { tx in
            try tx.products.addViews(Dictionary(views, uniquingKeysWith: +))
        }
    }

    private func giveBalance(_ balance: Won, _ now: Timestamp) throws {
        if balance == .zero { return }
        var number: Int64 = 1
        while let user = try store.read({ tx in try tx.accounts.find(UserID(number)) }) {
            number += 1
            let hasNothing = try shop.balances.entries(of: user.id, before: nil, limit: 1).items.isEmpty
            if user.role == .customer, hasNothing { _ = try shop.balances.charge(balance, submission(of: user.id)) }
        }
    }

    private func submission<Outcome>(of user: UserID) -> Submission<Outcome> {
        Submission(caller: user, key: nil) { _ in Receipt(code: 200, bytes: []) }
    }
}
