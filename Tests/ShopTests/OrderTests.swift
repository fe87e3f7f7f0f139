import Shop
import ShopTestSupport
import Testing

struct OrderTests {
    let shop: TestShop
    let user: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer()
    }

    @Test func `an order copies names and prices and waits half an hour`() throws {
        let apple = try shop.product("사과", price: 1_200, stock: 5)
        let rice = try shop.product("쌀", price: 30_000, stock: 1)
        let order = try shop.order([(apple, 3), (rice, 1)], user)
        #expect(order.user == user)
        #expect(order.storedStatus == .pending)
        #expect(order.total == Won(33_600))
        #expect(order.discount == .zero)
        #expect(order.final == Won(33_600))
        #expect(order.createdAt == shop.clock.now)
        #expect(order.expiresAt == shop.clock.now + .minutes(30))
        _ = try shop.change(apple, name: "배", price: 9)
        let found = try shop.orders.find(order.id, of: user)
        #expect(found == order)
        #expect(found.lines.map(\.name) == ["사과", "쌀"])
        #expect(found.lines.map(\.unitPrice) == [Won(1_200), Won(30_000)])
        #expect(found.lines.map(\.amount) == [Won(3_600), Won(30_000)])
        #expect(try shop.audit() == [])
    }

    @Test func `a customer can have a limited number of unpaid orders, until one is paid, cancelled or expired`()
        throws
    {
        let apple = try shop.product(price: 1_000, stock: 100)
        _ = try shop.charge(10_000, user)
        let orders = try (0..<20).map { _ in try shop.order([(apple, 1)], user) }
        let refusal = ShopError.tooManyPendingOrders(20)
        #expect(throws: refusal) { try shop.order([(apple, 1)], user) }
        _ = try shop.order([(apple, 1)], try shop.customer("lee"))
        _ = try shop.pay(orders[0].id, user)
        _ = try shop.order([(apple, 1)], user)
        #expect(throws: refusal) { try shop.order([(apple, 1)], user) }
        _ = try shop.cancel(orders[1].id, user)
        _ = try shop.order([(apple, 1)], user)
        #expect(throws: refusal) { try shop.order([(apple, 1)], user) }
        // Expired is expired, batch or no batch.
        shop.clock.advance(.minutes(30))
        _ = try shop.order([(apple, 1)], user)
        #expect(try shop.housekeeping.run().expiredOrders == 21)
        #expect(try shop.audit() == [])
    }

    private func choose(_ choice: CouponChoice, for order: OrderID, of other: UserID? = nil) throws -> Order {
        try Submission.outcome(of: other ?? user) { try shop.orders.choose(choice, for: order, $0) }
    }

    @Test func `a coupon that went to another order comes off this one, or another takes its place`() throws {
        let apple = try shop.product(price: 10_000)
        _ = try shop.charge(50_000, user)
        let large = try shop.issue(try shop.coupon(.fixed(Won(3_000))), user)
        let small = try shop.issue(try shop.coupon(.fixed(Won(500))), user)
        let (first, second) = (
            try shop.order([(apple, 1)], coupon: large.id, user), try shop.order([(apple, 1)], coupon: large.id, user)
        )
        _ = try shop.pay(first.id, user)
        #expect(throws: ShopError.couponNotUsable) { try shop.pay(second.id, user) }
        #expect(throws: ShopError.couponNotUsable) { try choose(.one(large.id), for: second.id) }
        #expect(try shop.orders.coupons(for: second).fitting.map(\.coupon.id) == [small.id])
        #expect(try choose(.best, for: second.id).final == Won(9_500))
        #expect(try choose(.without, for: second.id).final == Won(10_000))
        #expect(try choose(.without, for: second.id).userCoupon == nil)
        #expect(try choose(.one(small.id), for: second.id).discount == Won(500))
        #expect(throws: ShopError.orderNotFound) { try choose(.without, for: second.id, of: try shop.customer("lee")) }
        #expect(try shop.pay(second.id, user).amount == Won(9_500))
        #expect(throws: ShopError.orderNotPending) { try choose(.without, for: second.id) }
        #expect(try shop.audit() == [])
    }

    @Test func `an expired order keeps its coupon, and one with a higher minimum is not accepted`() throws {
        let apple = try shop.product(price: 10_000)
        let coupon = try shop.issue(try shop.coupon(.fixed(Won(500)), minimum: 10_001), user)
        let order = try shop.order([(apple, 1)], user)
        #expect(throws: ShopError.couponMinimumNotMet(Won(10_001))) { try choose(.one(coupon.id), for: order.id) }
        shop.clock.advance(.minutes(30))
        #expect(throws: ShopError.orderExpired) { try choose(.without, for: order.id) }
    }

    @Test func `the best coupon that fits is found without being named`() throws {
        let apple = try shop.product(price: 10_000)
        func order() throws -> Order {
            try Submission.outcome(of: user) {
                try shop.orders.create([OrderRequestLine(product: apple, quantity: Quantity(1))], coupon: .best, $0)
            }
        }
        #expect(try order().userCoupon == nil)
        _ = try shop.issue(try shop.coupon(.fixed(Won(9_000)), minimum: 10_001), user)
        let best = try shop.issue(try shop.coupon(.percent(10, maximum: nil)), user)
        _ = try shop.issue(try shop.coupon(.fixed(Won(999))), user)
        #expect(try order().userCoupon == best.id)
        #expect(try order().final == Won(9_000))
    }

    @Test func `an order that costs something else than was seen is not paid`() throws {
        let apple = try shop.product(price: 10_000)
        _ = try shop.charge(50_000, user)
        let order = try shop.order([(apple, 1)], user)
        #expect(throws: ShopError.orderChanged) {
            try Submission.outcome(of: user) { try shop.payments.pay(order.id, seen: Won(9_999), $0) }
        }
        #expect(try shop.balance(user) == 50_000)
        let paid = try Submission.outcome(of: user) { try shop.payments.pay(order.id, seen: Won(10_000), $0) }
        #expect(paid.amount == Won(10_000))
    }

    @Test func `a refunded payment says when`() throws {
        let apple = try shop.product(price: 10_000)
        _ = try shop.charge(50_000, user)
        let order = try shop.order([(apple, 1)], user)
        _ = try shop.pay(order.id, user)
        #expect(try shop.payments.find(order.id, of: user).refundedAt == nil)
        shop.clock.advance(.hours(1))
        _ = try shop.refund(order.id, by: user)
        #expect(try shop.payments.find(order.id, of: user).refundedAt == shop.clock.now)
    }

    @Test func `an order reserves nothing`() throws {
        let apple = try shop.product(stock: 5)
        _ = try shop.order([(apple, 5)], user)
        _ = try shop.order([(apple, 5)], user)
        #expect(try shop.stored(apple)?.stock == 5)
    }

    @Test func `lines of the same product are added up in the place of the first`() throws {
        let apple = try shop.product("사과", price: 10)
        let rice = try shop.product("쌀", price: 100)
        let order = try shop.order([(apple, 1), (rice, 2), (apple, 3), (apple, 1)], user)
        #expect(order.lines.map(\.product) == [apple, rice])
        #expect(order.lines.map(\.quantity.count) == [5, 2])
        #expect(order.total == Won(250))
    }

    @Test func `the stock has to cover the lines added up`() throws {
        let apple = try shop.product(stock: 5)
        _ = try shop.order([(apple, 2), (apple, 3)], user)
        #expect(throws: ShopError.outOfStock(apple)) { try shop.order([(apple, 3), (apple, 3)], user) }
    }

    @Test func `an unlisted or missing product cannot be ordered`() throws {
        let apple = try shop.product()
        let gone = try shop.product()
        _ = try shop.change(gone, isListed: false)
        #expect(throws: ShopError.productNotFound) { try shop.order([(apple, 1), (gone, 1)], user) }
        #expect(throws: ShopError.productNotFound) { try shop.order([(ProductID(99), 1)], user) }
        #expect(try shop.orders.list(of: user, before: nil, limit: 10).items.isEmpty)
    }

    @Test func `the largest order that the contract allows adds up`() throws {
        let dearest = try (0..<100).map { _ in try shop.product(price: 1_000_000_000, stock: 1_000) }
        let order = try shop.order(dearest.map { ($0, 1_000) }, user)
        #expect(order.total == Won(100_000_000_000_000))
        #expect(order.lines.map(\.product) == dearest)
    }

    // MARK: With a coupon

    @Test func `a coupon's discount is taken off the total`() throws {
        let mine = try shop.issue(try shop.coupon(.percent(15, maximum: Won(400)), minimum: 1_000), user)
        let order = try shop.order([(try shop.product(price: 999, stock: 9), 2)], coupon: mine.id, user)
        #expect(order.total == Won(1_998))
        #expect(order.discount == Won(299))
        #expect(order.final == Won(1_699))
        #expect(order.userCoupon == mine.id)
    }

    @Test func `a discount never makes an order cost less than zero`() throws {
        let mine = try shop.issue(try shop.coupon(.fixed(Won(5_000))), user)
        let order = try shop.order([(try shop.product(price: 999), 1)], coupon: mine.id, user)
        #expect(order.discount == Won(999))
        #expect(order.final == .zero)
    }

    @Test func `the minimum applies to the total, inclusively`() throws {
        let mine = try shop.issue(try shop.coupon(minimum: 2_000), user)
        let apple = try shop.product(price: 1)
        let dear = try shop.product(price: 2_000)
        #expect(throws: ShopError.couponMinimumNotMet(Won(2_000))) {
            try shop.order([(apple, 99)], coupon: mine.id, user)
        }
        #expect(try shop.order([(dear, 1)], coupon: mine.id, user).discount == Won(500))
    }

    @Test func `another's coupon is not found`() throws {
        let theirs = try shop.issue(try shop.coupon(), try shop.customer("other"))
        let apple = try shop.product()
        #expect(throws: ShopError.userCouponNotFound) { try shop.order([(apple, 1)], coupon: theirs.id, user) }
        #expect(throws: ShopError.userCouponNotFound) { try shop.order([(apple, 1)], coupon: UserCouponID(99), user) }
    }

    @Test func `a coupon can be ordered with up to its last millisecond`() throws {
        let mine = try shop.issue(try shop.coupon(validDays: 2), user)
        let apple = try shop.product()
        shop.clock.set(mine.expiresAt - Timestamp.Span(milliseconds: 1))
        _ = try shop.order([(apple, 1)], coupon: mine.id, user)
        shop.clock.set(mine.expiresAt)
        #expect(throws: ShopError.couponNotUsable) { try shop.order([(apple, 1)], coupon: mine.id, user) }
    }

    @Test func `a used coupon cannot be ordered with again`() throws {
        _ = try shop.charge(10_000, user)
        let mine = try shop.issue(try shop.coupon(), user)
        let apple = try shop.product()
        let order = try shop.order([(apple, 1)], coupon: mine.id, user)
        _ = try shop.pay(order.id, user)
        #expect(throws: ShopError.couponNotUsable) { try shop.order([(apple, 1)], coupon: mine.id, user) }
    }

    // MARK: The order's fate

    @Test func `an order is expired from its very instant, batch or no batch`() throws {
        let order = try shop.order([(try shop.product(), 1)], user)
        #expect(order.status(at: order.expiresAt - Timestamp.Span(milliseconds: 1)) == .pending)
        #expect(order.status(at: order.expiresAt) == .expired)
        shop.clock.set(order.expiresAt)
        #expect(throws: ShopError.orderNotPending) { try shop.cancel(order.id, user) }
        #expect(throws: ShopError.orderExpired) { try shop.pay(order.id, user) }
        #expect(try shop.orders.find(order.id, of: user).storedStatus == .pending)
    }

    @Test func `a pending order can be cancelled, once`() throws {
        let order = try shop.order([(try shop.product(), 1)], user)
        shop.clock.set(order.expiresAt - Timestamp.Span(milliseconds: 1))
        #expect(try shop.cancel(order.id, user).storedStatus == .cancelled)
        #expect(throws: ShopError.orderNotPending) { try shop.cancel(order.id, user) }
        #expect(throws: ShopError.orderNotPending) { try shop.pay(order.id, user) }
        shop.clock.advance(.days(1))
        #expect(try shop.orders.find(order.id, of: user).status(at: shop.clock.now) == .cancelled)
        #expect(try shop.audit() == [])
    }

    @Test func `another's order is not found, whatever the request`() throws {
        let other = try shop.customer("other")
        let order = try shop.order([(try shop.product(), 1)], user)
        #expect(throws: ShopError.orderNotFound) { try shop.orders.find(order.id, of: other) }
        #expect(throws: ShopError.orderNotFound) { try shop.cancel(order.id, other) }
        #expect(throws: ShopError.orderNotFound) { try shop.pay(order.id, other) }
        #expect(throws: ShopError.orderNotFound) { try shop.payments.find(order.id, of: other) }
        #expect(throws: ShopError.orderNotFound) { try shop.orders.find(OrderID(99), of: user) }
        #expect(try shop.orders.list(of: other, before: nil, limit: 10).items.isEmpty)
    }

    @Test func `orders come page by page, newest first`() throws {
        let apple = try shop.product()
        let orders = try (1...4).map { try shop.order([(apple, $0)], user) }
        let first = try shop.orders.list(of: user, before: nil, limit: 3)
        #expect(first.items == [orders[3], orders[2], orders[1]])
        #expect(first.hasMore)
        let second = try shop.orders.list(of: user, before: orders[1].id, limit: 3)
        #expect(second.items == [orders[0]])
        #expect(!second.hasMore)
    }
}
