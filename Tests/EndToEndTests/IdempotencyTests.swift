import ServerTestSupport
import Testing

/// The same key twice has one effect and two answers.
struct IdempotencyTests {
    @Test func `a replay repeats the first answer`() throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            let customer = stack.customer()
            let product = #"{"name":"꿀","price":1000,"stock":5}"#
            let coupon =
                #"{"name":"할인","discount":{"kind":"fixed","amount":1},"quantity":5,"#
                + #""opensAt":"2020-01-01T00:00:00Z","closesAt":"2099-01-01T00:00:00Z"}"#
            let steps: [(caller: Caller, path: String, body: String?)] = [
                (admin, "/admin/products", product), (admin, "/admin/coupons", coupon),
                (customer, "/balance/charges", #"{"amount":9000}"#), (customer, "/coupons/1/issue", nil),
                (customer, "/orders", #"{"items":[{"productId":1,"quantity":2}]}"#),
                (customer, "/orders/1/payment", nil), (admin, "/admin/orders/1/refund", nil),
                (customer, "/orders", #"{"items":[{"productId":1,"quantity":1}]}"#),
                (customer, "/orders/2/cancel", nil),
            ]
            for (number, step) in steps.enumerated() {
                let first = try step.caller.post(step.path, step.body, key: "key \(number)")
                let second = try step.caller.post(step.path, step.body, key: "key \(number)")
                #expect(first.status == 201 || first.status == 200, "\(step.path): \(first)")
                #expect(first["Idempotent-Replayed"] == nil)
                let head = first.whole.prefix { $0 != "{" }
                let replayed = head.replacing("\nServer:", with: "\nIdempotent-Replayed: true\nServer:")
                #expect(second.whole.hasPrefix(replayed), "\(second.whole)")
                #expect(second.body == first.body, "the same bytes, its times too")
            }
            #expect(try customer.balance() == 9_000)
            #expect(try stack.number("SELECT count(*) FROM orders") == 2)
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `a key is for one request of one user`() throws {
        try Stack.run { stack in
            let customer = stack.customer()
            try customer.must(201, customer.post("/balance/charges", #"{"amount":1000}"#, key: "a"))
            expect(
                try customer.post("/balance/charges", #"{"amount":2000}"#, key: "a"),
                is: Expected.problem(422, "idempotency_key_reused", "다른 요청에 쓰인 키입니다"))
            let other = stack.customer(1)
            #expect(try other.post("/balance/charges", #"{"amount":1000}"#, key: "a")["Idempotent-Replayed"] == nil)
            #expect(try customer.balance() == 1_000)
            #expect(try other.balance() == 1_000)
        }
    }

    @Test func `a refusal is not kept`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct(price: 5_000)
            let customer = stack.customer()
            let order = try customer.order(product)
            #expect(try customer.post("/orders/\(order)/payment", key: "pay").code == "insufficient_balance")
            try customer.charge(5_000)
            let paid = try customer.post("/orders/\(order)/payment", key: "pay")
            #expect(paid.status == 201)
            #expect(paid["Idempotent-Replayed"] == nil)
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 256), "schlüssel"])
    func `an invalid key is refused`(key: String) throws {
        try Stack.run { stack in
            let customer = stack.customer()
            let answer = try customer.post("/balance/charges", #"{"amount":1000}"#, key: key)
            #expect(answer.status == 422)
            #expect(answer.json["errors"][0]["field"] == .text("Idempotency-Key"))
            #expect(try customer.balance() == 0)
        }
    }
}
