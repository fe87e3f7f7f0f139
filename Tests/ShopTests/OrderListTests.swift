import ShopTestSupport
import Testing

@testable import Shop

/// The staff's list of all orders.
struct OrderListTests {
    let shop: TestShop
    let user: UserID
    let apple: ProductID

    init() throws {
        shop = try TestShop()
        user = try shop.customer("hana", balance: 1_000_000)
        apple = try shop.product("사과", price: 1_000, stock: 1_000)
    }

    private func orders() throws -> OrderAdministration { try shop.served.orderAdministration(for: .test) }

    private func numbers(_ list: OrderList) -> [Int64] { list.orders.map(\.order.id.value) }

    /// Makes so many orders, a minute apart, and pays for every other one.
    private func make(_ count: Int) throws {
        for number in 1...count {
            let order = try shop.order([(apple, 1)], user)
            if number.isMultiple(of: 2) { _ = try shop.pay(order.id, user) }
            shop.clock.advance(.minutes(1))
        }
    }

    private func selection(
        _ status: Order.Status? = nil, customer: UserID? = nil, isRefunded: Bool = false
    ) -> OrderSelection {
        let all = Timestamp(milliseconds: .min)..<Timestamp(milliseconds: .max)
        return OrderSelection(
            customer: customer, product: nil, status: status, isRefunded: isRefunded, hasCoupon: false, made: all,
            paid: nil, now: shop.clock.now)
    }

    @Test(arguments: [false, true])
    func `its parts together are the whole list, whoever orders meanwhile`(_ isOfOne: Bool) throws {
        try make(11)
        let query = OrderQuery(login: isOfOne ? "Hana" : nil)
        var (found, position): ([Int64], OrderPosition?) = ([], nil)
        repeat {
            let part = try orders().list(query, after: position, limit: 3)
            found += numbers(part)
            position = part.next
            _ = try shop.order([(apple, 1)], user)
        } while position != nil
        #expect(found == (1...11).reversed().map(Int64.init))
    }

    @Test func `orders of one instant are each in one part`() throws {
        for _ in 0..<5 { _ = try shop.order([(apple, 1)], user) }
        let first = try orders().list(OrderQuery(), after: nil, limit: 3)
        let second = try orders().list(OrderQuery(), after: first.next, limit: 3)
        #expect(numbers(first) + numbers(second) == [5, 4, 3, 2, 1])
        #expect(second.next == nil)
    }

    @Test func `a part that has looked at enough ends there, and says how far back it looked`() throws {
        try make(10)
        for customer in [nil, user] {
            try shop.store.read { tx in
                let wanted = selection(.completed, customer: customer)
                let part = try tx.orderLists.list(wanted, after: nil, limit: 50, lookingAt: 4)
                #expect(numbers(part) == [10, 8])
                #expect(part.next?.id == OrderID(7) && part.lookedBackTo == part.next?.createdAt)
                let next = try tx.orderLists.list(wanted, after: part.next, limit: 50, lookingAt: 4)
                #expect(numbers(next) == [6, 4])
                let last = try tx.orderLists.list(wanted, after: next.next, limit: 50, lookingAt: 4)
                #expect(numbers(last) == [2])
                #expect(last.next == nil && last.lookedBackTo == nil)
                let totals = try tx.orderLists.totals(wanted, lookingAt: 4)
                #expect((totals.count, totals.paid, totals.since) == (2, Won(2_000), part.lookedBackTo))
            }
        }
    }

    @Test func `refunded orders are found without looking at the others`() throws {
        try make(10)
        for id in [OrderID(2), OrderID(8)] { _ = try shop.refund(id, by: user) }
        try shop.store.read { tx in
            let part = try tx.orderLists.list(selection(isRefunded: true), after: nil, limit: 50, lookingAt: 3)
            #expect(numbers(part) == [8, 2])
            #expect(part.next == nil)
        }
    }

