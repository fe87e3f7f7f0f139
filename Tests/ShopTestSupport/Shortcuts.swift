public import Shop

/// Frequent steps of tests, in one word each. Amounts in won.
extension TestShop {
    /// A new customer with this balance, charged through the shop.
    public func customer(_ login: String = "customer", balance: Int64 = 0) throws -> UserID {
        let now = clock.now
        let user = try store.write { tx in
            try tx.accounts.add(SignUp(login: login, password: "", name: "손님"), passwordHash: nil, at: now)
        }
        var missing = balance
        while missing > 0 {
            let amount = min(missing, self.policy.maximumCharge.amount)
            _ = try charge(amount, user.id)
            missing -= amount
        }
        return user.id
    }

    public func charge(_ amount: Int64, _ user: UserID) throws -> BalanceEntry {
        try Submission.outcome(of: user) { try self.balances.charge(Won(amount), $0) }
    }

    public func product(
        _ name: String = "사과", price: Int64 = 1_000, stock: Int64 = 100, description: String = ""
    ) throws -> ProductID {
        let now = clock.now
        return try store.write { tx in
            try tx.products.add(
                ProductDraft(name: name, description: description, price: Won(price), stock: stock), at: now)
        }.id
    }

    public func change(
        _ product: ProductID, name: String? = nil, description: String? = nil, price: Int64? = nil,
        stockChange: Int64? = nil, isListed: Bool? = nil
    ) throws -> Product {
        try served.productAdministration(by: .test).update(
            product,
            ProductChange(
                name: name, description: description, price: price.map { Won($0) },
                stockChange: stockChange.map { StockChange($0, .correction) },
                isListed: isListed)
        ).product
    }

    /// A coupon that opens now and stays open for a day.
    public func coupon(
        _ discount: Discount = .fixed(Won(500)), minimum: Int64 = 0, quantity: Int64 = 10, opensAt: Timestamp? = nil,
        closesAt: Timestamp? = nil, validDays: Int64 = 30
    ) throws -> CouponID {
        let opensAt = opensAt ?? clock.now
        let draft = CouponDraft(
            name: "할인", discount: discount, minimumOrderAmount: Won(minimum), quantity: quantity, opensAt: opensAt,
            closesAt: closesAt ?? opensAt + .days(1), validDays: validDays)
        return try store.write { tx in try tx.coupons.add(draft, at: opensAt) }.id
    }

    public func issue(_ coupon: CouponID, _ user: UserID) throws -> UserCoupon {
        try Submission.outcome(of: user) { try self.coupons.issue(coupon, $0) }
    }

    public func order(
        _ lines: [(ProductID, Int64)], coupon: UserCouponID? = nil, _ user: UserID
    ) throws -> Order {
        let request = lines.map { OrderRequestLine(product: $0.0, quantity: Quantity($0.1)) }
        return try Submission.outcome(of: user) {
            try self.orders.create(request, coupon: coupon.map { .one($0) } ?? .without, $0)
        }
    }

    public func cancel(_ order: OrderID, _ user: UserID) throws -> Order {
        try Submission.outcome(of: user) { try self.orders.cancel(order, $0) }
    }

    public func pay(_ order: OrderID, _ user: UserID) throws -> Payment {
        try Submission.outcome(of: user) { try self.payments.pay(order, $0) }
    }

    /// All that is left of an order.
    public func refund(_ order: OrderID, by admin: UserID) throws -> Order {
        try refund(order, .rest, by: admin)
    }

    public func refund(_ order: OrderID, _ request: RefundRequest, by admin: UserID) throws -> Order {
        try Submission.outcome(of: admin) { try served.refunds(by: .test).refund(order, request, $0) }
    }

    public func balance(_ user: UserID) throws -> Int64 {
        try store.read { tx in try tx.balances.amount(of: user) ?? .zero }.amount
    }

    /// The product as stored, listed or not; counts no view.
    public func stored(_ product: ProductID) throws -> Product? {
        try store.read { tx in try tx.products.find(product) }
    }
}

extension ProductRepository {
    /// As nobody of the staff.
    public func add(_ draft: ProductDraft, at time: Timestamp) throws -> ManagedProduct {
        try add(draft, by: nil, at: time)
    }
}

extension TestShop {
    public var administration: AccountAdministration {
        get throws { try served.accountAdministration(by: .test) }
    }
}

extension CouponAdministration {
    public func close(_ id: CouponID) throws -> Coupon {
        try Submission.outcome(of: UserID(1)) { try self.close(id, $0) }
    }
}

extension Staff {
    /// Who does in tests what staff do, where it does not matter who.
    public static let test = Staff.shell("test")
}

extension IdempotencyKey {
    /// A key for a request that these bytes, at most 32, identify.
    public init(text: String, of request: [UInt8]) {
        precondition(request.count <= 32)
        self.init(text: text, fingerprint: request + [UInt8](repeating: 0, count: 32 - request.count))
    }
}
