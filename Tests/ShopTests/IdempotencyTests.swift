import Shop
import ShopTestSupport
import Testing

struct IdempotencyTests {
    let shop: TestShop
    let user: UserID

    init() throws {
        shop = try TestShop()
        user = try shop.customer()
    }

    /// Charges with a key; the receipt says what it was.
    private func charge(
        _ amount: Int64 = 1_000, key: String, request: String = "POST /charges 1000", by caller: UserID? = nil
    ) throws -> Receipt {
        try shop.balances.charge(
            Won(amount),
            Submission(caller: caller ?? user, key: .init(text: key, of: Array(request.utf8))) { entry in
                Receipt(code: 201, bytes: Array("\(entry.id.value): \(entry.balance.amount)".utf8))
            })
    }

    @Test func `the same key with the same request happens once and is answered the same`() throws {
        let first = try charge(key: "k")
        let second = try charge(key: "k")
        #expect(!first.isReplayed)
        #expect(second.isReplayed)
        #expect(second.code == first.code)
        #expect(second.bytes == first.bytes)
        #expect(try shop.balance(user) == 1_000)
        #expect(try shop.audit() == [])
    }

    @Test func `other keys, and no key, happen each time`() throws {
        _ = try charge(key: "a")
        _ = try charge(key: "A")
        _ = try shop.charge(1_000, user)
        #expect(try shop.balance(user) == 3_000)
    }

    @Test func `the same key with another request is refused, and changes nothing`() throws {
        _ = try charge(key: "k")
        #expect(throws: ShopError.idempotencyKeyReused) { try charge(2_000, key: "k", request: "POST /charges 2000") }
        // Not even the other request's content is looked at.
        #expect(throws: ShopError.idempotencyKeyReused) { try charge(1, key: "k", request: "POST /charges 1") }
        #expect(try shop.balance(user) == 1_000)
        #expect(try charge(key: "k").isReplayed)
    }

