import Shop
import TestSupport
import Testing

struct BasketTests {
    let shop: TestShop
    let user: UserID
    let token: Token

    var session: TokenHash { token.hash }

    init() throws {
        shop = try TestShop()
        let kim = try shop.accounts.signUp(SignUp(login: "kim", password: "correct horse", name: "김"))
        user = kim.id
        token = try shop.accounts.logIn(login: "kim", password: "correct horse", address: "").token
    }

    private func add(_ quantity: Int64, of product: ProductID, to other: Token? = nil) throws {
        try Submission.outcome(of: user) {
            try shop.baskets.add(Quantity(quantity), of: product, to: (other ?? token).hash, $0)
        }
    }

    private func basket(_ coupon: UserCouponID? = nil) throws -> Basket {
        try shop.baskets.show(session, of: user, coupon: coupon)
    }

    /// Orders it as it is looked at now, or as it was when it had this mark.
    private func order(_ coupon: UserCouponID? = nil, seen mark: String? = nil) throws -> Order {
        let mark = try mark ?? basket(coupon).mark
        return try Submission.outcome(of: user) {
            try shop.baskets.order(session, coupon: coupon, seen: mark, $0)
        }
    }

    @Test func `what is put in is added up, and stands in the order in which it came`() throws {
        let rice = try shop.product("쌀", price: 30_000)
        let apple = try shop.product("사과", price: 1_000)
        try add(1, of: apple)
        shop.clock.advance(.seconds(1))
        try add(2, of: rice)
        try add(3, of: apple)
        let basket = try basket()
        #expect(basket.lines.map(\.product.name) == ["사과", "쌀"])
        #expect(basket.lines.map(\.quantity.count) == [4, 2])
        #expect(basket.total == Won(64_000))
        #expect(basket.isOrderable)
        #expect(try shop.accounts.customer(token)?.basketCount == 2)
    }

    @Test func `no more goes in than there is, and nothing that is not sold`() throws {
        let apple = try shop.product("사과", stock: 3)
        try add(2, of: apple)
        #expect(throws: ShopError.outOfStock(apple)) { try add(2, of: apple) }
        try add(1, of: apple)
        _ = try shop.change(apple, isListed: false)
        #expect(throws: ShopError.productNotFound) { try add(1, of: apple) }
        let much = try shop.product("쌀", stock: 5_000)
        try add(1_000, of: much)
        #expect(throws: ShopError.tooManyOfOne(1_000)) { try add(1, of: much) }
    }

    @Test func `a hundred products fill it`() throws {
        for number in 1...100 { try add(1, of: try shop.product("상품 \(number)")) }
        let first = try basket().lines[0].product.id
        try add(1, of: first)
        let another = try shop.product("하나 더")
        #expect(throws: ShopError.basketFull(100)) { try add(1, of: another) }
    }

    @Test func `quantities are changed and lines taken out; what is not in it is left alone`() throws {
        let apple = try shop.product("사과")
        let rice = try shop.product("쌀")
        let other = try shop.product("배")
        try add(1, of: apple)
        try add(1, of: rice)
        try shop.baskets.change([apple: Quantity(7), rice: nil, other: Quantity(1)], in: session)
        #expect(try basket().lines.map(\.product.id) == [apple])
        #expect(try basket().lines.map(\.quantity.count) == [7])
    }

    @Test func `the coupons that fit are shown with what they save, the best first`() throws {
        let apple = try shop.product("사과", price: 10_000)
        try add(2, of: apple)
        let small = try shop.issue(try shop.coupon(.fixed(Won(500))), user)
        let large = try shop.issue(try shop.coupon(.percent(10, maximum: nil)), user)
        let unfit = try shop.issue(try shop.coupon(.fixed(Won(9_000)), minimum: 20_001), user)
        let basket = try basket(small.id)
        #expect(basket.fitting.map(\.coupon.id) == [large.id, small.id])
        #expect(basket.fitting.map(\.saves) == [Won(2_000), Won(500)])
        #expect(basket.unfitting.map(\.id) == [unfit.id])
        #expect(basket.chosen?.id == small.id)
        #expect(basket.discount == Won(500))
        #expect(basket.final == Won(19_500))
        // One that does not fit counts as none.
        #expect(try self.basket(unfit.id).chosen == nil)
        #expect(try self.basket(unfit.id).final == Won(20_000))
    }

