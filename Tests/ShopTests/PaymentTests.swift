import Shop
import ShopTestSupport
import Testing

struct PaymentTests {
    let shop: TestShop
    let user: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 10_000)
    }

    /// Everything that a payment could change.
    private func state() throws -> [String] {
        try shop.rows("SELECT id, stock, supplied FROM products")
            + shop.rows("SELECT user_id, amount FROM balances") + shop.rows("SELECT * FROM balance_entries")
            + shop.rows("SELECT * FROM user_coupons") + shop.rows("SELECT * FROM orders")
            + shop.rows("SELECT * FROM payments") + shop.rows("SELECT * FROM product_sales")
    }

    /// Refuses to pay with this error, and changes nothing.
    private func refuses(_ order: OrderID, _ error: ShopError, _ at: SourceLocation = #_sourceLocation) throws {
        let before = try state()
        #expect(throws: error, sourceLocation: at) { try shop.pay(order, user) }
        #expect(try state() == before, sourceLocation: at)
    }

    @Test func `a payment takes stock, balance and coupon and completes the order`() throws {
        let apple = try shop.product(price: 1_000, stock: 5)
        let rice = try shop.product(price: 300, stock: 10)
        let mine = try shop.issue(try shop.coupon(.fixed(Won(500))), user)
        let order = try shop.order([(apple, 2), (rice, 3)], coupon: mine.id, user)
        shop.clock.advance(.minutes(1))
        let payment = try shop.pay(order.id, user)
        #expect(payment.order == order.id)
        #expect(payment.amount == Won(2_400))
        #expect(payment.balance == Won(7_600))
        #expect(payment.status == .paid)
        #expect(payment.paidAt == shop.clock.now)
        #expect(try shop.payments.find(order.id, of: user) == payment)
        let paid = try shop.orders.find(order.id, of: user)
        #expect(paid.storedStatus == .completed)
        #expect(paid.completedAt == shop.clock.now)
        #expect(try shop.stored(apple)?.stock == 3)
        #expect(try shop.stored(rice)?.stock == 7)
        #expect(try shop.balance(user) == 7_600)
        let entry = try #require(try shop.balances.entries(of: user, before: nil, limit: 1).items.first)
        #expect(entry.kind == .payment)
        #expect(entry.amount == Won(-2_400))
        #expect(entry.order == order.id)
        let used = try #require(try shop.coupons.issued(to: user, before: nil, limit: 1).items.first)
        #expect(used.usedAt == shop.clock.now)
        #expect(used.order == order.id)
        let hour = shop.clock.now.hour.number
        #expect(
            try shop.rows("SELECT hour, product_id, quantity FROM product_sales ORDER BY product_id")
                == ["\(hour)|\(apple.value)|2", "\(hour)|\(rice.value)|3"])
        #expect(try shop.audit() == [])
    }

    @Test func `an order is paid at most once`() throws {
        let order = try shop.order([(try shop.product(), 1)], user)
        _ = try shop.pay(order.id, user)
        try refuses(order.id, .orderNotPending)
        shop.clock.advance(.hours(1))
        try refuses(order.id, .orderNotPending)
        #expect(try shop.audit() == [])
    }

    @Test func `an order is paid up to its last millisecond`() throws {
        let apple = try shop.product()
        let order = try shop.order([(apple, 1)], user)
        let late = try shop.order([(apple, 1)], user)
        shop.clock.set(order.expiresAt - Timestamp.Span(milliseconds: 1))
        _ = try shop.pay(order.id, user)
        shop.clock.set(late.expiresAt)
        try refuses(late.id, .orderExpired)
    }

    @Test func `an order that the batch has expired says the same`() throws {
        let order = try shop.order([(try shop.product(), 1)], user)
        shop.clock.set(order.expiresAt)
        #expect(try shop.housekeeping.run().expiredOrders == 1)
        try refuses(order.id, .orderExpired)
    }

    @Test func `too little stock comes before too little balance, and that before the coupon`() throws {
        let mine = try shop.issue(try shop.coupon(.fixed(Won(1)), validDays: 1), user)
        shop.clock.set(mine.expiresAt - .minutes(10))
        let apple = try shop.product(price: 8_000, stock: 2)
        let order = try shop.order([(apple, 2)], coupon: mine.id, user)
        _ = try shop.change(apple, stockChange: -1)
        shop.clock.set(mine.expiresAt)
        try refuses(order.id, .outOfStock(apple))
        _ = try shop.change(apple, stockChange: 1)
        try refuses(order.id, .insufficientBalance(missing: Won(5_999)))
        _ = try shop.charge(5_999, user)
        try refuses(order.id, .couponNotUsable)
        #expect(try shop.audit() == [])
    }

    @Test func `what the first lines took is returned when a later line is refused`() throws {
        let apple = try shop.product(stock: 5)
        let rice = try shop.product(stock: 5)
        let order = try shop.order([(apple, 5), (rice, 5)], user)
        _ = try shop.change(rice, stockChange: -1)
        try refuses(order.id, .outOfStock(rice))
        _ = try shop.change(rice, stockChange: 1)
        #expect(try shop.pay(order.id, user).amount == Won(10_000))
        #expect(try shop.balance(user) == 0)
    }

    @Test func `a balance can be spent to the last won`() throws {
        let order = try shop.order([(try shop.product(price: 10_001), 1)], user)
        try refuses(order.id, .insufficientBalance(missing: Won(1)))
    }

    @Test func `a coupon used by another order meanwhile cannot be used again`() throws {
        let mine = try shop.issue(try shop.coupon(), user)
        let apple = try shop.product()
        let one = try shop.order([(apple, 1)], coupon: mine.id, user)
        let two = try shop.order([(apple, 1)], coupon: mine.id, user)
        _ = try shop.pay(one.id, user)
        try refuses(two.id, .couponNotUsable)
        #expect(try shop.audit() == [])
    }

    @Test func `a product unlisted after the order was made is still sold to it, at the price of that time`() throws {
        let apple = try shop.product(price: 1_000, stock: 1)
        let order = try shop.order([(apple, 1)], user)
        _ = try shop.change(apple, price: 9_999, isListed: false)
        #expect(try shop.pay(order.id, user).amount == Won(1_000))
        #expect(try shop.stored(apple)?.stock == 0)
        #expect(try shop.audit() == [])
    }

    @Test func `an order that costs nothing is paid and leaves no entry`() throws {
        let mine = try shop.issue(try shop.coupon(.percent(100, maximum: nil)), user)
        let order = try shop.order([(try shop.product(), 1)], coupon: mine.id, user)
        let payment = try shop.pay(order.id, user)
        #expect(payment.amount == .zero)
        #expect(payment.balance == Won(10_000))
        #expect(try shop.balances.entries(of: user, before: nil, limit: 10).items.map(\.kind) == [.charge])
        #expect(try shop.audit() == [])
        #expect(try shop.refund(order.id, by: user).storedStatus == .refunded)
        #expect(try shop.balance(user) == 10_000)
        #expect(try shop.audit() == [])
    }

    @Test func `an order that was not paid has no payment`() throws {
        let order = try shop.order([(try shop.product(), 1)], user)
        #expect(throws: ShopError.paymentNotFound) { try shop.payments.find(order.id, of: user) }
    }
}

