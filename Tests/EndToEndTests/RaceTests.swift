import ServerTestSupport
import Testing

/// Many clients after the same thing, through nginx; the audit has the last word.
@Suite(.serialized) struct RaceTests {
    @Test func `exactly the quantity of a coupon is issued`() throws {
        try Stack.run { stack in
            let coupon = try stack.admin().addCoupon(quantity: 30)
            // Each customer tries twice at once.
            let answers = try atOnce(200) { number in
                try stack.customer(number % 100).post("/coupons/\(coupon)/issue")
            }
            #expect(answers.count { $0.status == 201 } == 30)
            #expect(answers.allSatisfy { $0.status == 201 || $0.status == 409 })
            let refusals = Set(answers.filter { $0.status == 409 }.compactMap(\.code))
            #expect(refusals.isSubset(of: ["coupon_sold_out", "coupon_already_issued"]))
            #expect(try stack.number("SELECT count(DISTINCT user_id) FROM user_coupons") == 30)
            #expect(try stack.number("SELECT remaining FROM coupons") == 0)
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `the last items are sold once`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct(price: 1_000, stock: 20)
            let orders = try atOnce(60) { number in
                let customer = stack.customer(number)
                try customer.charge(1_000)
                return try customer.order(product)
            }
            let answers = try atOnce(60) { number in
                try stack.customer(number).post("/orders/\(orders[number])/payment")
            }
            #expect(answers.count { $0.status == 201 } == 20)
            #expect(answers.filter { $0.status != 201 }.allSatisfy { $0.code == "out_of_stock" })
            #expect(try stack.number("SELECT stock FROM products") == 0)
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `one order is paid or cancelled once`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct()
            for number in 0..<10 {
                let customer = stack.customer(number)
                try customer.charge(10_000)
                let order = try customer.order(product)
                let answers = try atOnce(16) { attempt in
                    try stack.customer(number).post("/orders/\(order)/\(attempt % 4 == 0 ? "cancel" : "payment")")
                }
                #expect(answers.count { $0.status < 300 } == 1)
                #expect(answers.filter { $0.status >= 300 }.allSatisfy { $0.code == "order_not_pending" })
            }
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `one balance pays for no more than it holds`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct(price: 1_000)
            let customer = stack.customer()
            try customer.charge(10_000)
            let orders = try (0..<20).map { _ in try customer.order(product) }
            let answers = try atOnce(20) { number in try stack.customer().post("/orders/\(orders[number])/payment") }
            #expect(answers.count { $0.status == 201 } == 10)
            #expect(answers.filter { $0.status != 201 }.allSatisfy { $0.code == "insufficient_balance" })
            #expect(try customer.balance() == 0)
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `charges of one user are all counted`() throws {
        try Stack.run { stack in
            try atOnce(48) { number in
                let customer = stack.customer()
                for _ in 0..<5 { try customer.charge(1_000 + number) }
            }
            #expect(try stack.customer().balance() == (0..<48).reduce(0) { $0 + 5 * (1_000 + Int64($1)) })
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `one key has one effect`() throws {
        try Stack.run { stack in
            let answers = try atOnce(64) { number in
                try stack.customer(number % 4).post(
                    "/balance/charges", #"{"amount":100\#(number % 4)}"#, key: "the same")
            }
            #expect(answers.allSatisfy { $0.status == 201 })
            #expect(answers.count { $0["Idempotent-Replayed"] == nil } == 4)
            #expect(Set(answers.map(\.text)).count == 4)
            #expect(try stack.number("SELECT count(*) FROM balance_entries") == 4)
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `one coupon pays for one order`() throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            let product = try admin.addProduct(price: 2_000)
            let coupon = try admin.addCoupon()
            let customer = stack.customer()
            try customer.charge(100_000)
            let mine = try customer.must(201, customer.post("/coupons/\(coupon)/issue")).id()
            let orders = try (0..<16).map { _ in try customer.order(product, coupon: mine) }
            let answers = try atOnce(16) { number in try stack.customer().post("/orders/\(orders[number])/payment") }
            #expect(answers.count { $0.status == 201 } == 1)
            #expect(answers.filter { $0.status != 201 }.allSatisfy { $0.code == "coupon_not_usable" })
            #expect(try customer.balance() == 98_500)
            #expect(try stack.auditDifferences() == nil)
        }
    }
}
