import ServerTestSupport
import Testing

/// Each endpoint's whole answer: orders and payments.
struct OrderAnswerTests {
    /// An order of three apples with a coupon of 500.
    private static func order(_ status: String, completed: Bool = false, refunded: Int = 0) -> String {
        #"{"id":1,"userId":2,"status":"\#(status)","items":[{"productId":1,"name":"사과","unitPrice":1000,"quantity":3,"#
            + #""amount":3000}],"totalAmount":3000,"discountAmount":500,"finalAmount":2500,"#
            + #""refundedAmount":\#(refunded),"userCouponId":1,"createdAt":"<time>","expiresAt":"<time>","#
            + #""completedAt":\#(completed ? #""<time>""# : "null")}"#
    }

    private static func payment(_ status: String) -> String {
        #"{"id":1,"orderId":1,"amount":2500,"status":"\#(status)","balance":7500,"paidAt":"<time>"}"#
    }

    private struct Scene {
        let stack: Stack
        let admin: Caller
        let customer: Caller
        let placed: HTTPAnswer
    }

    /// A customer with 10,000 won who has ordered.
    private func withOrder(_ test: (Scene) throws -> Void) throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            let product = try admin.addProduct()
            let coupon = try admin.addCoupon()
            let customer = stack.customer()
            try customer.charge(10_000)
            let mine = try customer.must(201, customer.post("/coupons/\(coupon)/issue")).id()
            let placed = try customer.post(
                "/orders", #"{"items":[{"productId":\#(product),"quantity":3}],"userCouponId":\#(mine)}"#)
            try test(Scene(stack: stack, admin: admin, customer: customer, placed: placed))
        }
    }

    @Test func `an order copies names and prices`() throws {
        try withOrder { scene in
            expect(scene.placed, is: Expected.json(201, Self.order("pending")))
            expect(
                try scene.customer.post("/orders", #"{"items":[{"productId":1,"quantity":101}]}"#),
                is: Expected.problem(409, "out_of_stock", "재고가 부족합니다", detail: "상품 번호 1"))
        }
    }

    @Test func `the own orders are a page`() throws {
        try withOrder { scene in
            expect(
                try scene.customer.get("/orders"),
                is: Expected.json(200, #"{"items":[\#(Self.order("pending"))],"nextCursor":null}"#))
            expect(
                try scene.stack.customer(1).get("/orders"), is: Expected.json(200, #"{"items":[],"nextCursor":null}"#))
            expect(try scene.stack.visitor().get("/orders"), is: Expected.unauthenticated)
        }
    }

    @Test func `an order is its owner's alone`() throws {
        try withOrder { scene in
            expect(try scene.customer.get("/orders/1"), is: Expected.json(200, Self.order("pending")))
            expect(try scene.stack.customer(1).get("/orders/1"), is: Expected.orderNotFound)
        }
    }

    @Test func `an order is cancelled once`() throws {
        try withOrder { scene in
            expect(try scene.customer.post("/orders/1/cancel"), is: Expected.json(200, Self.order("cancelled")))
            expect(
                try scene.customer.post("/orders/1/cancel"),
                is: Expected.problem(409, "order_not_pending", "결제 대기 중인 주문이 아닙니다"))
        }
    }

    @Test func `an order is paid once`() throws {
        try withOrder { scene in
            expect(try scene.customer.post("/orders/1/payment"), is: Expected.json(201, Self.payment("paid")))
            expect(
                try scene.customer.post("/orders/1/payment"),
                is: Expected.problem(409, "order_not_pending", "결제 대기 중인 주문이 아닙니다"))
            expect(
                try scene.customer.get("/orders/1"), is: Expected.json(200, Self.order("completed", completed: true)))
            #expect(try scene.stack.auditDifferences() == nil)
        }
    }

    @Test func `the answer says how much the balance is short`() throws {
        try withOrder { scene in
            let dear = try scene.admin.addProduct("한우", price: 33_900)
            let order = try scene.customer.order(dear)
            expect(
                try scene.customer.post("/orders/\(order)/payment"),
                is: Expected.problem(409, "insufficient_balance", "잔액이 부족합니다", detail: "23,900원이 모자랍니다."))
            #expect(try scene.customer.balance() == 10_000)
        }
    }

    @Test func `the payment is there once it is made`() throws {
        try withOrder { scene in
            expect(
                try scene.customer.get("/orders/1/payment"),
                is: Expected.problem(404, "payment_not_found", "결제 내역이 없습니다"))
            try scene.customer.must(201, scene.customer.post("/orders/1/payment"))
            expect(try scene.customer.get("/orders/1/payment"), is: Expected.json(200, Self.payment("paid")))
        }
    }

    @Test func `a refund gives all of it back once`() throws {
        try withOrder { scene in
            try scene.customer.must(201, scene.customer.post("/orders/1/payment"))
            expect(
                try scene.admin.post("/admin/orders/1/refund"),
                is: Expected.json(200, Self.order("refunded", completed: true, refunded: 2_500)))
            expect(
                try scene.admin.post("/admin/orders/1/refund"),
                is: Expected.problem(409, "order_not_completed", "결제가 끝난 주문이 아닙니다"))
            expect(try scene.customer.post("/admin/orders/1/refund"), is: Expected.forbidden)
            expect(try scene.customer.get("/orders/1/payment"), is: Expected.json(200, Self.payment("refunded")))
            #expect(try scene.customer.balance() == 10_000)
            #expect(try scene.stack.auditDifferences() == nil)
        }
    }
}
