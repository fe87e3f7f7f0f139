import CoreMetrics
import HTTPTypes
import Logging
import Shop
import ShopStore
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// A shop's pages, requested without a server in between.
struct PageShop {
    let shop: TestShop
    let site: Site
    private let responder: ShopResponder

    init(policy: Policy = .test) throws {
        shop = try TestShop(policy: policy)
        let storefront = try Storefront(folder: StorefrontTests.original, overriding: nil, timeZone: "Asia/Seoul")
        site = Site(shop.served, storefront, RefusalMetrics(NOOPMetricsHandler.instance))
        let operations = Operations(readiness: shop.readiness) { .init(mediaType: "", text: "") }
        responder = ShopResponder(shop.served, storefront, operations, logger: .silent)
    }

    /// A new customer, logged in.
    func customer(_ login: String, name: String = "손님") throws -> (id: UserID, token: Token) {
        let token = try shop.accounts.signUpAndLogIn(SignUp(login: login, password: "correct horse", name: name)).token
        return (try #require(try shop.accounts.customer(token)).user.id, token)
    }

    func respond(_ request: Request) -> Response { responder.respond(to: request) }

    /// Requests a page like a browser with these cookies.
    func get(_ path: String, as token: Token? = nil, cookies: [String] = [], in language: String = "ko") -> Response {
        respond(Request(method: .get, target: path, fields: fields(token, cookies, language)))
    }

    /// Sends a form from one of the shop's pages.
    func post(
        _ path: String, _ form: String, as token: Token? = nil, cookies: [String] = [], more: HTTPFields = [:]
    ) -> Response {
        var fields = fields(token, cookies, "ko")
        fields[.contentType] = "application/x-www-form-urlencoded"
        for field in more { fields[field.name] = field.value }
        return respond(Request(method: .post, target: path, fields: fields, body: .bytes(Array(form.utf8))))
    }

    private func fields(_ token: Token?, _ cookies: [String], _ language: String) -> HTTPFields {
        var fields: HTTPFields = [.acceptLanguage: language, .host: "shop.example"]
        let all = cookies + (token.map { ["session=\($0.text)"] } ?? [])
        if !all.isEmpty { fields[.cookie] = all.joined(separator: "; ") }
        return fields
    }
}

extension Response {
    /// A cookie that the answer sets, as the browser sends it back: `name=value`.
    func cookie(_ name: String) -> String? {
        fields.filter { $0.name == .setCookie }.map { String($0.value.prefix { $0 != ";" }) }
            .first { $0.hasPrefix(name + "=") }
    }

    var html: String { String(decoding: body, as: UTF8.self) }

    /// What a Korean page's header says about the basket, for eyes and for ears.
    func says(basket count: Int) -> Bool {
        html.contains("class=\"count\" aria-hidden=\"true\">\(count)</span><span class=\"visually-hidden\">\(count)가지<")
    }

    /// The value of a hidden field in the page's first form.
    func value(of name: String) -> String? {
        html.split(separator: "name=\"\(name)\" value=\"").dropFirst().first.map { String($0.prefix { $0 != "\"" }) }
    }
}
