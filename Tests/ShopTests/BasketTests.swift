import Shop
import ShopTestSupport
import TestSupport
import Testing

struct BasketTests {
    let shop: TestShop
    let user: UserID
    let token: Token

    let visitor = Token.random().hash

    init() throws {
        shop = try TestShop()
        let kim = try shop.accounts.signUp(SignUp(login: "kim", password: "correct horse", name: "김"))
        user = kim.id
        token = try shop.accounts.logIn(login: "kim", password: "correct horse", from: .browser("", device: nil)).token
    }

    private func add(_ quantity: Int64, of product: ProductID) throws {
        try Submission.outcome(of: user) { try shop.baskets.add(Quantity(quantity), of: product, to: user, $0) }
    }

    private func basket(_ coupon: CouponChoice = .best) throws -> Basket {
        try shop.baskets.show(.customer(user), coupon: coupon)
    }

    /// Orders the basket as seen now, or as it was when it had this mark.
    private func order(
        _ quantities: [ProductID: Quantity?] = [:], _ coupon: CouponChoice = .without, seen mark: String? = nil
    ) throws -> Order {
        let mark = try mark ?? basket().mark
        return try Submission.outcome(of: user) {
            try shop.baskets.order(user, quantities, coupon: coupon, seen: mark, $0)
        }
    }