struct RefundTests {
    let shop: TestShop
    let user: UserID
    let admin: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 10_000)
        admin = try shop.customer("admin")
    }

    @Test func `a refund undoes exactly the payment`() throws {
        let apple = try shop.product(price: 1_000, stock: 5)
        let mine = try shop.issue(try shop.coupon(.fixed(Won(500))), user)
        let order = try shop.order([(apple, 2)], coupon: mine.id, user)
        let payment = try shop.pay(order.id, user)
        shop.clock.advance(.hours(3))
        let refunded = try shop.refund(order.id, by: admin)
        #expect(refunded.storedStatus == .refunded)
        #expect(refunded.completedAt == payment.paidAt)
        #expect(try shop.stored(apple)?.stock == 5)
        #expect(try shop.balance(user) == 10_000)
        #expect(try shop.balance(admin) == 0)
        let entry = try #require(try shop.balances.entries(of: user, before: nil, limit: 1).items.first)
        #expect(entry.kind == .refund)
        #expect(entry.amount == Won(1_500))
        #expect(entry.order == order.id)
        #expect(entry.createdAt == shop.clock.now)
        let coupon = try #require(try shop.coupons.issued(to: user, before: nil, limit: 1).items.first)
        #expect(coupon.status(at: shop.clock.now) == .issued)
        #expect(coupon.order == nil)
        #expect(try shop.payments.find(order.id, of: user).status == .refunded)
        #expect(try shop.audit() == [])
    }

    @Test func `its sales come off the hour they were counted in`() throws {
        let apple = try shop.product(stock: 9)
        let order = try shop.order([(apple, 2)], user)
        _ = try shop.pay(order.id, user)
        let hour = shop.clock.now.hour.number
        shop.clock.advance(.hours(1))
        let other = try shop.order([(apple, 3)], user)
        _ = try shop.pay(other.id, user)
        _ = try shop.refund(order.id, by: admin)
        #expect(
            try shop.rows("SELECT hour, quantity FROM product_sales ORDER BY hour") == ["\(hour)|0", "\(hour + 1)|3"])
        #expect(try shop.audit() == [])
    }

    @Test func `an order is refunded once`() throws {
        let order = try shop.order([(try shop.product(), 1)], user)
        #expect(throws: ShopError.orderNotCompleted) { try shop.refund(order.id, by: admin) }
        _ = try shop.pay(order.id, user)
        _ = try shop.refund(order.id, by: admin)
        #expect(throws: ShopError.orderNotCompleted) { try shop.refund(order.id, by: admin) }
        #expect(throws: ShopError.orderNotPending) { try shop.pay(order.id, user) }
        #expect(throws: ShopError.orderNotFound) { try shop.refund(OrderID(99), by: admin) }
        #expect(try shop.balance(user) == 10_000)
        #expect(try shop.audit() == [])
    }

    @Test func `a cancelled or expired order is not refunded`() throws {
        let apple = try shop.product()
        let cancelled = try shop.order([(apple, 1)], user)
        _ = try shop.cancel(cancelled.id, user)
        let expired = try shop.order([(apple, 1)], user)
        shop.clock.set(expired.expiresAt)
        _ = try shop.housekeeping.run()
        for order in [cancelled, expired] {
            #expect(throws: ShopError.orderNotCompleted) { try shop.refund(order.id, by: admin) }
        }
    }

    @Test func `a coupon that has expired meanwhile is not returned`() throws {
        let mine = try shop.issue(try shop.coupon(validDays: 1), user)
        let order = try shop.order([(try shop.product(), 1)], coupon: mine.id, user)
        _ = try shop.pay(order.id, user)
        shop.clock.set(mine.expiresAt)
        _ = try shop.refund(order.id, by: admin)
        let coupon = try #require(try shop.coupons.issued(to: user, before: nil, limit: 1).items.first)
        #expect(coupon.status(at: shop.clock.now) == .used)
        #expect(coupon.order == order.id)
        #expect(try shop.audit() == [])
    }

    @Test func `a returned coupon can be used for another order`() throws {
        let mine = try shop.issue(try shop.coupon(), user)
        let apple = try shop.product()
        let first = try shop.order([(apple, 1)], coupon: mine.id, user)
        _ = try shop.pay(first.id, user)
        _ = try shop.refund(first.id, by: admin)
        let second = try shop.order([(apple, 1)], coupon: mine.id, user)
        #expect(try shop.pay(second.id, user).amount == Won(500))
        #expect(try shop.audit() == [])
    }

    @Test func `a refund may exceed the balance limit`() throws {
        let order = try shop.order([(try shop.product(price: 10_000), 1)], user)
        _ = try shop.pay(order.id, user)
        for _ in 0..<10 { _ = try shop.charge(1_000_000, user) }
        _ = try shop.refund(order.id, by: admin)
        #expect(try shop.balance(user) == 10_010_000)
        #expect(try shop.audit() == [])
    }

    @Test func `the stock of a product unlisted since comes back, too`() throws {
        let apple = try shop.product(stock: 1)
        let order = try shop.order([(apple, 1)], user)
        _ = try shop.pay(order.id, user)
        _ = try shop.change(apple, isListed: false)
        _ = try shop.refund(order.id, by: admin)
        #expect(try shop.stored(apple)?.stock == 1)
    }
}
