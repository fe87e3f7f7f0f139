import ServerTestSupport
import Testing

/// Each endpoint's whole answer: products and coupons.
struct CatalogueAnswerTests {
    private static let apples =
        #"{"id":1,"name":"사과","description":"","price":1000,"stock":100,"views":0,"createdAt":"<time>"}"#

    @Test func `the product list is a page`() throws {
        try Stack.run { stack in
            _ = try stack.admin().addProduct()
            expect(
                try stack.visitor().get("/products"),
                is: Expected.json(200, #"{"items":[\#(Self.apples)],"nextCursor":null}"#))
            expect(
                try stack.visitor().get("/products?limit=0&sort=cheap"),
                is: Expected.invalid([
                    "sort": "다음 가운데 하나여야 합니다: newest, price, -price, relevance", "limit": "1 이상이어야 합니다.",
                ]))
        }
    }

    @Test func `a product is shown by its id`() throws {
        try Stack.run { stack in
            let id = try stack.admin().addProduct()
            expect(
                try stack.visitor().get("/products/\(id)"),
                is: Expected.json(200, String(Self.apples.dropLast()) + #","pictures":[]}"#))
            expect(
                try stack.visitor().get("/products/2"),
                is: Expected.problem(404, "product_not_found", "상품을 찾을 수 없습니다"))
        }
    }

    @Test func `the popular list is empty before the batch and filled by it`() throws {
        try Stack.run { stack in
            let visitor = stack.visitor()
            expect(try visitor.get("/products/popular"), is: Expected.json(200, #"{"computedAt":null,"items":[]}"#))
            _ = try stack.admin().addProduct()
            #expect(try stack.jangteo("popular").status == 0)
            expect(
                try visitor.get("/products/popular"),
                is: Expected.json(
                    200, #"{"computedAt":"<time>","items":[{"rank":1,"sales":0,"product":\#(Self.apples)}]}"#))
            expect(try visitor.post("/products/popular"), is: Expected.methodNotAllowed("GET, HEAD"))
        }
    }

    @Test func `the coupon list shows what is left`() throws {
        try Stack.run { stack in
            _ = try stack.admin().addCoupon(quantity: 3)
            expect(
                try stack.visitor().get("/coupons"),
                is: Expected.json(200, #"{"items":[\#(Self.coupon(id: 1, remaining: 3))]}"#))
            expect(try stack.visitor().post("/coupons"), is: Expected.methodNotAllowed("GET, HEAD"))
        }
    }

    @Test func `a coupon is issued once`() throws {
        try Stack.run { stack in
            let customer = stack.customer()
            let id = try stack.admin().addCoupon(quantity: 3)
            expect(try customer.post("/coupons/\(id)/issue"), is: Expected.json(201, Self.mine))
            expect(
                try customer.post("/coupons/\(id)/issue"),
                is: Expected.problem(409, "coupon_already_issued", "이미 받은 쿠폰입니다"))
            expect(
                try stack.visitor().get("/coupons"),
                is: Expected.json(200, #"{"items":[\#(Self.coupon(id: 1, remaining: 2))]}"#))
        }
    }

    @Test func `the own coupons are a page`() throws {
        try Stack.run { stack in
            let customer = stack.customer()
            let id = try stack.admin().addCoupon(quantity: 3)
            try customer.must(201, customer.post("/coupons/\(id)/issue"))
            expect(
                try customer.get("/users/me/coupons"),
                is: Expected.json(200, #"{"items":[\#(Self.mine)],"nextCursor":null}"#))
            expect(try stack.visitor().get("/users/me/coupons"), is: Expected.unauthenticated)
        }
    }

    @Test func `an admin adds products`() throws {
        try Stack.run { stack in
            let input = #"{"name":"꿀","description":"지리산 야생화","price":42000,"stock":45}"#
            expect(
                try stack.admin().post("/admin/products", input),
                is: Expected.json(
                    201,
                    #"{"id":1,"name":"꿀","description":"지리산 야생화","price":42000,"stock":45,"views":0,"#
                        + #""createdAt":"<time>","listed":true,"sku":null,"lowStock":null,"version":1}"#))
            expect(try stack.customer().post("/admin/products", input), is: Expected.forbidden)
        }
    }

    @Test func `an admin changes products`() throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            let id = try admin.addProduct()
            let mergePatch = ["Content-Type": "application/merge-patch+json"]
            expect(
                try admin.send("PATCH", "/admin/products/\(id)", #"{"stockChange":-40,"listed":false}"#, mergePatch),
                is: Expected.json(
                    200,
                    #"{"id":1,"name":"사과","description":"","price":1000,"stock":60,"views":0,"#
                        + #""createdAt":"<time>","listed":false,"sku":null,"lowStock":null,"version":2}"#))
            expect(
                try admin.send("PATCH", "/admin/products/\(id)", #"{"stockChange":-61}"#, mergePatch),
                is: Expected.problem(409, "out_of_stock", "재고가 부족합니다", detail: "상품 번호 1"))
        }
    }

    @Test func `an admin adds coupons`() throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            let input = #"""
                {"name":"주말","discount":{"kind":"percent","percent":20,"maximumAmount":10000},"minimumOrderAmount":5000,\#
                "quantity":50,"opensAt":"2099-01-01T09:00:00+09:00","closesAt":"2099-01-02T00:00:00Z","validDays":7}
                """#
            expect(
                try admin.post("/admin/coupons", input),
                is: Expected.json(
                    201,
                    #"{"id":1,"name":"주말","discount":{"kind":"percent","percent":20,"maximumAmount":10000},"#
                        + #""minimumOrderAmount":5000,"quantity":50,"remaining":50,"opensAt":"<time>","closesAt":"<time>","#
                        + #""validDays":7}"#))
            expect(
                try admin.post(
                    "/admin/coupons",
                    input.replacing("2099-01-02T00:00:00Z", with: "2098-12-31T00:00:00Z")),
                is: Expected.invalid(["closesAt": "opensAt보다 뒤여야 합니다."]))
        }
    }

    private static let mine =
        #"{"id":1,"couponId":1,"name":"할인","discount":{"kind":"fixed","amount":500},"minimumOrderAmount":0,"#
        + #""status":"issued","issuedAt":"<time>","expiresAt":"<time>","usedAt":null,"orderId":null}"#

    private static func coupon(id: Int, remaining: Int) -> String {
        #"{"id":\#(id),"name":"할인","discount":{"kind":"fixed","amount":500},"minimumOrderAmount":0,"quantity":3,"#
            + #""remaining":\#(remaining),"opensAt":"<time>","closesAt":"<time>","validDays":30}"#
    }
}
