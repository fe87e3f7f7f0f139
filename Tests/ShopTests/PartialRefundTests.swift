import Shop
import ShopTestSupport
import Testing

/// Refunds by line and quantity.
struct PartialRefundTests {
    let shop: TestShop
    let user: UserID
    let admin: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer(balance: 1_000_000)
        admin = try shop.customer("admin")
    }

    private func paid(_ lines: [(ProductID, Int64)], coupon: Int64? = nil) throws -> Order {
        let mine = try coupon.map { try shop.issue(try shop.coupon(.fixed(Won($0))), user) }
        let order = try shop.order(lines, coupon: mine?.id, user)
        _ = try shop.pay(order.id, user)
        return order
    }

    private func some(
        _ lines: [(ProductID, Int64)], toStock: Bool = true, seen: Int? = nil
    ) -> RefundRequest {
        RefundRequest(
            lines.map { OrderRequestLine(product: $0.0, quantity: Quantity($0.1)) }, returnsToStock: toStock, seen: seen
        )
    }

    private func refunds(_ order: OrderID) throws -> [Refund] {
        try shop.orders.findWhole(order, of: user).refunds
    }

    @Test func `a part of an order comes back, and the order stays paid`() throws {
        let (apple, rice) = (try shop.product(price: 1_000, stock: 9), try shop.product(price: 300, stock: 9))
        let order = try paid([(apple, 3), (rice, 2)], coupon: 600)
        let hour = shop.clock.now.hour.number
        shop.clock.advance(.hours(2))
        let refunded = try shop.refund(order.id, some([(apple, 1)]), by: admin)
        // 3,600 less 600: 2,500 were paid for the apples, and 500 for the rice.
        #expect((refunded.storedStatus, refunded.refunds, refunded.refunded) == (.completed, 1, Won(833)))
        #expect(try shop.payments.find(order.id, of: user).status == .paid)
        #expect(try shop.balance(user) == 997_833)
        #expect(try shop.stored(apple)?.stock == 7)
        #expect(try shop.rows("SELECT quantity FROM product_sales WHERE hour = \(hour)") == ["2", "2"])
        let expected = Refund(
            number: 1, amount: Won(833), returnedToStock: true, login: "test", at: shop.clock.now,
            lines: [RefundLine(product: apple, quantity: Quantity(1), amount: Won(833))])
        #expect(try refunds(order.id) == [expected])
        #expect(try shop.coupons.issued(to: user, before: nil, limit: 1).items.first?.usedAt != nil)
        #expect(try shop.audit() == [])
    }

    // MARK: One's own order

    /// An order that one of the staff has paid for.
    private func ownOrder(of staff: Staff) throws -> Order {
        let id = try #require(staff.user)
        _ = try shop.charge(10_000, id)
        let order = try shop.order([(try shop.product(), 2)], id)
        _ = try shop.pay(order.id, id)
        return order
    }

    private func refund(_ order: Order, by staff: Staff) throws {
        let refunds = try shop.served.refunds(by: staff)
        _ = try refunds.preview(order.id, .rest)
        _ = try Submission.outcome(of: admin) { try refunds.refund(order.id, .rest, $0) }
    }

    @Test func `nobody of the staff refunds an order of their own while somebody else could`() throws {
        let (boss, kim) = (try shop.employee("boss", .owner), try shop.employee("kim", .manager))
        for (own, other) in [(boss, kim), (kim, boss)] {
            let order = try ownOrder(of: own)
            let refunds = try shop.served.refunds(by: own)
            #expect(throws: ShopError.ownOrder) { try refunds.preview(order.id, .rest) }
            #expect(throws: ShopError.ownOrder) {
                try Submission.outcome(of: admin) { try refunds.refund(order.id, .rest, $0) }
            }
            // Nor among several.
            let several = try refunds.preview([order.id], returnsToStock: true)
            #expect(throws: ShopError.ownOrder) { try several.first?.plan.get() }
            #expect(throws: RefusedOrders(reasons: [.init(order: order.id, error: .ownOrder)])) {
                try Submission.outcome(of: admin) {
                    try refunds.refund([(id: order.id, seen: nil)], returnsToStock: true, $0)
                }
            }
            #expect(try self.refunds(of: order).isEmpty)
            try refund(order, by: other)
            #expect(try self.refunds(of: order).count == 1)
        }
        #expect(try shop.audit() == [])
    }

    @Test func `who keeps a shop alone refunds their own order, too`() throws {
        let boss = try shop.employee("boss", .owner)
        _ = try shop.employee("reader", .reader)
        _ = try shop.employee("help", .support)
        _ = try shop.employee("gone", .manager)
        _ = try shop.administration.close("gone")
        try refund(try ownOrder(of: boss), by: boss)
        // As does who has the machine itself.
        _ = try shop.employee("kim", .manager)
        try refund(try ownOrder(of: boss), by: .shell("root"))
        #expect(try shop.audit() == [])
    }

    private func refunds(of order: Order) throws -> [Refund] {
        try shop.served.orderAdministration(for: .test).find(order.id).refunds
    }

    @Test func `the last part gives what is left, and with it the coupon`() throws {
        let apple = try shop.product(price: 1_000, stock: 9)
        let order = try paid([(apple, 3)], coupon: 500)
        for _ in 0..<2 { _ = try shop.refund(order.id, some([(apple, 1)]), by: admin) }
        let refunded = try shop.refund(order.id, by: admin)
        #expect((refunded.storedStatus, refunded.refunded) == (.refunded, Won(2_500)))
        #expect(try refunds(order.id).map(\.amount) == [Won(833), Won(833), Won(834)])
        let payment = try shop.payments.find(order.id, of: user)
        #expect((payment.status, payment.refundedAt) == (.refunded, shop.clock.now))
        #expect(try shop.balance(user) == 1_000_000)
        #expect(try shop.stored(apple)?.stock == 9)
        #expect(try shop.coupons.issued(to: user, before: nil, limit: 1).items.first?.usedAt == nil)
        #expect(throws: ShopError.orderNotCompleted) { try shop.refund(order.id, some([(apple, 1)]), by: admin) }
        #expect(try shop.audit() == [])
    }

    @Test func `goods that do not come back are lost, but the money is not`() throws {
        let apple = try shop.product(price: 1_000, stock: 9)
        let order = try paid([(apple, 3)])
        _ = try shop.refund(order.id, some([(apple, 1)], toStock: false), by: admin)
        #expect(try shop.stored(apple)?.stock == 6)
        #expect(try shop.balance(user) == 998_000)
        #expect(try shop.rows("SELECT quantity FROM product_sales") == ["2"])
        #expect(try shop.audit() == [])
        _ = try shop.refund(order.id, RefundRequest(returnsToStock: false), by: admin)
        #expect(try shop.stored(apple)?.stock == 6)
        #expect(try shop.balance(user) == 1_000_000)
        #expect(try shop.audit() == [])
    }

    @Test func `more than is left is refused and moves nothing`() throws {
        let (apple, rice) = (try shop.product(), try shop.product())
        let order = try paid([(apple, 3)])
        _ = try shop.refund(order.id, some([(apple, 2)]), by: admin)
        let before = try shop.balance(user)
        let tooMany: [[(ProductID, Int64)]] = [[(apple, 2)], [(apple, 1), (apple, 1)]]
        for lines in tooMany {
            #expect(throws: ShopError.refundAboveOrder(apple)) { try shop.refund(order.id, some(lines), by: admin) }
        }
        #expect(throws: ShopError.refundAboveOrder(rice)) { try shop.refund(order.id, some([(rice, 1)]), by: admin) }
        #expect(throws: ShopError.refundOutdated) { try shop.refund(order.id, some([(apple, 1)], seen: 0), by: admin) }
        #expect(try shop.balance(user) == before)
        #expect(try shop.refund(order.id, some([(apple, 1)], seen: 1), by: admin).storedStatus == .refunded)
        #expect(try shop.audit() == [])
    }

    @Test func `what was ordered for nothing comes back for nothing`() throws {
        let apple = try shop.product(price: 1_000)
        let order = try paid([(apple, 2)], coupon: 5_000)
        #expect(try shop.refund(order.id, some([(apple, 1)]), by: admin).storedStatus == .completed)
        #expect(try shop.refund(order.id, by: admin).storedStatus == .refunded)
        #expect(try refunds(order.id).map(\.amount) == [.zero, .zero])
        #expect(try shop.balance(user) == 1_000_000)
        #expect(try shop.audit() == [])
    }

    @Test func `a plan says what the refund then moves`() throws {
        let apple = try shop.product(price: 999)
        let order = try paid([(apple, 3)], coupon: 500)
        let refunds = try shop.served.refunds(by: .test)
        let preview = try refunds.preview(order.id, some([(apple, 2)]))
        #expect((preview.balance, preview.stock) == (Won(997_503), [apple: 97]))
        let part = preview.plan
        #expect((part.amount, part.isLast, part.coupon == nil) == (Won(1_664), false, true))
        #expect(try shop.refund(order.id, some([(apple, 2)]), by: admin).refunded == part.amount)
        let rest = try refunds.preview(order.id, .rest).plan
        #expect((rest.amount, rest.isLast, rest.coupon?.id) == (Won(833), true, order.userCoupon))
    }

    @Test func `the discount is shared out to the won, the largest remainders first`() {
        func shares(_ amounts: [Int64], _ discount: Int64) -> [Int64] {
            let paid = RefundShares.paid(for: amounts.map { Won($0) }, discount: Won(discount))
            return zip(amounts, paid).map { $0 - $1.amount }
        }
        #expect(shares([100, 100, 100], 100) == [34, 33, 33])
        #expect(shares([1, 2, 3], 4) == [1, 1, 2])
        #expect(shares([0, 5], 3) == [0, 3])
        #expect(shares([7], 7) == [7])
        #expect(shares([0, 0], 0) == [0, 0])
        // Longer than 64 bits on the way.
        let dear: Int64 = 100_000_000_000_000
        #expect(shares([dear, dear, dear], dear) == [dear / 3 + 1, dear / 3, dear / 3])
    }

    @Test func `whatever is ordered and given back in whatever parts, it is exact to the won`() throws {
        var random = SystemRandomNumberGenerator()
        for round in 0..<40 {
            let products = try (0..<Int64.random(in: 1...5, using: &random)).map { _ in
                try shop.product(price: .random(in: 0...3_333, using: &random), stock: 1_000)
            }
            let order = try paid(
                products.map { ($0, .random(in: 1...7, using: &random)) },
                coupon: Bool.random(using: &random) ? .random(in: 1...9_999, using: &random) : nil)
            var status = Order.Status.completed
            while status == .completed {
                let before = try refunds(order.id)
                let rest = OrderRest(of: order, after: before)
                let lines = rest.lines.compactMap { line in
                    let count = line.left > 0 ? Int64.random(in: 0...line.left, using: &random) : 0
                    return count > 0 ? (line.line.product, count) : nil
                }
                let isAll = lines.isEmpty || Int.random(in: 0..<6, using: &random) == 0
                let request = isAll ? RefundRequest.rest : some(lines, toStock: .random(using: &random))
                status = try shop.refund(order.id, request, by: admin).storedStatus
                #expect(try shop.balance(user) >= 0)
            }
            #expect(try refunds(order.id).reduce(Won.zero) { $0 + $1.amount } == order.final, "round \(round)")
            #expect(try shop.balance(user) == 1_000_000, "round \(round)")
        }
        #expect(try shop.audit() == [])
    }

    @Test func `the same refund clicked twice, and by two people, happens once`() throws {
        let apple = try shop.product(price: 1_000, stock: 100)
        let order = try paid([(apple, 9)])
        let (shop, admin, request) = (shop, admin, some([(apple, 2)], seen: 0))
        let clicks = Racers(8) { number in
            // Two people, each of whom clicks several times.
            let key = IdempotencyKey(text: "k\(number % 2)", of: [1])
            _ = try shop.served.refunds(by: .test).refund(
                order.id, request, Submission(caller: admin, key: key) { _ in Receipt(code: 200, bytes: []) })
        }
        let outcomes = try #require(clicks.outcomes())
        #expect(outcomes.successes == 4)
        #expect(outcomes.compactMap { $0.error as? ShopError } == Array(repeating: .refundOutdated, count: 4))
        #expect(try shop.orders.find(order.id, of: user).refunded == Won(2_000))
        #expect(try shop.audit() == [])
    }

    @Test func `whole against by line, all at once, gives back each won once`() throws {
        let apple = try shop.product(price: 1_000, stock: 100)
        let order = try paid([(apple, 9)], coupon: 100)
        let (shop, admin, one) = (shop, admin, some([(apple, 1)]))
        let racers = Racers(16) { number in
            _ = try shop.refund(order.id, number == 7 ? .rest : one, by: admin)
        }
        let outcomes = try #require(racers.outcomes())
        #expect(outcomes.allSatisfy { $0.isSuccess || $0.error as? ShopError == .orderNotCompleted })
        let refunded = try shop.orders.find(order.id, of: user)
        #expect((refunded.storedStatus, refunded.refunded) == (.refunded, order.final))
        #expect(try shop.balance(user) == 1_000_000)
        #expect(try shop.stored(apple)?.stock == 100)
        #expect(try shop.audit() == [])
    }
}