    @Test func `an order takes all of it with the coupon and leaves the basket empty`() throws {
        let apple = try shop.product("사과", price: 10_000)
        let rice = try shop.product("쌀", price: 30_000)
        try add(2, of: apple)
        try add(1, of: rice)
        let mine = try shop.issue(try shop.coupon(.fixed(Won(500))), user)
        let order = try order(mine.id)
        #expect(order.lines.map(\.product) == [apple, rice])
        #expect(order.final == Won(49_500))
        #expect(order.userCoupon == mine.id)
        #expect(try basket().lines.isEmpty)
        #expect(throws: ShopError.basketEmpty) { try self.order() }
        #expect(try shop.audit() == [])
    }

    @Test func `what was changed since it was looked at is not ordered`() throws {
        let apple = try shop.product("사과", price: 10_000)
        try add(1, of: apple)
        var seen = try basket().mark
        try add(1, of: apple)
        #expect(throws: ShopError.basketChanged) { try order(seen: seen) }
        seen = try basket().mark
        _ = try shop.change(apple, price: 5_001)
        #expect(throws: ShopError.basketChanged) { try order(seen: seen) }
        seen = try basket().mark
        // Another product for the same money is not the same.
        let pear = try shop.product("배", price: 5_001)
        try shop.baskets.change([apple: nil], in: session)
        try add(2, of: pear)
        #expect(throws: ShopError.basketChanged) { try order(seen: seen) }
        #expect(try order().final == Won(10_002))
    }

    @Test func `sent twice with its key it is ordered once`() throws {
        try add(1, of: try shop.product("사과", price: 10_000))
        let mark = try basket().mark
        let answers = try (0..<2).map { _ in
            try shop.baskets.order(
                session, coupon: nil, seen: mark,
                Submission(caller: user, key: .init(text: "k", of: [1])) { order in
                    Answer(status: 201, body: Array("\(order.id.value)".utf8))
                })
        }
        #expect(answers[0].body == answers[1].body)
        #expect(try shop.rows("SELECT count(*) FROM orders") == ["1"])
    }

    @Test func `what sold out meanwhile is told and not ordered; the basket stays`() throws {
        let apple = try shop.product("사과", stock: 3)
        try add(3, of: apple)
        _ = try shop.change(apple, stockChange: -1)
        #expect(try !basket().isOrderable)
        #expect(throws: ShopError.outOfStock(apple)) { try order() }
        #expect(try basket().lines.map(\.quantity.count) == [3])
        _ = try shop.change(apple, isListed: false)
        #expect(throws: ShopError.productNotFound) { try order() }
        #expect(try basket().total == .zero)
    }

    @Test func `it ends with its session, however that ends, and no other session sees it`() throws {
        let apple = try shop.product("사과")
        try add(1, of: apple)
        let other = try shop.accounts.logIn(login: "kim", password: "correct horse", address: "").token
        try add(1, of: apple, to: other)
        #expect(try shop.accounts.endOtherSessions(of: user, but: token) == 1)
        #expect(try shop.rows("SELECT quantity FROM basket_lines") == ["1"])
        #expect(throws: ShopError.unauthenticated) { try add(1, of: apple, to: other) }
        shop.clock.advance(.days(31))
        _ = try shop.housekeeping.run()
        #expect(try shop.rows("SELECT quantity FROM basket_lines") == [])
    }

    @Test func `sent twice with its key it is put in once`() throws {
        let apple = try shop.product("사과")
        for _ in 0..<2 {
            let submission = Submission<Void>(caller: user, key: .init(text: "k", of: [1])) { _ in
                Answer(status: 201, body: [])
            }
            _ = try shop.baskets.add(Quantity(2), of: apple, to: session, submission)
        }
        #expect(try basket().lines.map(\.quantity.count) == [2])
    }
}
