import HTTPTypes
import Testing

@testable import Web

struct RouterTests {
    let router: Router

    init() {
        var router = Router()
        func answer(_ text: String) -> Router.Handler {
            { request, _ in Response(.ok, body: Array("\(request.method) \(text)".utf8)) }
        }
        router.on(.get, "/products", answer("list"))
        router.on(.get, "/products/popular", answer("popular"))
        router.on(.get, "/products/:id") { _, path in Response(.ok, body: Array("one \(path["id"])".utf8)) }
        router.on(.post, "/products", answer("add"))
        router.on(.delete, "/tokens/current", answer("revoke"))
        router.on(.post, "/orders/:order/lines/:line") { _, path in
            Response(.ok, body: Array("\(path["order"])/\(path["line"])".utf8))
        }
        router.on(.get, "/office", isHidden: true, answer("office"))
        self.router = router
    }

    private func ask(_ method: HTTPRequest.Method, _ target: String) throws -> String {
        String(decoding: try router.respond(to: Request(method: method, target: target)).body, as: UTF8.self)
    }

    @Test func `a path and a method find their handler`() throws {
        #expect(try ask(.get, "/products") == "GET list")
        #expect(try ask(.post, "/products") == "POST add")
    }

    @Test func `the query is not part of the path`() throws {
        #expect(try ask(.get, "/products?q=/x/y?z") == "GET list")
        let request = Request(method: .get, target: "/products?q=1?2")
        #expect(request.path == "/products")
        #expect(request.query == "q=1?2")
    }

    @Test func `a literal segment wins over a parameter`() throws {
        #expect(try ask(.get, "/products/popular") == "GET popular")
        #expect(try ask(.get, "/products/7") == "one 7")
    }

    @Test func `each parameter has its own value`() throws {
        #expect(try ask(.post, "/orders/3/lines/4") == "3/4")
    }

    @Test func `parameters are decoded after the path is split`() throws {
        #expect(try ask(.get, "/products/a%2Fb") == "one a/b")
        #expect(try ask(.get, "/products/%EA%B0%80") == "one 가")
        #expect(try ask(.get, "/products/a+b") == "one a+b")
    }

    @Test(arguments: ["/products/%", "/products/%2", "/products/%zz", "/products/%ff", "/products/%C0%AF"])
    func `a malformed parameter makes the request malformed`(_ target: String) {
        #expect(throws: RequestError.malformed("percent-encoding or UTF-8 in the path")) { try ask(.get, target) }
    }

    @Test(arguments: [
        "/", "", "*", "/nothing", "/product", "/products/", "/products//", "//products", "/products/7/",
        "/products/7/x",
        "/orders/3", "/orders/3/lines", "/orders//lines/4", "/Products", "/products/../products", "products",
        "/%70roducts",
        "http://shop/products",
    ])
    func `any other path is not found`(_ target: String) {
        #expect(throws: RequestError.notFound) { try ask(.get, target) }
    }

    @Test func `another method is told the allowed ones`() {
        #expect(throws: RequestError.methodNotAllowed([.get, .head, .options, .post])) { try ask(.put, "/products") }
        #expect(throws: RequestError.methodNotAllowed([.delete, .options])) { try ask(.get, "/tokens/current") }
        #expect(throws: RequestError.methodNotAllowed([.options, .post])) { try ask(.get, "/orders/3/lines/4") }
        #expect(throws: RequestError.methodNotAllowed([.get, .head, .options])) {
            try ask(.options, "/products/popular")
        }
    }

    @Test func `a hidden route is not found by another method`() throws {
        #expect(try ask(.get, "/office") == "GET office")
        #expect(try ask(.head, "/office") == "HEAD office")
        #expect(throws: RequestError.notFound) { try ask(.post, "/office") }
        #expect(throws: RequestError.notFound) { try ask(.options, "/office") }
    }

    @Test func `HEAD is answered by every GET and by nothing else`() throws {
        #expect(try ask(.head, "/products/7") == "one 7")
        #expect(throws: RequestError.methodNotAllowed([.delete, .options])) { try ask(.head, "/tokens/current") }
        #expect(throws: RequestError.notFound) { try ask(.head, "/nothing") }
    }
}