    @Test func `the totals are of what was paid, saved and given back`() throws {
        let mine = try shop.issue(try shop.coupon(.fixed(Won(300))), user)
        let order = try shop.order([(apple, 2)], coupon: mine.id, user)
        _ = try shop.pay(order.id, user)
        _ = try shop.order([(apple, 5)], user)
        let one = RefundRequest([OrderRequestLine(product: apple, quantity: Quantity(1))])
        _ = try shop.refund(order.id, one, by: user)
        let expected = OrderTotals(
            count: 2, paid: Won(1_700), discount: Won(300), refunded: Won(850), since: nil)
        #expect(try orders().totals(OrderQuery()) == expected)
        #expect(try orders().totals(OrderQuery(login: "nobody")) == .none)
        #expect(try orders().totals(OrderQuery(number: order.id)).count == 1)
    }

    @Test func `a number is one order, if the rest of what is asked for holds for it`() throws {
        try make(3)
        func found(_ query: OrderQuery) throws -> [Int64] { numbers(try orders().list(query, after: nil, limit: 10)) }
        #expect(try found(OrderQuery(number: OrderID(2))) == [2])
        #expect(try found(OrderQuery(number: OrderID(2), login: "HANA", status: .completed)) == [2])
        #expect(try found(OrderQuery(number: OrderID(2), status: .pending)) == [])
        #expect(try found(OrderQuery(number: OrderID(9))) == [])
        _ = try shop.customer("other")
        #expect(try found(OrderQuery(number: OrderID(2), login: "other")) == [])
        #expect(try orders().totals(OrderQuery(number: OrderID(1), status: .completed)).count == 0)
    }

    @Test func `days are those of the shop's calendar`() throws {
        // Just before and just after midnight in Korea.
        let day = shop.policy.calendar.day(of: shop.clock.now) + 1
        let midnight = shop.policy.calendar.firstHour(of: day).start
        for time in [midnight - Timestamp.Span(milliseconds: 1), midnight] {
            shop.clock.set(time)
            _ = try shop.order([(apple, 1)], user)
        }
        func on(_ from: Day?, _ to: Day?) throws -> [Int64] {
            numbers(try orders().list(OrderQuery(from: from, to: to), after: nil, limit: 10))
        }
        #expect(try on(day, day) == [2])
        #expect(try on(day - 1, day - 1) == [1])
        #expect(try on(nil, day - 1) == [1])
        #expect(try on(day - 1, nil) == [2, 1])
        #expect(try on(day + 1, day - 1) == [])
    }

    @Test(arguments: [false, true])
    func `days of payment find what was paid then, whenever it was made and whatever became of it`(
        _ isOfOne: Bool
    ) throws {
        let day = shop.policy.calendar.day(of: shop.clock.now) + 1
        let midnight = shop.policy.calendar.firstHour(of: day).start
        func sell(_ made: Timestamp, paid: Timestamp?) throws -> OrderID {
            shop.clock.set(made)
            let order = try shop.order([(apple, 1)], user)
            if let paid {
                shop.clock.set(paid)
                _ = try shop.pay(order.id, user)
            }
            return order.id
        }
        _ = try sell(midnight - .minutes(20), paid: midnight - .minutes(10))
        let late = try sell(midnight - .minutes(5), paid: midnight + .minutes(5))
        let given = try sell(midnight + .minutes(10), paid: midnight + .minutes(11))
        _ = try sell(midnight + .minutes(12), paid: nil)
        let next = try sell(midnight + .days(1) - .minutes(1), paid: midnight + .days(1))
        _ = try shop.refund(given, by: user)
        func paid(_ from: Day?, _ to: Day?, refunded: Bool = false) throws -> [Int64] {
            let query = OrderQuery(
                login: isOfOne ? "hana" : nil, isRefunded: refunded, from: from, to: to, isByPayment: true)
            let found = numbers(try orders().list(query, after: nil, limit: 10))
            #expect(try orders().totals(query).count == Int64(found.count))
            return found
        }
        #expect(try paid(day, day) == [given.value, late.value])
        #expect(try paid(day, day, refunded: true) == [given.value])
        #expect(try paid(day - 1, day - 1) == [1])
        #expect(try paid(day + 1, nil) == [next.value])
        #expect(try paid(nil, nil) == [next.value, given.value, late.value, 1])
    }
}