    @Test func `what is added is summed up, in the order in which it came`() throws {
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

    @Test func `no more can be added than there is, and nothing that is not sold`() throws {
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

    @Test func `quantities are changed and lines removed; what is not in it is ignored`() throws {
        let apple = try shop.product("사과")
        let rice = try shop.product("쌀")
        let other = try shop.product("배")
        try add(1, of: apple)
        try add(1, of: rice)
        try shop.baskets.change([apple: Quantity(7), rice: nil, other: Quantity(1)], in: .customer(user))
        #expect(try basket().lines.map(\.product.id) == [apple])
        #expect(try basket().lines.map(\.quantity.count) == [7])
    }

    @Test func `the coupons that fit are shown with what they save, the best first`() throws {
        let apple = try shop.product("사과", price: 10_000)
        try add(2, of: apple)
        let small = try shop.issue(try shop.coupon(.fixed(Won(500))), user)
        let large = try shop.issue(try shop.coupon(.percent(10, maximum: nil)), user)
        let unfit = try shop.issue(try shop.coupon(.fixed(Won(9_000)), minimum: 20_001), user)
        let basket = try basket(.one(small.id))
        #expect(basket.coupons.fitting.map(\.coupon.id) == [large.id, small.id])
        #expect(basket.coupons.fitting.map(\.saves) == [Won(2_000), Won(500)])
        #expect(basket.coupons.unfitting.map(\.id) == [unfit.id])
        #expect(basket.chosen?.id == small.id)
        #expect(basket.discount == Won(500))
        #expect(basket.final == Won(19_500))
        #expect(try self.basket(.best).chosen?.id == large.id)
        #expect(try self.basket(.without).final == Won(20_000))
        // One that does not fit counts as none.
        #expect(try self.basket(.one(unfit.id)).chosen == nil)
        #expect(try self.basket(.one(unfit.id)).final == Won(20_000))
    }

    @Test func `an order takes all of it with the coupon and leaves the basket empty`() throws {
        let apple = try shop.product("사과", price: 10_000)
        let rice = try shop.product("쌀", price: 30_000)
        try add(2, of: apple)
        try add(1, of: rice)
        let mine = try shop.issue(try shop.coupon(.fixed(Won(500))), user)
        let order = try order([:], .one(mine.id))
        #expect(order.lines.map(\.product) == [apple, rice])
        #expect(order.final == Won(49_500))
        #expect(order.userCoupon == mine.id)
        #expect(try basket().lines.isEmpty)
        #expect(throws: ShopError.basketEmpty) { try self.order() }
        #expect(try shop.audit() == [])
    }

    @Test func `a basket changed since it was seen is not ordered`() throws {
        let apple = try shop.product("사과", price: 10_000)
        try add(1, of: apple)
        var seen = try basket().mark
        let rice = try shop.product("쌀", price: 10_000)
        try add(1, of: rice)
        #expect(throws: ShopError.basketChanged) { try order(seen: seen) }
        try shop.baskets.change([rice: nil], in: .customer(user))
        seen = try basket().mark
        _ = try shop.change(apple, price: 5_001)
        #expect(throws: ShopError.basketChanged) { try order(seen: seen) }
        seen = try basket().mark
        // Another product at the same price is not the same.
        let pear = try shop.product("배", price: 5_001)
        try shop.baskets.change([apple: nil], in: .customer(user))
        try add(2, of: pear)
        #expect(throws: ShopError.basketChanged) { try order(seen: seen) }
        #expect(try order().final == Won(10_002))
    }

    @Test func `sent twice with its key it is ordered once`() throws {
        try add(1, of: try shop.product("사과", price: 10_000))
        let mark = try basket().mark
        let answers = try (0..<2).map { _ in
            try shop.baskets.order(
                user, [:], coupon: .without, seen: mark,
                Submission(caller: user, key: .init(text: "k", of: [1])) { order in
                    Receipt(code: 201, bytes: Array("\(order.id.value)".utf8))
                })
        }
        #expect(answers[0].bytes == answers[1].bytes)
        #expect(try shop.rows("SELECT count(*) FROM orders") == ["1"])
    }

    @Test func `what sold out meanwhile is reported and not ordered; the basket stays`() throws {
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

    @Test func `what the screen says is ordered, whatever was stored before`() throws {
        let apple = try shop.product("사과", price: 10_000, stock: 5)
        let rice = try shop.product("쌀", price: 30_000)
        try add(1, of: apple)
        try add(1, of: rice)
        #expect(throws: ShopError.outOfStock(apple)) { try self.order([apple: Quantity(6)]) }
        #expect(try basket().lines.map(\.quantity.count) == [1, 1])
        let order = try self.order([apple: Quantity(3), rice: nil])
        #expect(order.lines.map(\.product) == [apple])
        #expect(order.final == Won(30_000))
        #expect(try basket().lines.isEmpty)
    }

    @Test func `a quantity above the stock is refused, and so is the rest of the form`() throws {
        let apple = try shop.product("사과", stock: 128)
        let rice = try shop.product("쌀")
        try add(1, of: apple)
        try add(1, of: rice)
        #expect(throws: ShopError.outOfStock(apple)) {
            try shop.baskets.change([apple: Quantity(500), rice: Quantity(2)], in: .customer(user))
        }
        #expect(try basket().lines.map(\.quantity.count) == [1, 1])
        // A quantity can be reduced to what is left, and what is no longer sold can be removed.
        _ = try shop.change(apple, isListed: false)
        try shop.baskets.change([apple: nil, rice: Quantity(2)], in: .customer(user))
        #expect(try basket().lines.map(\.quantity.count) == [2])
    }

    @Test func `it belongs to the customer, on every device and after every log-in`() throws {
        try add(1, of: try shop.product("사과"))
        try shop.accounts.logOut(token)
        let elsewhere = try shop.accounts.logIn(
            login: "kim", password: "correct horse", from: .browser("", device: nil)
        ).token
        #expect(try shop.accounts.customer(elsewhere)?.basketCount == 1)
        shop.clock.advance(.days(31))
        _ = try shop.housekeeping.run()
        #expect(try basket().lines.count == 1)
        #expect(try shop.audit() == [])
    }

    @Test func `a visitor's goes into the customer's, as far as there is room and stock`() throws {
        let apple = try shop.product("사과", stock: 5)
        let rice = try shop.product("쌀", stock: 2_000)
        let gone = try shop.product("배")
        try add(3, of: apple)
        try add(600, of: rice)
        for (product, quantity) in [(apple, 4), (rice, 600), (gone, 1)] as [(ProductID, Int64)] {
            try shop.baskets.add(Quantity(quantity), of: product, to: visitor)
        }
        _ = try shop.change(gone, isListed: false)
        #expect(try shop.baskets.count(of: visitor) == 3)
        try shop.baskets.merge(visitor, into: user)
        #expect(try basket().lines.map(\.product.id) == [apple, rice])
        #expect(try basket().lines.map(\.quantity.count) == [5, 1_000])
        #expect(try shop.baskets.count(of: visitor) == 0)
        #expect(try shop.rows("SELECT * FROM visitor_baskets") == [])
        // The second time there is nothing to move.
        try shop.baskets.merge(visitor, into: user)
        #expect(try basket().lines.map(\.quantity.count) == [5, 1_000])
    }

    @Test func `a full basket takes no more of a visitor's products`() throws {
        let products = try (0..<101).map { try shop.product("상품 \($0)") }
        for product in products.prefix(100) { try add(1, of: product) }
        for product in products.suffix(2) { try shop.baskets.add(Quantity(1), of: product, to: visitor) }
        try shop.baskets.merge(visitor, into: user)
        #expect(try basket().lines.count == 100)
        #expect(try basket().lines.last?.quantity.count == 2)
    }

    @Test func `a visitor's is forgotten a month after the last addition`() throws {
        let apple = try shop.product("사과")
        let other = Token.random().hash
        try shop.baskets.add(Quantity(1), of: apple, to: visitor)
        try shop.baskets.add(Quantity(1), of: apple, to: other)
        shop.clock.advance(.days(29))
        try shop.baskets.add(Quantity(1), of: apple, to: visitor)
        shop.clock.advance(.days(2))
        #expect(try shop.housekeeping.run().forgottenBaskets == 1)
        #expect(try shop.baskets.count(of: visitor) == 1)
        #expect(try shop.rows("SELECT count(*) FROM visitor_basket_lines") == ["1"])
    }

    @Test func `however many visitors put something in, the shop keeps a bounded number of baskets, the newest`() throws
    {
        let apple = try shop.product("사과")
        let visitors = (0..<6).map { _ in Token.random().hash }
        for visitor in visitors {
            try shop.store.write { tx in
                try tx.baskets.keepVisitor(visitor, at: Timestamp(milliseconds: 1), most: 3)
                try tx.baskets.set(Quantity(1), of: apple, in: .visitor(visitor), at: Timestamp(milliseconds: 1))
            }
        }
        #expect(try visitors.map { try shop.baskets.count(of: $0) } == [0, 0, 0, 1, 1, 1])
        #expect(try shop.rows("SELECT count(*) FROM visitor_basket_lines") == ["3"])
    }

    @Test func `a past order goes in again, as far as it can be had`() throws {
        let apple = try shop.product("사과", stock: 5)
        let rice = try shop.product("쌀")
        let order = try shop.order([(apple, 4), (rice, 2)], user)
        _ = try shop.cancel(order.id, user)
        func again() throws -> Bool {
            try Submission.outcome(of: user) { try shop.baskets.addAgain(order.id, $0) }
        }
        #expect(try again())
        #expect(try basket().lines.map(\.quantity.count) == [4, 2])
        #expect(try !again())
        #expect(try basket().lines.map(\.quantity.count) == [5, 4])
        let lee = try shop.customer()
        #expect(throws: ShopError.orderNotFound) {
            try Submission.outcome(of: lee) { try shop.baskets.addAgain(order.id, $0) }
        }
    }

    @Test func `sent twice with its key it is added once`() throws {
        let apple = try shop.product("사과")
        for _ in 0..<2 {
            let submission = Submission<Void>(caller: user, key: .init(text: "k", of: [1])) { _ in
                Receipt(code: 201, bytes: [])
            }
            _ = try shop.baskets.add(Quantity(2), of: apple, to: user, submission)
        }
        #expect(try basket().lines.map(\.quantity.count) == [2])
    }
}
