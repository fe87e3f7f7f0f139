import Shop
import ShopTestSupport
import TestSupport
import Testing

/// Coupons as the staff see them.
struct ManagedCouponTests {
    let shop: TestShop
    let kim: UserID

    init() throws {
        shop = try TestShop()
        kim = try shop.customer("kim", balance: 100_000)
    }

    private var coupons: ManagedCoupons { get throws { try shop.served.managedCoupons(for: .test) } }
    private var administration: CouponAdministration { get throws { try shop.served.couponAdministration(by: .test) } }

    private func ids(_ filter: ManagedCouponFilter) throws -> [CouponID] {
        try coupons.list(filter, before: nil, limit: 100).items.map(\.id)
    }

    @Test func `each coupon is in its list, the newest first`() throws {
        let now = shop.clock.now
        let open = try shop.coupon()
        let coming = try shop.coupon(opensAt: now + .hours(1))
        let over = try shop.coupon(opensAt: now - .hours(2), closesAt: now)
        let early = try shop.coupon()
        _ = try administration.close(early)
        #expect(try ids(.all) == [early, over, coming, open])
        #expect(try ids(.open) == [open] && ids(.coming) == [coming] && ids(.closed) == [early, over])
        shop.clock.advance(.hours(1))
        #expect(try ids(.open) == [coming, open] && ids(.coming) == [])
        let first = try coupons.list(.all, before: nil, limit: 3)
        #expect(first.hasMore && first.items.last?.id == coming)
        #expect(try coupons.list(.all, before: coming, limit: 3).items.map(\.id) == [open])
    }

    @Test func `those that are about to end or nearly gone are found, as today names them`() throws {
        let now = shop.clock.now
        let long = try shop.coupon(quantity: 10, closesAt: now + .days(4))
        let short = try shop.coupon(quantity: 10, closesAt: now + .days(3))
        let coming = try shop.coupon(quantity: 10, opensAt: now + .hours(1), closesAt: now + .days(1))
        let gone = try shop.coupon(quantity: 1, closesAt: now + .days(1))
        _ = try shop.issue(gone, kim)
        for number in 0..<9 { _ = try shop.issue(long, try shop.customer("taker\(number)")) }
        let today = try shop.served.figures(for: .test).today()
        #expect(try ids(.ending) == [short] && today.endingCoupons.map(\.id) == [short])
        #expect(try ids(.scarce) == [long] && today.scarceCoupons.map(\.id) == [long])
        _ = try administration.close(short)
        #expect(try ids(.ending) == [])
        shop.clock.advance(.hours(1))
        #expect(try ids(.ending) == [coming])
    }

    @Test func `one that has run out does not open again when the clock is set back`() throws {
        let over = try shop.coupon(quantity: 5, closesAt: shop.clock.now + .hours(1))
        let open = try shop.coupon(quantity: 5, closesAt: shop.clock.now + .hours(9))
        shop.clock.advance(.hours(1))
        _ = try shop.housekeeping.run()
        shop.clock.advance(.minutes(-30))
        #expect(throws: ShopError.couponClosed) { try shop.issue(over, kim) }
        #expect(throws: ShopError.couponClosed) { try administration.close(over) }
        #expect(try shop.coupons.openOrComing().map(\.id) == [open])
        #expect(try ids(.open) == [open] && ids(.closed) == [over])
        // The staff did not close it.
        #expect(try coupons.find(over).coupon.closedAt == nil)
        _ = try shop.issue(open, kim)
        #expect(try shop.audit() == [])
    }

    @Test func `one that is closed early is taken by nobody, and never opens again`() throws {
        let coupon = try shop.coupon(quantity: 5)
        let mine = try shop.issue(coupon, kim)
        let closed = try administration.close(coupon)
        #expect(closed.closedAt == shop.clock.now && closed.remaining == 4)
        let lee = try shop.customer("lee")
        #expect(throws: ShopError.couponClosed) { try shop.issue(coupon, lee) }
        #expect(try shop.coupons.openOrComing() == [] && shop.coupons.takeable(limit: 10) == [])
        #expect(throws: ShopError.couponClosed) { try administration.close(coupon) }
        // The clock is set back to before it was closed, and before it opened.
        shop.clock.advance(.hours(-1))
        #expect(throws: ShopError.couponClosed) { try shop.issue(coupon, lee) }
        shop.clock.advance(.hours(2))
        // Whoever has one can use it.
        let order = try shop.order([(try shop.product(), 1)], coupon: mine.id, kim)
        #expect(order.discount > .zero)
        #expect(throws: ShopError.couponNotFound) { try administration.close(CouponID(99)) }
        #expect(try shop.audit() == [])
    }

