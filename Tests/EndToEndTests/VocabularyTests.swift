import ServerTestSupport
import Testing

/// What applies to every endpoint: methods, HEAD, languages, keys.
struct VocabularyTests {
    private static let paths: [(path: String, allow: String)] = [
        ("/users", "POST"), ("/users/me", "GET, HEAD"), ("/tokens", "POST"), ("/tokens/current", "DELETE"),
        ("/balance", "GET, HEAD"), ("/balance/charges", "POST"), ("/balance/entries", "GET, HEAD"),
        ("/products", "GET, HEAD"), ("/products/popular", "GET, HEAD"), ("/products/1", "GET, HEAD"),
        ("/coupons", "GET, HEAD"), ("/coupons/1/issue", "POST"), ("/users/me/coupons", "GET, HEAD"),
        ("/orders", "GET, HEAD, POST"), ("/orders/1", "GET, HEAD"), ("/orders/1/cancel", "POST"),
        ("/orders/1/payment", "GET, HEAD, POST"), ("/admin/products", "GET, HEAD, POST"),
        ("/admin/products/1", "GET, HEAD, PATCH"),
        ("/admin/coupons", "GET, HEAD, POST"), ("/admin/orders/1/refund", "POST"),
    ]

    @Test func `another method is refused and told the allowed ones`() throws {
        try Stack.run { stack throws in
            for (path, allow) in Self.paths {
                expect(try stack.customer().send("PUT", path), is: Expected.methodNotAllowed(allow))
            }
        }
    }

    @Test func `a HEAD answers the head of the GET`() throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            let customer = stack.customer()
            let product = try admin.addProduct()
            try customer.charge(10_000)
            let order = try customer.order(product)
            try customer.must(201, customer.post("/orders/\(order)/payment"))
            for (path, allow) in Self.paths where allow.hasPrefix("GET, HEAD") {
                let client = path.hasPrefix("/admin/") ? admin : customer
                let get = try client.get(path)
                let head = try client.send("HEAD", path)
                #expect(get.status == 200, "\(path)")
                #expect(head.body.isEmpty)
                #expect(head["Content-Length"] == get["Content-Length"], "\(path)")
                #expect(fieldNames(head) == fieldNames(get), "\(path)")
                #expect(head.status == get.status)
            }
        }
    }

    private func fieldNames(_ answer: HTTPAnswer) -> [String] { answer.fields.map(\.name).sorted() }

    @Test(arguments: [
        ("en", "en", "Please log in"), ("en-GB,en;q=0.9,ko;q=0.8", "en", "Please log in"),
        ("ko", "ko", "로그인이 필요합니다"), ("fr,de;q=0.5", "ko", "로그인이 필요합니다"), ("", "ko", "로그인이 필요합니다"),
        ("en;q=0.1, ko;q=0.2", "ko", "로그인이 필요합니다"),
    ])
    func `problems speak the language that is asked for`(asked: String, language: String, title: String) throws {
        try Stack.run { stack throws in
            let fields = asked.isEmpty ? [:] : ["Accept-Language": asked]
            expect(
                try stack.visitor().get("/balance", fields),
                is: Expected.problem(
                    401, "unauthenticated", title, language: language, #"WWW-Authenticate: Bearer realm="jangteo""#))
        }
    }

    @Test func `nginx's own problems look like ours`() throws {
        try Stack.run { stack in
            let client = stack.client()
            func problem(_ status: Int, _ code: String, _ title: String, _ language: String = "ko") -> String {
                // nginx adds no Cache-Control: these answers may be shared.
                Expected.problem(status, code, title, language: language)
                    .replacing("Cache-Control: no-store\n", with: "")
            }
            let refused = problem(405, "method_not_allowed", "이 주소에는 쓸 수 없는 방법입니다")
                .replacing("Method Not Allowed", with: "Not Allowed")
                .replacing(
                    "Connection: keep-alive",
                    with: "Allow: GET, HEAD, OPTIONS, POST, PATCH, DELETE\nConnection: close")
            expect(try client.send("TRACE", "/api/v1/products"), is: refused)
            let large = [UInt8](repeating: 0x20, count: 1024 * 1024 + 1)
            let tooLarge = try client.send("POST", "/api/v1/users", body: large)
            #expect(tooLarge.status == 413)
            #expect(tooLarge.code == "payload_too_large")
        }
    }

    @Test func `outside the API people get a page`() throws {
        try Stack.run { stack in
            let client = stack.client()
            for (language, heading) in [("ko", "찾을 수 없습니다"), ("en", "There is nothing here")] {
                let answer = try client.send("GET", "/elsewhere", ["Accept-Language": language])
                #expect(answer.status == 404)
                #expect(answer["Content-Type"] == "text/html; charset=utf-8")
                #expect(answer["Content-Language"] == language)
                #expect(answer.text.contains("<h1>\(heading)</h1>"))
            }
        }
    }

    @Test func `without a responder the problem says so`() throws {
        try Stack.run { stack in
            #expect(try stack.stopResponder() == 0)
            let answer = try stack.customer().post("/balance/charges", #"{"amount":1000}"#)
            #expect(answer.status == 503)
            #expect(answer.code == "unavailable")
            #expect((1...8).contains(answer["Retry-After"].flatMap { Int($0) } ?? 0))
        }
    }

    @Test func `long answers are compressed for clients that accept it`() throws {
        try Stack.run { stack in
            #expect(try stack.jangteo("demo", "--products", "30").status == 0)
            let plain = try stack.visitor().get("/products")
            #expect(plain["Content-Encoding"] == nil)
            #expect(plain["Vary"] == "Accept-Encoding")
            let zipped = try stack.visitor().get("/products", ["Accept-Encoding": "gzip"])
            #expect(zipped["Content-Encoding"] == "gzip")
            #expect(zipped.body.prefix(2) == [0x1f, 0x8b])
            #expect(zipped.body.count < plain.body.count / 2)
        }
    }
}
