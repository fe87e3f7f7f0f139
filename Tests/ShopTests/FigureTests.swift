import POSIX
import Shop
import ShopTestSupport
import Testing

/// The figures: what each write changes, how they are added up, and that the audit counts them again.
struct FigureTests {
    let shop: TestShop
    let user: UserID
    let apple: ProductID
    let pear: ProductID

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 1_000_000)
        apple = try shop.product("사과", price: 1_000, stock: 100)
        pear = try shop.product("배", price: 3_000, stock: 5)
    }

    private var today: Day { shop.policy.calendar.day(of: shop.clock.now) }

    private func reports() throws -> FigureReports { try shop.served.figures(for: .test) }

    private func figures(_ day: Day) throws -> Figures { try reports().report(FigureQuery(day...day, by: .day)).sum }

    private func sold(_ days: ClosedRange<Day>) throws -> [String] {
        try reports().products(days, after: nil, limit: 50).items.map {
            "\($0.name) \($0.figures.quantity) \($0.figures.amount.amount)"
        }
    }

    // MARK: What counts

    @Test func `each write changes its own figures and no others`() throws {
        var expected = Figures(customers: 1)
        #expect(try figures(today) == expected)
        let mine = try shop.issue(try shop.coupon(), user)
        expected.coupons = 1
        #expect(try figures(today) == expected)
        let order = try shop.order([(apple, 2), (pear, 1)], coupon: mine.id, user)
        expected.orders = 1
        expected.orderAmount = Won(5_000)
        #expect(try figures(today) == expected)
        #expect(try reports().today().waiting == WaitingOrders(count: 1, amount: Won(4_500)))
        _ = try shop.pay(order.id, user)
        expected.paid = 1
        expected.revenue = Won(4_500)
        #expect(try figures(today) == expected)
        #expect(try reports().today().waiting == WaitingOrders(count: 0, amount: .zero))
        #expect(try sold(today...today) == ["배 1 3000", "사과 2 2000"])
        _ = try shop.refund(order.id, by: user)
        expected.refunds = 1
        expected.refundAmount = Won(4_500)
        #expect(try figures(today) == expected)
        #expect(try sold(today...today) == ["배 1 3000", "사과 2 2000"])
        _ = try shop.cancel(try shop.order([(apple, 1)], user).id, user)
        expected.orders = 2
        expected.orderAmount = Won(6_000)
        #expect(try figures(today) == expected)
        _ = try shop.change(apple, price: 7, stockChange: 3)
        _ = try shop.charge(1_000, user)
        #expect(try figures(today) == expected)
        #expect(try shop.audit() == [])
    }

    @Test func `what is refused changes none`() throws {
        let poor = try shop.customer("poor")
        let coupon = try shop.coupon(quantity: 1)
        _ = try shop.issue(coupon, user)
        let order = try shop.order([(pear, 5)], poor)
        let before = try figures(today)
        #expect(throws: ShopError.couponAlreadyIssued) { try shop.issue(coupon, user) }
        #expect(throws: ShopError.couponSoldOut) { try shop.issue(coupon, poor) }
        // The sale itself has been counted by then, and is undone.
        #expect(throws: ShopError.insufficientBalance(missing: Won(15_000))) { try shop.pay(order.id, poor) }
        #expect(throws: ShopError.outOfStock(pear)) { try shop.order([(apple, 1), (pear, 6)], user) }
        #expect(throws: ShopError.orderNotCompleted) { try shop.refund(order.id, by: user) }
        #expect(throws: ShopError.loginTaken) {
            try shop.accounts.signUp(SignUp(login: "poor", password: "correct horse", name: ""))
        }
        #expect(try figures(today) == before)
        #expect(try sold(today...today) == [])
        #expect(try shop.audit() == [])
    }

    @Test func `a write that is undone takes back what it has counted, and nothing of the others in its group`() throws
    {
        struct Undone: Error {}
        let now = shop.clock.now
        let racers = Racers(16) { number in
            let login = "racer\(number)"
            try shop.store.write { tx in
                _ = try tx.accounts.add(SignUp(login: login, password: "", name: ""), passwordHash: nil, at: now)
                if number.isMultiple(of: 2) { throw Undone() }
            }
        }
        #expect(racers.outcomes()?.successes == 8)
        #expect(try figures(today).customers == 9)
        #expect(try shop.audit() == [])
    }

    @Test func `what is sent again counts once`() throws {
        for _ in 0..<3 {
            _ = try shop.orders.create(
                [OrderRequestLine(product: apple, quantity: Quantity(1))], coupon: .without,
                Submission(caller: user, key: .init(text: "k", of: [])) { _ in Receipt(code: 201, bytes: []) })
        }
        #expect(try figures(today).orders == 1)
    }

    @Test func `a customer who becomes staff is no new customer, and is one again as a customer`() throws {
        shop.clock.advance(.days(2))
        let made = today - 2
        #expect(
            try shop.administration.create(SignUp(login: "kim", password: "correct horse", name: "", role: .reader))
                .role == .reader)
        #expect(try figures(today).customers == 0)
        _ = try shop.administration.setRole(of: "customer", to: .support)
        #expect(try figures(made).customers == 0)
        _ = try shop.administration.setRole(of: "customer", to: .manager)
        #expect(try figures(made).customers == 0)
        _ = try shop.administration.setRole(of: "customer", to: .customer)
        #expect(try figures(made).customers == 1)
        #expect(try shop.audit() == [])
    }

    @Test func `they add up while 32 customers order, pay and take coupons at once`() throws {
        let shop = shop
        let (apple, today) = (apple, today)
        let coupon = try shop.coupon(quantity: 20)
        let buyers = try (0..<32).map { try shop.customer("buyer\($0)", balance: 100_000) }
        _ = try shop.change(apple, stockChange: 1_000)
        let racers = Racers(32) { number in
            let buyer = buyers[number]
            _ = try? shop.issue(coupon, buyer)  // a third of them come too late
            for round in 0..<5 {
                let order = try shop.order([(apple, 1)], buyer)
                if round < 3 { _ = try shop.pay(order.id, buyer) }
                if round == 0 { _ = try shop.refund(order.id, by: buyer) }
            }
        }
        for outcome in try #require(racers.outcomes()) { try outcome.get() }
        let expected = Figures(
            orders: 160, orderAmount: Won(160_000), paid: 96, revenue: Won(96_000), refunds: 32,
            refundAmount: Won(32_000), coupons: 20, customers: 33)
        #expect(try figures(today) == expected)
        #expect(try sold(today...today) == ["사과 96 96000"])
        #expect(try reports().today().waiting == WaitingOrders(count: 64, amount: Won(64_000)))
        #expect(try shop.audit() == [])
    }

    // MARK: When it counts

    @Test func `a refund counts on its own day and leaves the day of the payment`() throws {
        let order = try shop.order([(apple, 1)], user)
        _ = try shop.pay(order.id, user)
        let paidOn = today
        shop.clock.advance(.days(3))
        _ = try shop.refund(order.id, by: user)
        #expect(try figures(paidOn).revenue == Won(1_000))
        #expect(try figures(paidOn).refunds == 0)
        #expect(try figures(today) == Figures(refunds: 1, refundAmount: Won(1_000)))
        #expect(try shop.audit() == [])
    }

    @Test func `an order from before midnight that is paid after it counts on both days`() throws {
        let tomorrow = today + 1
        shop.clock.set(shop.policy.calendar.firstHour(of: tomorrow).start - .seconds(1))
        let order = try shop.order([(apple, 1)], user)
        #expect(today == tomorrow - 1)
        shop.clock.advance(.seconds(1))
        _ = try shop.pay(order.id, user)
        #expect(today == tomorrow)
        #expect(try figures(tomorrow - 1).orders == 1)
        #expect(try figures(tomorrow - 1).paid == 0)
        #expect(try figures(tomorrow) == Figures(paid: 1, revenue: Won(1_000)))
        #expect(try sold(tomorrow - 1...tomorrow - 1) == [])
        #expect(try sold(tomorrow...tomorrow) == ["사과 1 1000"])
    }

    @Test func `an order whose time is over does not wait any more, before the batch and after it`() throws {
        let order = try shop.order([(apple, 1)], user)
        shop.clock.set(order.expiresAt)
        #expect(try reports().today().waiting.count == 0)
        _ = try shop.housekeeping.run()
        #expect(try reports().today().waiting.count == 0)
    }

    // MARK: How they are added up

    @Test func `hours, days, months and years add up to the same`() throws {
        let first = today
        for _ in 0..<40 {
            _ = try shop.pay(try shop.order([(apple, 1)], user).id, user)
            shop.clock.advance(.hours(19))
        }
        let days = first.startOfMonth...today
        let sums = try FigureStep.allCases.map { try reports().report(FigureQuery(days, by: $0)) }
        #expect(Set(sums.map(\.sum.paid)) == [40])
        for report in sums {
            var sum = Figures()
            for period in report.periods { sum += period.figures }
            #expect(sum == report.sum)
            #expect(report.periods.first?.days.lowerBound == days.lowerBound)
            #expect(report.periods.last?.days.upperBound == days.upperBound)
        }
        // Of March 1 to April 3 of 2026.
        #expect(sums.map(\.periods.count) == [34 * 24, 34, 2, 1])
        #expect(try sold(days) == ["사과 40 40000"])
    }

    @Test func `products come by amount, page by page`() throws {
        let others = try (0..<6).map { try shop.product("상품\($0)", price: 1_000 + Int64($0 / 2) * 100) }
        for product in others { _ = try shop.pay(try shop.order([(product, 1)], user).id, user) }
        var (names, last): ([String], ProductFigures?) = ([], nil)
        repeat {
            let page = try reports().products(today...today, after: last, limit: 2)
            names += page.items.map(\.name)
            last = page.hasMore ? page.items.last?.figures : nil
        } while last != nil
        #expect(names == ["상품4", "상품5", "상품2", "상품3", "상품0", "상품1"])
    }

    @Test func `old sales are kept by their day, and the sums stay`() throws {
        let first = today
        for _ in 0..<3 {
            _ = try shop.pay(try shop.order([(apple, 2), (pear, 1)], user).id, user)
            shop.clock.advance(.hours(10))
        }
        let before = try (sold(first...first), sold(first...today))
        #expect(before.1 == ["배 3 9000", "사과 6 6000"])
        shop.clock.advance(.days(4))
        #expect(try shop.housekeeping.run().movedSales == 6)
        #expect(try shop.rows("SELECT count(*) FROM product_sales") == ["0"])
        #expect(try shop.rows("SELECT sum(quantity) FROM product_days") == ["9"])
        #expect(try (sold(first...first), sold(first...today)) == before)
        #expect(try shop.audit() == [])
    }

    @Test(.enabled("Linux before 6.12 has no turns to choose") { ProcessorTurn.nanoseconds != nil })
    func `sales are added up in short turns of the processor`() throws {
        let turns = Locked<[UInt64?]>([])
        let store = WatchedStore(shop.store) { _ in turns.write { $0.append(ProcessorTurn.nanoseconds) } }
        let reports = try shop.other(over: store).figures(for: .test)
        _ = try reports.products(today...today, after: nil, limit: 5)
        _ = try reports.allProducts(today...today)
        #expect(turns.read { $0 } == [100_000, 100_000])
    }

    @Test func `an empty shop has figures, all of them zero`() throws {
        let empty = try TestShop()
        let reports = try empty.served.figures(for: .test)
        let today = try reports.today()
        #expect(today.figures == Figures())
        #expect(today.days.sum == Figures())
        #expect(today.waiting == WaitingOrders(count: 0, amount: .zero))
        #expect(try reports.days() == nil)
        #expect(try reports.products(today.day...today.day, after: nil, limit: 5).items.isEmpty)
        #expect(try empty.audit() == [])
    }

    // MARK: The audit

    @Test(arguments: [
        (
            "UPDATE figures SET orders = orders + 1", "the figures of an hour are not what happened in it: hour",
            "orders 2 instead of 1"
        ),
        (
            "UPDATE figures SET order_amount = 7", "the figures of an hour are not what happened in it",
            "order amount 7 instead of 1000"
        ),
        ("UPDATE figures SET paid = 0", "the figures of an hour are not what happened in it", "paid 0 instead of 1"),
        (
            "UPDATE figures SET revenue = revenue + 1", "the figures of an hour are not what happened in it",
            "revenue 1001 instead of 1000"
        ),
        (
            "UPDATE figures SET refunds = 2", "the figures of an hour are not what happened in it",
            "refunds 2 instead of 1"
        ),
        (
            "UPDATE figures SET refund_amount = 0", "the figures of an hour are not what happened in it",
            "refund amount 0 instead of 1000"
        ),
        (
            "UPDATE figures SET coupons = 5", "the figures of an hour are not what happened in it",
            "coupons 5 instead of 1"
        ),
        (
            "UPDATE figures SET customers = 0", "the figures of an hour are not what happened in it",
            "customers 0 instead of 1"
        ),
        ("DELETE FROM figures", "the figures of an hour are not what happened in it", "orders 0 instead of 1"),
        (
            "UPDATE figures SET hour = hour + 1", "the figures of an hour are not what happened in it",
            "orders 1 instead of 0"
        ),
        (
            "UPDATE product_sales SET sold = 7", "a product's sales are not those in its orders: product",
            "7 for 1000 instead of 1 for 1000"
        ),
        (
            "UPDATE product_sales SET amount = 7", "a product's sales are not those in its orders: product",
            "1 for 7 instead of 1 for 1000"
        ),
        (
            "DELETE FROM product_sales", "a product's sales are not those in its orders: product",
            "0 for 0 instead of 1 for 1000"
        ),
        (
            "INSERT INTO product_days VALUES (1, 2, 3, 4)", "a product's sales are not those in its orders: product 2",
            "3 for 4 instead of 0 for 0"
        ),
    ])
    func `a wrong figure is found`(_ sql: String, _ says: String, _ difference: String) throws {
        _ = try shop.issue(try shop.coupon(), user)
        let order = try shop.order([(apple, 1)], user)
        _ = try shop.pay(order.id, user)
        _ = try shop.refund(order.id, by: user)
        #expect(try shop.audit() == [])
        try shop.execute(sql)
        let found = try shop.audit()
        #expect(found.contains { $0.hasPrefix(says) && $0.contains(difference) }, "\(found)")
    }
}