    @Test func `one that has not opened yet can be closed, too, and one that is over cannot`() throws {
        let now = shop.clock.now
        let coming = try shop.coupon(opensAt: now + .hours(1))
        _ = try administration.close(coming)
        shop.clock.advance(.hours(1))
        #expect(throws: ShopError.couponClosed) { try shop.issue(coming, kim) }
        let over = try shop.coupon(opensAt: now - .hours(2), closesAt: now)
        #expect(throws: ShopError.couponClosed) { try administration.close(over) }
    }

    @Test func `closing is told in the trace, once`() throws {
        let coupon = try shop.coupon()
        let closesAt = shop.clock.now + .days(1)
        let administration = try administration
        let outcomes = Racers(8) { _ in try administration.close(coupon) }.outcomes()
        #expect(try #require(outcomes).filter { if case .success = $0 { true } else { false } }.count == 1)
        let lines = try shop.served.trace(for: .test).list(
            TraceQuery(of: TraceSubject(.coupon, coupon.value)), before: nil, limit: 10
        ).items.map(\.line)
        #expect(lines.map(\.action) == [.couponClosed])
        #expect(
            lines.first?.changes == [
                TraceChange(.closesAt, String(closesAt.milliseconds), String(shop.clock.now.milliseconds))
            ])
    }

    @Test func `what was taken is counted by the minute, in the first hour`() throws {
        let coupon = try shop.coupon(quantity: 100)
        func take(_ count: Int) throws {
            for _ in 0..<count {
                _ = try shop.issue(coupon, shop.customer("c\(Token.random().text.lowercased().prefix(20))"))
            }
        }
        try take(3)
        shop.clock.advance(.seconds(59))
        try take(1)
        shop.clock.advance(.seconds(1))
        try take(2)
        shop.clock.advance(.minutes(58))
        try take(1)
        shop.clock.advance(.minutes(1))
        try take(4)
        let minutes = try coupons.find(coupon).minutes
        #expect(minutes.count == 60 && minutes[0] == 4 && minutes[1] == 2 && minutes[59] == 1)
        #expect(minutes.reduce(0, +) == 7)
        #expect(try shop.audit() == [])
    }

    @Test func `a refused one is not counted`() throws {
        let coupon = try shop.coupon(quantity: 1)
        _ = try shop.issue(coupon, kim)
        #expect(throws: ShopError.couponAlreadyIssued) { try shop.issue(coupon, kim) }
        let lee = try shop.customer("lee")
        #expect(throws: ShopError.couponSoldOut) { try shop.issue(coupon, lee) }
        #expect(try coupons.find(coupon).minutes[0] == 1)
    }

    @Test func `those who have taken it are listed, and those who have used it`() throws {
        let coupon = try shop.coupon()
        let mine = try shop.issue(coupon, kim)
        let others = try (0..<3).map { try shop.customer("other\($0)") }
        for other in others { _ = try shop.issue(coupon, other) }
        let order = try shop.order([(try shop.product(), 1)], coupon: mine.id, kim)
        _ = try shop.pay(order.id, kim)
        let all = try coupons.holders(of: coupon, used: false, after: nil, limit: 2)
        #expect(all.items.map(\.user) == [kim, others[0]] && all.hasMore)
        #expect(all.items.map { $0.status(at: shop.clock.now) } == [.used, .issued])
        #expect(all.items[0].order == order.id && all.items[0].login == "kim" && all.items[1].order == nil)
        let rest = try coupons.holders(of: coupon, used: false, after: others[0], limit: 2)
        #expect(rest.items.map(\.user) == Array(others.dropFirst()) && !rest.hasMore)
        #expect(try coupons.holders(of: coupon, used: true, after: nil, limit: 10).items.map(\.user) == [kim])
        #expect(try coupons.find(coupon).used == 1)
        _ = try shop.refund(order.id, by: kim)
        #expect(try coupons.find(coupon).used == 0)
        shop.clock.advance(.days(31))
        let late = try coupons.holders(of: coupon, used: false, after: nil, limit: 1).items
        #expect(late.map { $0.status(at: shop.clock.now) } == [.expired])
        #expect(throws: ShopError.couponNotFound) {
            try coupons.holders(of: CouponID(99), used: false, after: nil, limit: 1)
        }
        #expect(throws: ShopError.couponNotFound) { try coupons.find(CouponID(99)) }
    }
}
