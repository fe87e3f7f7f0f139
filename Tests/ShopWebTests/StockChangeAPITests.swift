import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// A change of stock that a program sends again, as it has not heard whether it arrived.
struct StockChangeAPITests {
    private let pages: PageShop
    private let token: Token

    init() throws {
        pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "사장", role: .manager))
        token = try pages.shop.accounts.logIn(login: "boss", password: "correct horse", from: .program("")).token
    }

    private func change(_ product: ProductID, _ body: String, key: String?) throws -> Response {
        var fields: HTTPFields = [.host: "shop.example", .contentType: "application/merge-patch+json"]
        fields[.authorization] = "Bearer \(token.text)"
        fields[try #require(HTTPField.Name("Idempotency-Key"))] = key
        return pages.respond(
            Request(
                method: .patch, target: "/api/v1/admin/products/\(product.value)", fields: fields,
                body: .bytes(Array(body.utf8))))
    }

    @Test func `with a key it takes effect once, and is answered alike`() throws {
        let product = try pages.shop.product(stock: 5)
        let first = try change(product, #"{"stockChange":100,"stockReason":"delivery"}"#, key: "truck 7")
        let second = try change(product, #"{"stockChange":100,"stockReason":"delivery"}"#, key: "truck 7")
        #expect((first.status, second.status) == (.ok, .ok) && first.html == second.html)
        #expect(first.html.contains("\"stock\":105"))
        #expect(try pages.shop.stored(product)?.stock == 105)
        #expect(try change(product, #"{"stockChange":1}"#, key: "truck 7").status == .unprocessableContent)
        for stock in [106, 107] {
            #expect(try change(product, #"{"stockChange":1}"#, key: nil).html.contains("\"stock\":\(stock)"))
        }
        #expect(try pages.shop.audit() == [])
    }

    @Test func `a key counts for one product`() throws {
        let (apple, pear) = (try pages.shop.product(stock: 5), try pages.shop.product(stock: 5))
        #expect(try change(apple, #"{"stockChange":1}"#, key: "k").status == .ok)
        #expect(try change(pear, #"{"stockChange":1}"#, key: "k").status == .unprocessableContent)
        #expect(try change(ProductID(99), #"{"stockChange":1}"#, key: "x").status == .notFound)
        #expect(try pages.shop.stored(pear)?.stock == 5)
    }
}
