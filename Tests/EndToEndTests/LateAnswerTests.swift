import SQLite
import ServerTestSupport
import Testing

/// What a customer is told when it is too late, or too often.
struct LateAnswerTests {
    /// Moves what the statement changes into the past: no test waits half an hour.
    private func moveToThePast(_ stack: Stack, _ sql: String) throws { try stack.sql().execute(sql) }

    @Test func `an order not paid in time shows as expired and is not paid`() throws {
        try Stack.run { stack in
            let product = try stack.admin().addProduct()
            let customer = stack.customer()
            try customer.charge(10_000)
            let order = try customer.order(product)
            try moveToThePast(
                stack, "UPDATE orders SET expires_at = created_at + 1")
            #expect(try customer.get("/orders/\(order)").json["status"] == .text("expired"))
            #expect(try customer.get("/orders").json["items"][0]["status"] == .text("expired"))
            expect(
                try customer.post("/orders/\(order)/payment"),
                is: Expected.problem(409, "order_expired", "결제 기한이 지난 주문입니다"))
            expect(
                try customer.post("/orders/\(order)/cancel"),
                is: Expected.problem(409, "order_not_pending", "결제 대기 중인 주문이 아닙니다"))
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test func `a coupon not used in time shows as expired and is not taken`() throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            let product = try admin.addProduct()
            let customer = stack.customer()
            let mine = try customer.must(201, customer.post("/coupons/\(admin.addCoupon())/issue")).id()
            try moveToThePast(stack, "UPDATE user_coupons SET issued_at = 1, expires_at = 2")
            #expect(try customer.get("/users/me/coupons").json["items"][0]["status"] == .text("expired"))
            expect(
                try customer.post(
                    "/orders", #"{"items":[{"productId":\#(product),"quantity":1}],"userCouponId":\#(mine)}"#),
                is: Expected.problem(
                    409, "coupon_not_usable", "사용할 수 없는 쿠폰입니다", detail: "이미 썼거나 기간이 지났습니다."))
        }
    }

    @Test func `whoever guesses passwords is told to wait`() throws {
        try Stack.run { stack in
            let visitor = stack.visitor()
            let wrong = #"{"login":"nobody","password":"wrong password"}"#
            for _ in 0..<5 { try visitor.must(401, visitor.post("/tokens", wrong)) }
            let refused = try visitor.post("/tokens", wrong)
            #expect(refused.status == 429)
            #expect(refused.code == "too_many_attempts")
            #expect(refused["Retry-After"] == "1")
            // nginx's view of the address is used: others behind it may still log in.
            #expect(try stack.number("SELECT failures FROM failed_logins WHERE subject = 'address 127.0.0.1'") == 5)
        }
    }

    /// Both ends of the calendar, in UTC.
    @Test(arguments: [
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", 201),
        ("1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", 201),
        ("2020-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", 422),
        ("0001-01-01T00:00:00+01:00", "2099-01-01T00:00:00Z", 422),
        ("0000-01-01T00:00:00Z", "2099-01-01T00:00:00Z", 422),
    ])
    func `a time is accepted if it can be answered`(opensAt: String, closesAt: String, status: Int) throws {
        try Stack.run { stack in
            let body = #"""
                {"name":"할인","discount":{"kind":"fixed","amount":1},"quantity":1,"opensAt":"\#(opensAt)",\#
                "closesAt":"\#(closesAt)"}
                """#
            let answer = try stack.admin().post("/admin/coupons", body)
            #expect(answer.status == status, "\(answer)")
            if status == 201 { #expect(answer.json["closesAt"].text?.prefix(19) == closesAt.prefix(19)) }
        }
    }

    @Test func `a request that cannot be read is refused in the client's language`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let connection = try stack.fastCGI()
            for (language, title) in [("en", "The request cannot be read"), ("ko", "요청을 읽을 수 없습니다")] {
                try connection.wire.send(
                    FastCGIRecord.begin()
                        + FastCGIRecord.stream(
                            FastCGIRecord.parameters,
                            FastCGIRecord.pairs([("REQUEST_METHOD", "GET"), ("HTTP_ACCEPT_LANGUAGE", language)]))
                        + FastCGIRecord.stream(FastCGIRecord.input, []))
                #expect(try connection.answer().json["title"] == .text(title))
            }
        }
    }
}
