import Shop
import ShopTestSupport
import Testing

/// The page of today: what its figures stand beside, and what it says is to be done.
struct TodayTests {
    private let shop: TestShop
    private let user: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 1_000_000)
    }

    private func reports() throws -> FigureReports { try shop.served.figures(for: .test) }

    @Test func `today stands beside the same day a week ago, up to the hour that runs`() throws {
        let apple = try shop.product("사과", price: 1_000, stock: 100)
        let calendar = shop.policy.calendar
        let day = calendar.day(of: shop.clock.now) + 7
        // At 9:30 and 11:30 a week ago, at 9:30 and 10:10 today.
        for (day, minutes) in [(day - 7, 570), (day - 7, 690), (day, 570), (day, 610)] {
            shop.clock.set(calendar.firstHour(of: day).start + .minutes(Int64(minutes)))
            _ = try shop.pay(try shop.order([(apple, 1)], user).id, user)
        }
        let today = try reports().today()
        #expect(today.figures.paid == 2)
        #expect(today.wholeHours == 10)
        #expect(today.comparison.today.paid == 1)
        #expect(today.comparison.weekAgo.paid == 1)
        #expect(today.hours.weekAgo.sum.paid == 2)
        #expect(today.days.periods.count == 28)
        #expect(today.days.sum.paid == 4)
        shop.clock.set(calendar.firstHour(of: day).start + .minutes(59))
        #expect(try reports().today().wholeHours == 0)
        #expect(try reports().today().comparison == (Figures(), Figures()))
    }

    @Test func `a day whose first minutes are in an hour of the day before begins with nothing`() throws {
        var policy = Policy.test
        policy.calendar = ShopCalendar { _ in 19_800 }
        let shop = try TestShop(policy: policy)
        let day = policy.calendar.day(of: shop.clock.now)
        // Midnight there, half past the hour in UTC.
        shop.clock.set(Timestamp(milliseconds: (day + 1).number * 86_400_000 - 19_800_000))
        let today = try shop.served.figures(for: .test).today()
        #expect(today.day == day + 1 && today.wholeHours == 0)
        #expect(today.figures == Figures() && today.comparison == (Figures(), Figures()))
    }

    @Test func `it names coupons that are about to end or nearly gone`() throws {
        let now = shop.clock.now
        let ending = try shop.coupon(quantity: 10, closesAt: now + .days(3))
        let later = try shop.coupon(quantity: 10, closesAt: now + .days(3) + .seconds(1))
        let scarce = try shop.coupon(quantity: 10, closesAt: now + .days(30))
        _ = try shop.coupon(quantity: 10, opensAt: now + .hours(1), closesAt: now + .days(1))
        for number in 0..<9 {
            let taker = try shop.customer("taker\(number)")
            _ = try shop.issue(scarce, taker)
            if number < 8 { _ = try shop.issue(later, taker) }
        }
        let today = try reports().today()
        #expect(today.endingCoupons.map(\.id) == [ending])
        #expect(today.scarceCoupons.map(\.id) == [scarce])
        _ = try shop.issue(scarce, user)
        #expect(try reports().today().scarceCoupons.isEmpty)
    }

    @Test func `a coupon that ends tonight is named, however many were opened before it`() throws {
        let now = shop.clock.now
        for _ in 0..<150 { _ = try shop.coupon(quantity: 100, opensAt: now - .days(1), closesAt: now + .days(30)) }
        let tonight = try shop.coupon(quantity: 100, closesAt: now + .hours(9))
        let scarce = try shop.coupon(quantity: 1, closesAt: now + .days(30))
        try shop.execute("UPDATE coupons SET quantity = 10 WHERE id = \(scarce.value)")
        let today = try reports().today()
        #expect(today.endingCoupons.map(\.id) == [tonight])
        #expect(today.scarceCoupons.map(\.id) == [scarce])
    }

    @Test func `of many coupons that are about to end, the first to end comes first`() throws {
        let now = shop.clock.now
        let ids = try (0..<250).map { number in
            try shop.coupon(quantity: 100, closesAt: now + .minutes(Int64(1 + number * 7 % 250)))
        }
        let today = try reports().today()
        let expected = ids.enumerated().sorted { $0.offset * 7 % 250 < $1.offset * 7 % 250 }.map(\.element)
        #expect(today.endingCoupons.map(\.id) == expected)
    }

    @Test func `it says what is late`() throws {
        #expect(try reports().today().latePopular == .never)
        try shop.popular.recompute()
        let computed = shop.clock.now
        #expect(try reports().today().latePopular == nil)
        shop.clock.advance(.minutes(45))
        #expect(try reports().today().latePopular == .since(computed))
        #expect(try reports().today().lateBackup == .off)
    }

    @Test func `a backup is late after a night without one`() throws {
        let now = shop.clock.now
        for (last, expected): (BackupWatch.Last, Lateness?) in [
            (.off, .off), (.never, .never), (.at(now - .hours(26)), nil),
            (.at(now - .hours(27)), .since(now - .hours(27))),
        ] {
            let watched = Shop(store: shop.store, clock: shop.clock.shopClock, backups: BackupWatch { last })
            #expect(try watched.figures(for: .test).today().lateBackup == expected)
        }
    }
}