    @Test func `an accepted charge is answered again after the policy has changed`() throws {
        let first = try charge(key: "k")
        var policy = Policy()
        policy.minimumCharge = Won(5_000)
        let balances = shop.served.with(policy: policy).balances
        let key = IdempotencyKey(text: "k", of: Array("POST /charges 1000".utf8))
        let again = try balances.charge(
            Won(1_000), Submission(caller: user, key: key) { _ in Receipt(code: 500, bytes: []) })
        #expect(again.isReplayed)
        #expect(again.bytes == first.bytes)
        #expect(throws: ShopError.chargeBelowMinimum(Won(5_000))) {
            try balances.charge(Won(1_000), Submission(caller: user, key: nil) { _ in Receipt(code: 500, bytes: []) })
        }
    }

    @Test func `an answer is kept for 24 hours to the millisecond`() throws {
        _ = try charge(key: "k")
        shop.clock.advance(Timestamp.Span(milliseconds: 24 * 3_600_000 - 1))
        #expect(try charge(key: "k").isReplayed)
        shop.clock.advance(Timestamp.Span(milliseconds: 1))
        #expect(try !charge(key: "k").isReplayed)
        #expect(try shop.balance(user) == 2_000)
        #expect(try charge(key: "k").isReplayed)
    }

    @Test func `an expired key may be used for another request`() throws {
        _ = try charge(key: "k")
        shop.clock.advance(.hours(24))
        #expect(try !charge(2_000, key: "k", request: "other").isReplayed)
        #expect(throws: ShopError.idempotencyKeyReused) { try charge(key: "k") }
    }

    @Test func `the batch forgets expired keys, and no others`() throws {
        _ = try charge(key: "k")
        shop.clock.advance(Timestamp.Span(milliseconds: 24 * 3_600_000 - 1))
        _ = try charge(key: "l")
        #expect(try shop.housekeeping.run().forgottenKeys == 0)
        shop.clock.advance(Timestamp.Span(milliseconds: 1))
        #expect(try shop.housekeeping.run().forgottenKeys == 1)
        #expect(try shop.rows("SELECT key FROM idempotency_keys") == ["l"])
    }

    @Test func `a refusal is not stored but decided anew`() throws {
        let apple = try shop.product()
        let order = try shop.order([(apple, 1)], user)
        func pay() throws -> Receipt {
            try shop.payments.pay(
                order.id,
                Submission(caller: user, key: .init(text: "k", of: [1])) { payment in
                    Receipt(code: 201, bytes: Array("\(payment.order.value)".utf8))
                })
        }
        #expect(throws: ShopError.insufficientBalance(missing: Won(1_000))) { try pay() }
        #expect(try shop.rows("SELECT count(*) FROM idempotency_keys") == ["0"])
        _ = try shop.charge(1_000, user)
        #expect(try !pay().isReplayed)
        #expect(try pay().isReplayed)
        #expect(try shop.balance(user) == 0)
    }

    @Test func `the same key of another user is another key`() throws {
        let other = try shop.customer("other")
        _ = try charge(key: "k")
        #expect(try !charge(key: "k", request: "another", by: other).isReplayed)
        #expect(try shop.balance(user) == 1_000)
        #expect(try shop.balance(other) == 1_000)
    }

    @Test func `a coupon issued with a key is answered again, sold out or not`() throws {
        let coupon = try shop.coupon(quantity: 1)
        func issue(_ key: String, request: UInt8 = 1) throws -> Receipt {
            try shop.coupons.issue(
                coupon,
                Submission(caller: user, key: .init(text: key, of: [request])) { mine in
                    Receipt(code: 201, bytes: Array("\(mine.id.value)".utf8))
                })
        }
        let first = try issue("k")
        let second = try issue("k")
        #expect(second.isReplayed)
        #expect(second.bytes == first.bytes)
        #expect(throws: ShopError.idempotencyKeyReused) { try issue("k", request: 2) }
        #expect(throws: ShopError.couponAlreadyIssued) { try issue("l") }
        #expect(try shop.audit() == [])
    }

    @Test func `products, orders and refunds take keys, too`() throws {
        func once<Outcome>(_ key: String, _ call: (Submission<Outcome>) throws -> Receipt) throws {
            let submission = Submission<Outcome>(caller: user, key: .init(text: key, of: [])) { _ in
                Receipt(code: 201, bytes: [])
            }
            #expect(try !call(submission).isReplayed)
            #expect(try call(submission).isReplayed)
        }
        _ = try shop.charge(10_000, user)
        try once("product") {
            try shop.served.productAdministration(by: .test).add(
                ProductDraft(name: "쌀", description: "", price: Won(5), stock: 5), $0)
        }
        let rice = try #require(try shop.products.list(ProductQuery()).items.first?.id)
        let now = shop.clock.now
        try once("coupon") {
            try shop.served.couponAdministration(by: .test).add(
                CouponDraft(
                    name: "c", discount: .fixed(Won(1)), minimumOrderAmount: .zero, quantity: 1, opensAt: now,
                    closesAt: now + .days(1), validDays: 1), $0)
        }
        let line = OrderRequestLine(product: rice, quantity: Quantity(1))
        try once("order") { try shop.orders.create([line], coupon: .without, $0) }
        let order = try #require(try shop.orders.list(of: user, before: nil, limit: 9).items.first?.id)
        try once("pay") { try shop.payments.pay(order, $0) }
        try once("refund") { try shop.served.refunds(by: .test).refund(order, .rest, $0) }
        let other = try shop.order([(rice, 1)], user)
        try once("cancel") { try shop.orders.cancel(other.id, $0) }
        #expect(try shop.rows("SELECT (SELECT count(*) FROM products), (SELECT count(*) FROM coupons)") == ["1|1"])
        #expect(try shop.rows("SELECT count(*) FROM orders") == ["2"])
        #expect(try shop.audit() == [])
    }
}
