import ServerTestSupport
import Testing

/// Whatever a client sends gets a clear problem and changes nothing.
struct BadInputTests {
    /// A request that must be refused, and how.
    struct Case: Sendable, CustomTestStringConvertible {
        let method: String
        let path: String
        let body: [UInt8]?
        let status: Int
        let code: String
        var fields: [String: String] = [:]

        var testDescription: String {
            "\(method) \(path.prefix(60)) \(String(decoding: (body ?? []).prefix(60), as: UTF8.self))"
        }

        static func get(_ path: String, _ status: Int = 422, _ code: String = "validation_failed") -> Case {
            Case(method: "GET", path: path, body: nil, status: status, code: code)
        }

        static func post(
            _ path: String, _ body: String, _ status: Int = 422, _ code: String = "validation_failed",
            _ fields: [String: String] = [:]
        ) -> Case {
            Case(method: "POST", path: path, body: Array(body.utf8), status: status, code: code, fields: fields)
        }
    }

    private static let charge = "/balance/charges"
    private static let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    private static let line = #"{"productId":1,"quantity":1}"#

    static let bodies: [Case] = [
        .post(charge, "", 400, "malformed_request"), .post(charge, "{", 400, "malformed_request"),
        .post(charge, "amount=1000", 400, "malformed_request"), .post(charge, deep, 400, "malformed_request"),
        .post(charge, #"{"amount":\#(deep)}"#, 400, "malformed_request"),
        Case(
            method: "POST", path: charge, body: Array(#"{"amount":1000,"x":""#.utf8) + [0xff, 0xfe, 0x22, 0x7d],
            status: 400, code: "malformed_request"),
        .post(charge, #"{"amount":1000}"#, 415, "unsupported_media_type", ["Content-Type": "text/plain"]),
        .post(
            charge, #"{"amount":1000}"#, 415, "unsupported_media_type",
            ["Content-Type": "application/json; charset=euc-kr"]),
        .post(charge, "null"), .post(charge, "[]"), .post(charge, "17"), .post(charge, #""text""#),
        .post(charge, "{}"), .post(charge, #"{"amount":null}"#), .post(charge, #"{"amount":"1000"}"#),
        .post(charge, #"{"amount":1000.5}"#), .post(charge, #"{"amount":true}"#), .post(charge, #"{"amount":[1000]}"#),
        .post(charge, #"{"amount":1000,"extra":1}"#), .post(charge, #"{"Amount":1000}"#),
        .post(charge, #"{"amount":9223372036854775808}"#), .post(charge, #"{"amount":1e400}"#),
        .post(charge, #"{"amount":\#(String(repeating: "9", count: 5_000))}"#),
        .post(charge, #"{"amount":9223372036854775807}"#, 422, "charge_above_maximum"),
        .post(charge, #"{"amount":-9223372036854775808}"#, 422, "charge_below_minimum"),
        .post(charge, #"{"amount":0}"#, 422, "charge_below_minimum"),
        .post("/orders", "{}"), .post("/orders", #"{"items":[]}"#), .post("/orders", #"{"items":{}}"#),
        .post("/orders", #"{"items":[null]}"#), .post("/orders", #"{"items":[[]]}"#),
        .post("/orders", #"{"items":[{"productId":0,"quantity":1}]}"#),
        .post("/orders", #"{"items":[{"productId":-1,"quantity":1}]}"#),
        .post("/orders", #"{"items":[{"productId":1,"quantity":0}]}"#),
        .post("/orders", #"{"items":[{"productId":1,"quantity":1001}]}"#),
        .post("/orders", #"{"items":[{"productId":1,"quantity":9223372036854775807}]}"#),
        .post("/orders", #"{"items":[{"productId":1,"quantity":1,"price":1}]}"#),
        .post("/orders", #"{"items":[\#(Array(repeating: line, count: 101).joined(separator: ","))]}"#),
        .post("/orders", #"{"items":[\#(line)],"userCouponId":0}"#),
        .post("/orders", #"{"items":[\#(line)],"userCouponId":null}"#),
        .post("/orders", #"{"items":[\#(line)],"userCouponId":99}"#, 404, "user_coupon_not_found"),
        .post(
            "/orders", #"{"items":[{"productId":9223372036854775807,"quantity":1}]}"#, 404, "product_not_found"),
        .post("/users", #"{"login":"ab","password":"long enough","name":"x"}"#),
        .post("/users", #"{"login":"with space","password":"long enough","name":"x"}"#),
        .post("/users", #"{"login":"한글","password":"long enough","name":"x"}"#),
        .post("/users", #"{"login":"short","password":"1234567","name":"x"}"#),
        .post("/users", #"{"login":"common","password":"12345678","name":"x"}"#),
        .post("/users", #"{"login":"kim.haneul","password":"Kim.Haneul","name":"x"}"#),
        .post("/users", #"{"login":"control","password":"long\u0007enough","name":"x"}"#),
        .post("/users", #"{"login":"nul","password":"long enough","name":"a\u0000b"}"#),
        .post("/users", #"{"login":"half","password":"long enough","name":"\ud83d"}"#, 400, "malformed_request"),
        .post("/tokens", #"{"login":"\#(String(repeating: "x", count: 65))","password":"x"}"#),
        .post("/tokens", #"{"login":["admin"],"password":{"$ne":1}}"#),
        .post("/coupons/1/issue", "", 404, "coupon_not_found"),
    ]

    static let addresses: [Case] = [
        .get("/products?limit=0"), .get("/products?limit=101"), .get("/products?limit=abc"), .get("/products?limit="),
        .get("/products?limit=1&limit=2"), .get("/products?limit=9223372036854775808"), .get("/products?sort=up"),
        .get("/products?cursor="), .get("/products?cursor=made.up.cursor"), .get("/products?cursor=1.1.1"),
        .get("/products?cursor=%00"), .get("/products?cursor=\(String(repeating: "z", count: 300))"),
        .get("/products?q=\(String(repeating: "x", count: 101))"), .get("/products?q=%00"),
        .get("/products?q=%ff%fe"), .get("/products?q=100%"), .get("/products?q=%zz"),
        .get("/products?%ff=1", 400, "malformed_request"),
        .get("/orders?cursor=1"), .get("/balance/entries?limit=-1"), .get("/users/me/coupons?cursor=x"),
        .get("/products/0", 404, "product_not_found"), .get("/products/-1", 404, "product_not_found"),
        .get("/products/01", 404, "product_not_found"), .get("/products/abc", 404, "product_not_found"),
        .get("/products/9223372036854775808", 404, "product_not_found"),
        .get("/products/1%20", 404, "product_not_found"), .get("/products/%ff", 400, "malformed_request"),
        .get("/orders/0", 404, "order_not_found"), .get("/orders/1'--", 404, "order_not_found"),
        .get("/products/", 404, "not_found"), .get("/", 404, "not_found"), .get("//products", 404, "not_found"),
        .get("/orders/1/payment/2", 404, "not_found"),
        .post("/coupons/0/issue", "", 404, "coupon_not_found"), .post("/orders/0/payment", "", 404, "order_not_found"),
        .post("/orders/99999999999999999999/cancel", "", 404, "order_not_found"),
    ]

    enum Part: CaseIterable {
        case bodies, addresses

        var cases: [Case] {
            switch self {
            case .bodies: BadInputTests.bodies
            case .addresses: BadInputTests.addresses
            }
        }
    }

    /// All against one shop, so that one can also trip over what another left behind.
    @Test(arguments: Part.allCases)
    func `bad input gets a problem and changes nothing`(part: Part) throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            _ = try admin.addProduct()
            let before = try contents(stack)
            let client = stack.client()
            for bad in part.cases {
                var fields = ["Authorization": "Bearer \(stack.tokens[0])", "Content-Type": "application/json"]
                fields.merge(bad.fields) { $1 }
                let answer = try client.send(bad.method, "/api/v1" + bad.path, fields, body: bad.body)
                #expect(answer.status == bad.status, "\(bad.testDescription): \(answer)")
                #expect(answer.code == bad.code, "\(bad.testDescription): \(answer)")
                #expect(answer["Content-Type"] == "application/problem+json")
            }
            #expect(try contents(stack) == before)
            #expect(!stack.log.contains("<3>"))
        }
    }

    static let adminBodies: [(method: String, path: String, body: String)] = [
        ("POST", "/admin/products", #"{"name":"","price":1,"stock":1}"#),
        ("POST", "/admin/products", #"{"name":"\#(String(repeating: "가", count: 201))","price":1,"stock":1}"#),
        ("POST", "/admin/products", #"{"name":"x","price":-1,"stock":1}"#),
        ("POST", "/admin/products", #"{"name":"x","price":1000000001,"stock":1}"#),
        ("POST", "/admin/products", #"{"name":"x","price":1,"stock":-1}"#),
        ("POST", "/admin/products", #"{"name":"x","price":1,"stock":1,"id":7}"#),
        ("POST", "/admin/products", #"{"name":"a\u0000b","price":1,"stock":1}"#),
        ("PATCH", "/admin/products/1", #"{"name":null}"#), ("PATCH", "/admin/products/1", #"{"stock":5}"#),
        ("PATCH", "/admin/products/1", #"{"stockChange":1000000001}"#),
        ("PATCH", "/admin/products/1", #"{"stockChange":1000000000}"#),
        ("PATCH", "/admin/products/1", #"{"listed":"no"}"#), ("PATCH", "/admin/products/1", #"{"price":-1}"#),
        ("POST", "/admin/coupons", "{}"),
        ("POST", "/admin/coupons", coupon(discount: #"{"kind":"free"}"#)),
        ("POST", "/admin/coupons", coupon(discount: #"{"kind":"percent","percent":101}"#)),
        ("POST", "/admin/coupons", coupon(discount: #"{"kind":"fixed","amount":0}"#)),
        ("POST", "/admin/coupons", coupon(discount: #"{"kind":"fixed","amount":1,"percent":1}"#)),
        ("POST", "/admin/coupons", coupon(opens: "yesterday")),
        ("POST", "/admin/coupons", coupon(opens: "2026-02-30T00:00:00Z")),
        ("POST", "/admin/coupons", coupon(opens: "2026-01-01T00:00:00")),
        ("POST", "/admin/coupons", coupon(opens: "99999-01-01T00:00:00Z")),
        ("POST", "/admin/coupons", coupon(quantity: "0")), ("POST", "/admin/coupons", coupon(quantity: "1000000001")),
    ]

    private static func coupon(
        discount: String = #"{"kind":"fixed","amount":1}"#, opens: String = "2026-01-01T00:00:00Z",
        quantity: String = "1"
    ) -> String {
        #"{"name":"x","discount":\#(discount),"quantity":\#(quantity),"opensAt":"\#(opens)","#
            + #""closesAt":"2099-01-01T00:00:00Z"}"#
    }

    @Test func `an admin's bad input gets a problem and changes nothing`() throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            _ = try admin.addProduct()
            let before = try contents(stack)
            for (method, path, body) in Self.adminBodies {
                let answer = try admin.send(method, path, body)
                #expect(answer.status == 422, "\(method) \(path) \(body.prefix(80)): \(answer)")
                #expect(answer.code == "validation_failed")
                #expect(answer.json["errors"][0]["field"].text?.isEmpty == false)
            }
            #expect(try contents(stack) == before)
        }
    }

    @Test func `every mistake is named at once`() throws {
        try Stack.run { stack throws in
            let input = #"{"login":"x","password":"short","nickname":"x"}"#
            expect(
                try stack.visitor().post("/users", input),
                is: Expected.invalid([
                    "login": "3자 이상이어야 합니다.", "password": "8자 이상이어야 합니다.", "name": "필요한 값입니다.",
                    "nickname": "알 수 없는 항목입니다.",
                ]))
        }
    }

    @Test func `what is barely HTTP gets a problem, too`() throws {
        try Stack.run { stack in
            let long = String(repeating: "x", count: 9_000)
            let raw: [(name: String, request: String, status: Int, code: String)] = [
                (
                    "a field too long", "GET /api/v1/products HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n", 400,
                    "malformed_request"
                ),
                ("no host", "GET /api/v1/products HTTP/1.1\r\n\r\n", 400, "malformed_request"),
                (
                    "two lengths",
                    "POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400,
                    "malformed_request"
                ),
                (
                    "a length below zero", "POST /api/v1/users HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400,
                    "malformed_request"
                ),
                ("an address too long", "GET /api/v1/\(long) HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long"),
                ("noise", "\u{1}\u{2}\u{3}\r\n\r\n", 400, "malformed_request"),
            ]
            for (name, request, status, code) in raw {
                let answer = try stack.client().send(raw: Array(request.utf8))
                #expect(answer.status == status, "\(name): \(answer)")
                #expect(answer.code == code, "\(name): \(answer)")
            }
            #expect(try stack.visitor().get("/products").status == 200)
        }
    }

    /// Every row of every table that a request could have changed.
    private func contents(_ stack: Stack) throws -> [String] {
        let tables = [
            "users", "balances", "balance_entries", "products", "coupons", "user_coupons", "orders", "order_lines",
            "payments", "product_sales", "idempotency_keys",
        ]
        let sql = try stack.sql()
        // Views are counted behind the answers.
        return try tables.flatMap { table in
            let columns = table == "products" ? "id, name, price, stock, supplied, listed" : "*"
            return try sql.rows(of: "SELECT \(columns) FROM \(table)").map { "\(table): \($0.joined(separator: "|"))" }
        }
    }
}
