import Shop
import ShopTestSupport
import Testing

struct CouponTests {
    let shop: TestShop
    let user: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer()
    }

    private func remaining(_ coupon: CouponID) throws -> Int64? {
        try shop.store.read { tx in try tx.coupons.find(coupon)?.remaining }
    }

    @Test func `an issued coupon is the user's and one less remains`() throws {
        let coupon = try shop.coupon(.fixed(Won(700)), minimum: 3_000, quantity: 2, validDays: 5)
        let mine = try shop.issue(coupon, user)
        #expect(mine.coupon == coupon)
        #expect(mine.discount == .fixed(Won(700)))
        #expect(mine.minimumOrderAmount == Won(3_000))
        #expect(mine.issuedAt == shop.clock.now)
        #expect(mine.expiresAt == shop.clock.now + .days(5))
        #expect(mine.usedAt == nil)
        #expect(mine.order == nil)
        #expect(try remaining(coupon) == 1)
        #expect(try shop.coupons.issued(to: user, before: nil, limit: 10).items == [mine])
        #expect(try shop.audit() == [])
    }

    @Test func `a coupon opens at its very millisecond and closes at its very millisecond`() throws {
        let opensAt = shop.clock.now + .hours(1)
        let closesAt = opensAt + .hours(1)
        let coupon = try shop.coupon(opensAt: opensAt, closesAt: closesAt)
        let users = try (0..<4).map { try shop.customer("user\($0)") }
        shop.clock.set(opensAt - Timestamp.Span(milliseconds: 1))
        #expect(throws: ShopError.couponNotOpen) { try shop.issue(coupon, users[0]) }
        shop.clock.set(opensAt)
        _ = try shop.issue(coupon, users[1])
        shop.clock.set(closesAt - Timestamp.Span(milliseconds: 1))
        _ = try shop.issue(coupon, users[2])
        shop.clock.set(closesAt)
        #expect(throws: ShopError.couponClosed) { try shop.issue(coupon, users[3]) }
        #expect(try remaining(coupon) == 8)
    }

    @Test func `a missing coupon is not found`() {
        #expect(throws: ShopError.couponNotFound) { try shop.issue(CouponID(99), user) }
    }

    @Test func `having it already comes before sold out, not open and closed`() throws {
        let opensAt = shop.clock.now
        let coupon = try shop.coupon(quantity: 1, opensAt: opensAt, closesAt: opensAt + .hours(1))
        _ = try shop.issue(coupon, user)
        #expect(throws: ShopError.couponAlreadyIssued) { try shop.issue(coupon, user) }
        shop.clock.set(opensAt - .hours(1))
        #expect(throws: ShopError.couponAlreadyIssued) { try shop.issue(coupon, user) }
        shop.clock.set(opensAt + .hours(2))
        #expect(throws: ShopError.couponAlreadyIssued) { try shop.issue(coupon, user) }
    }

    @Test func `sold out comes before not open and closed`() throws {
        let opensAt = shop.clock.now
        let coupon = try shop.coupon(quantity: 1, opensAt: opensAt, closesAt: opensAt + .hours(1))
        _ = try shop.issue(coupon, try shop.customer("first"))
        for time in [opensAt, opensAt - .hours(1), opensAt + .hours(2)] {
            shop.clock.set(time)
            #expect(throws: ShopError.couponSoldOut) { try shop.issue(coupon, user) }
        }
        #expect(try remaining(coupon) == 0)
        #expect(try shop.audit() == [])
    }

    @Test func `the list has what is open or will open, soonest first`() throws {
        let now = shop.clock.now
        let later = try shop.coupon(opensAt: now + .hours(2))
        let open = try shop.coupon(opensAt: now - .hours(2))
        _ = try shop.coupon(opensAt: now - .hours(3), closesAt: now)
        let soon = try shop.coupon(opensAt: now + .hours(1))
        let soldOut = try shop.coupon(quantity: 1, opensAt: now - .hours(1))
        _ = try shop.issue(soldOut, user)
        #expect(try shop.coupons.openOrComing().map(\.id) == [open, soldOut, soon, later])
    }

    @Test func `what can be taken is open and not sold out, and marked if the user has it`() throws {
        let now = shop.clock.now
        _ = try shop.coupon(opensAt: now + .hours(1))
        _ = try shop.coupon(opensAt: now - .hours(3), closesAt: now)
        let second = try shop.coupon(opensAt: now)
        let first = try shop.coupon(opensAt: now - .hours(2))
        let soldOut = try shop.coupon(quantity: 1, opensAt: now - .hours(1))
        #expect(try shop.coupons.heldOfTakeable(by: user, limit: 3) == [])
        for coupon in [second, soldOut] { _ = try shop.issue(coupon, user) }
        #expect(try shop.coupons.takeable(limit: 3).map(\.id) == [first, second])
        #expect(try shop.coupons.takeable(limit: 1).map(\.id) == [first])
        #expect(try shop.coupons.heldOfTakeable(by: user, limit: 3) == [second])
        #expect(try shop.coupons.heldOfTakeable(by: user, limit: 1) == [])
        #expect(Set(try shop.coupons.held(by: user)) == [second, soldOut])
        #expect(try shop.coupons.isHeld(second, by: user))
        #expect(try !shop.coupons.isHeld(first, by: user))
        #expect(try shop.coupons.held(by: try shop.customer("other")) == [])
    }

    @Test func `the list has at most a hundred`() throws {
        for hour in 0..<105 { _ = try shop.coupon(opensAt: shop.clock.now + .hours(Int64(hour))) }
        #expect(try shop.coupons.openOrComing().count == 100)
    }

    @Test func `the user's own come page by page, newest first`() throws {
        let mine = try (0..<5).map { _ in try shop.issue(try shop.coupon(), user) }
        _ = try shop.issue(try shop.coupon(), try shop.customer("other"))
        let first = try shop.coupons.issued(to: user, before: nil, limit: 3)
        #expect(first.items == [mine[4], mine[3], mine[2]])
        #expect(first.hasMore)
        let second = try shop.coupons.issued(to: user, before: mine[2].id, limit: 3)
        #expect(second.items == [mine[1], mine[0]])
        #expect(!second.hasMore)
    }

    @Test func `an issued coupon expires at its very millisecond`() throws {
        let mine = try shop.issue(try shop.coupon(validDays: 1), user)
        let end = mine.issuedAt + .days(1)
        #expect(mine.status(at: end - Timestamp.Span(milliseconds: 1)) == .issued)
        #expect(mine.status(at: end) == .expired)
    }
}

struct DiscountTests {
    @Test(
        arguments: [
            (Discount.fixed(Won(500)), 2_000, 500), (.fixed(Won(500)), 500, 500), (.fixed(Won(500)), 499, 499),
            (.fixed(Won(500)), 0, 0), (.percent(10, maximum: nil), 999, 99), (.percent(10, maximum: nil), 1_000, 100),
            (.percent(33, maximum: nil), 100, 33), (.percent(1, maximum: nil), 99, 0),
            (.percent(100, maximum: nil), 777, 777),
            (.percent(50, maximum: Won(300)), 600, 300), (.percent(50, maximum: Won(300)), 602, 300),
            (.percent(50, maximum: Won(300)), 599, 299), (.percent(100, maximum: Won(9_999)), 100, 100),
            (.percent(99, maximum: nil), 100_000_000_000_000, 99_000_000_000_000),
        ] as [(Discount, Int64, Int64)])
    func `a discount is rounded down, stops at its ceiling and never passes the total`(
        _ discount: Discount, _ total: Int64, _ amount: Int64
    ) {
        #expect(discount.amount(off: Won(total)) == Won(amount))
    }
}
