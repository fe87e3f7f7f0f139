import Foundation
import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Every address of the staff's, as every role, as a customer and as a stranger.
struct OfficeAccessTests {
    /// What each page and form takes; nil for what all of the staff may see.
    private static let pages: [(method: HTTPRequest.Method, route: SiteRoute, permission: Permission?)] = [
        (.get, .officeOrders, .readOrders), (.get, .officeOrder, .readOrders),
        (.get, .customersFile, .readCustomers), (.get, .couponHoldersFile, .readCoupons),
        (.get, .entriesFile, .readCustomers), (.get, .customerCouponsFile, .readCustomers),
        (.get, .correctionsFile, .correctBalances), (.get, .staffFile, .manageAccounts),
        (.get, .stockFile, .readProducts), (.get, .checkedRowsFile, .changeProducts),
        (.get, .ordersFile, .readOrders), (.get, .productImport, .changeProducts),
        (.post, .productImport, .changeProducts),
        (.get, .checkedImport, .changeProducts), (.get, .applyImport, .changeProducts),
        (.post, .applyImport, .changeProducts), (.get, .productsFile, .readProducts),
        (.get, .officeOrderNotes, .writeNotes), (.post, .officeOrderNotes, .writeNotes),
        (.get, .severalRefunds, .refundOrders), (.post, .severalRefunds, .refundOrders),
        (.get, .severalNotes, .writeNotes), (.post, .severalNotes, .writeNotes),
        (.get, .officeRefund, .refundOrders), (.post, .officeRefund, .refundOrders),
        (.get, .officeRefundCheck, .refundOrders), (.post, .officeRefundCheck, .refundOrders),
        (.get, .figures, .readFigures), (.get, .figureProducts, .readFigures),
        (.get, .figuresFile, .readFigures), (.get, .figureProductsFile, .readFigures),
        (.get, .customers, .readCustomers), (.get, .customer, .readCustomers),
        (.get, .customerEntries, .readCustomers), (.get, .customerCoupons, .readCustomers),
        (.get, .endCustomerSessions, .endSessions),
        (.post, .endCustomerSessions, .endSessions), (.get, .closeCustomer, .closeCustomers),
        (.post, .closeCustomer, .closeCustomers), (.get, .correctBalance, .correctBalances),
        (.post, .correctBalance, .correctBalances), (.get, .corrections, .correctBalances),
        (.get, .correction, .correctBalances), (.get, .confirmCorrection, .correctBalances),
        (.post, .confirmCorrection, .correctBalances), (.get, .refuseCorrection, .correctBalances),
        (.post, .refuseCorrection, .correctBalances), (.get, .staff, .manageAccounts),
        (.post, .staff, .manageAccounts), (.get, .staffAccount, .manageAccounts),
        (.get, .staffRole, .manageAccounts), (.post, .staffRole, .manageAccounts),
        (.get, .staffPassword, .manageAccounts), (.post, .staffPassword, .manageAccounts),
        (.get, .endStaffSessions, .manageAccounts), (.post, .endStaffSessions, .manageAccounts),
        (.get, .removeStaffFactor, .manageAccounts), (.post, .removeStaffFactor, .manageAccounts),
        (.get, .closeStaff, .manageAccounts), (.post, .closeStaff, .manageAccounts),

        (.get, .managedProducts, .readProducts), (.post, .managedProducts, .changeProducts),
        (.get, .newProduct, .changeProducts), (.get, .managedProduct, .readProducts),
        (.post, .managedProduct, .changeProducts), (.get, .changeStock, .changeProducts),
        (.post, .changeStock, .changeProducts),
        (.get, .productListing, .changeProducts), (.post, .productListing, .changeProducts),
        (.get, .productRows, .changeProducts),
        (.post, .productRows, .changeProducts), (.get, .severalProducts, .changeProducts),
        (.post, .severalProducts, .changeProducts),
        (.get, .office, nil), (.get, .officeCoupons, .readCoupons), (.post, .officeCoupons, .addCoupons),
        (.get, .couponFile, .readCoupons), (.get, .newCoupon, .addCoupons), (.get, .couponPreview, .addCoupons),
        (.post, .couponPreview, .addCoupons), (.get, .officeCoupon, .readCoupons), (.get, .closeCoupon, .addCoupons),
        (.post, .closeCoupon, .addCoupons), (.get, .trace, .readTrace), (.get, .traceFile, .readTrace),
        (.get, .roles, nil),
        (.get, .officePictures, .changeProducts), (.post, .officePictures, .changeProducts),
        (.get, .officePicture, .changeProducts), (.post, .officePicture, .changeProducts),
        (.get, .removePicture, .changeProducts), (.post, .removePicture, .changeProducts),
    ]

    /// What each call of the API takes.
    private static let calls: [(method: HTTPRequest.Method, pattern: String, permission: Permission?)] = [
        (.post, "/products", .changeProducts), (.post, "/products/changes", .changeProducts),
        (.patch, "/products/:id", .changeProducts),
        (.get, "/products", .readProducts), (.get, "/products/:id", .readProducts),
        (.get, "/products/:id/stock", .readProducts), (.post, "/coupons", .addCoupons),
        (.get, "/orders", .readOrders), (.get, "/orders/:id", .readOrders), (.post, "/orders/:id/notes", .writeNotes),
        (.get, "/coupons", .readCoupons), (.get, "/coupons.csv", .readCoupons), (.get, "/coupons/:id", .readCoupons),
        (.get, "/coupons/:id/holders", .readCoupons), (.post, "/coupons/:id/close", .addCoupons),
        (.get, "/products/:id/pictures", .changeProducts), (.post, "/products/:id/pictures", .changeProducts),
        (.patch, "/products/:id/pictures/:hash", .changeProducts),
        (.delete, "/products/:id/pictures/:hash", .changeProducts),
        (.post, "/orders/notes", .writeNotes), (.post, "/orders/refunds", .refundOrders),
        (.post, "/orders/:id/refund", .refundOrders), (.post, "/orders/:id/refund/preview", .refundOrders),
        (.get, "/corrections/:id", .correctBalances), (.post, "/customers/:id/corrections/preview", .correctBalances),
        (.get, "/trace", .readTrace),
        (.get, "/trace.csv", .readTrace),
        (.post, "/products/imports", .changeProducts), (.get, "/products/imports", .changeProducts),
        (.get, "/products/imports/:id", .changeProducts),
        (.get, "/products/imports/:id/rows", .changeProducts), (.post, "/products/imports/:id/apply", .changeProducts),
        (.get, "/customers.csv", .readCustomers), (.get, "/coupons/:id/holders.csv", .readCoupons),
        (.get, "/products.csv", .readProducts), (.get, "/orders.csv", .readOrders),
        (.get, "/products/:id/stock.csv", .readProducts), (.get, "/products/imports/:id/rows.csv", .changeProducts),
        (.get, "/customers/:id/entries.csv", .readCustomers), (.get, "/customers/:id/coupons.csv", .readCustomers),
        (.get, "/corrections.csv", .correctBalances), (.get, "/staff.csv", .manageAccounts),
        (.get, "/figures", .readFigures), (.get, "/figures/today", .readFigures),
        (.get, "/figures/products", .readFigures),
        (.get, "/figures.csv", .readFigures), (.get, "/figures/products.csv", .readFigures),

        (.get, "/customers", .readCustomers), (.get, "/customers/:id", .readCustomers),
        (.get, "/customers/:id/entries", .readCustomers), (.get, "/customers/:id/orders", .readCustomers),
        (.get, "/customers/:id/coupons", .readCustomers), (.get, "/customers/:id/sessions", .readCustomers),
        (.get, "/customers/:id/corrections", .readCustomers), (.delete, "/customers/:id/sessions", .endSessions),
        (.delete, "/customers/:id", .closeCustomers), (.post, "/customers/:id/corrections", .correctBalances),
        (.get, "/corrections", .correctBalances), (.post, "/corrections/:id/confirm", .correctBalances),
        (.post, "/corrections/:id/refuse", .correctBalances),

        (.get, "/staff", .manageAccounts), (.post, "/staff", .manageAccounts),
        (.get, "/staff/:id", .manageAccounts), (.patch, "/staff/:id", .manageAccounts),
        (.delete, "/staff/:id", .manageAccounts), (.patch, "/staff/:id/password", .manageAccounts),
        (.delete, "/staff/:id/sessions", .manageAccounts), (.delete, "/staff/:id/second-factor", .manageAccounts),
    ]

    let shop: PageShop
    private let routes: [(method: HTTPRequest.Method, pattern: String)]

    init() throws {
        shop = try PageShop()
        var router = Router()
        addPages(to: &router, shop.site)
        addAPI(to: &router, shop.site)
        routes = router.routes
    }

    private func logIn(_ role: Role) throws -> Token {
        _ = try shop.shop.administration.create(
            SignUp(login: role.rawValue, password: "correct horse", name: "직원", role: role))
        return try shop.shop.accounts.logIn(
            login: role.rawValue, password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    /// Makes one of each thing that an address can name, with the number 1, and a second account, of the staff.
    private func stock() throws {
        let customer = try shop.shop.customer("buyer", balance: 10_000)
        _ = try shop.shop.administration.create(
            SignUp(login: "clerk", password: "correct horse", name: "점원", role: .reader))
        _ = try shop.shop.coupon()
        let product = try shop.shop.product()
        _ = try shop.shop.served.pictureAdministration(by: .shell("root")).add(picture, text: "사과", to: product)
        let order = try shop.shop.order([(product, 1)], customer)
        _ = try shop.shop.pay(order.id, customer)
        _ = try shop.shop.correct(60_000, of: customer, by: .test)
        _ = try shop.shop.served.productImports(by: .test).check(
            hash: [UInt8](repeating: 1, count: 32), ignored: []
        ) { pass in
            var row = ProductRow(number: 2)
            row.id = product
            try pass(row)
        }
    }

    private let picture = FakePicture()

    /// With the name of something that there is for each parameter.
    private func target(_ pattern: String) -> String {
        let number = pattern.contains("/staff/") ? 2 : 1
        return pattern.split(separator: "/").map { part in
            part == ":hash" ? "/\(picture.hash.hex)" : part.first == ":" ? "/\(number)" : "/\(part)"
        }.joined()
    }

    /// What a page puts into its form besides, without which nobody's would be taken.
    private static let shown: [SiteRoute: String] = [
        .severalNotes: "orders=1.0", .severalRefunds: "orders=1.0", .officeRefund: "seen=0",
        .officeRefundCheck: "seen=0",
        .managedProduct: "version=1",
    ]

    private func isAllowed(_ permission: Permission?, to role: Role) -> Bool {
        permission.map(role.permissions.contains) ?? role.isStaff
    }

    @Test func `each route is listed`() {
        let pages = Self.pages.map { "\($0.method) \($0.route.rawValue)" }
        let calls = Self.calls.map { "\($0.method) /api/v1/admin\($0.pattern)" }
        let found = routes.filter { $0.pattern.contains("/admin") }.map { "\($0.method) \($0.pattern)" }
        #expect(found.sorted() == (pages + calls).sorted())
    }

    @Test(arguments: Role.allCases)
    func `who may not see a page or send its form is told that there is none`(_ role: Role) throws {
        try stock()
        let token = try logIn(role)
        let nothing = shop.get("/nothing", as: token)
        for (method, route, permission) in Self.pages {
            let path = target(route.rawValue)
            let response = method == .get ? shop.get(path, as: token) : shop.post(path, "", as: token)
            if isAllowed(permission, to: role) {
                // A form without its token is refused; its address leads to its page.
                let expected: [HTTPResponse.Status] = method == .get ? [.ok, .seeOther] : [.forbidden]
                #expect(expected.contains(response.status), "\(method) \(route) \(response.status)")
            } else {
                #expect(response.status == .notFound, "\(method) \(route)")
                #expect(response.html.contains("<h1>") && response.fields == nothing.fields, "\(method) \(route)")
            }
        }
    }

    /// What one sends may take away what the next one needs: each goes to a shop of its own.
    private func withOwnShop(_ role: Role, _ send: (PageShop, Token) -> Void) throws {
        let own = try Self()
        try own.stock()
        send(own.shop, try own.logIn(role))
    }

    @Test(arguments: Role.allCases.filter(\.isStaff))
    func `who may send a form is answered as its page answers`(_ role: Role) throws {
        for (method, route, permission) in Self.pages where method == .post && isAllowed(permission, to: role) {
            try withOwnShop(role) { shop, token in
                let key = Token.random().text
                let response = shop.post(
                    target(route.rawValue), "csrf=\(token.formToken())&key=\(key)&\(Self.shown[route] ?? "")", as: token
                )
                let expected: [HTTPResponse.Status] = [.seeOther, .ok, .unprocessableContent]
                #expect(expected.contains(response.status), "\(route) \(response.status)")
            }
        }
    }

    @Test func `nor is there one for a visitor, or for whoever was staff`() throws {
        let token = try logIn(.owner)
        _ = try shop.shop.administration.create(
            SignUp(login: "partner", password: "correct horse", name: "동업자", role: .owner))
        #expect(shop.get("/admin", as: token).status == .ok)
        _ = try shop.shop.administration.setRole(of: "owner", to: .customer)
        for (_, route, _) in Self.pages {
            let path = target(route.rawValue)
            #expect(shop.get(path).status == .notFound, "\(route)")
            #expect(shop.get(path, cookies: ["session=nonsense"]).status == .notFound, "\(route)")
            #expect(shop.get(path, as: token).status == .notFound, "\(route)")
            #expect(shop.post(path, "csrf=x").status == .notFound, "\(route)")
        }
    }

    @Test(arguments: [HTTPRequest.Method.options, .delete, .put])
    func `no other method tells that there is one`(_ method: HTTPRequest.Method) {
        for (_, route, _) in Self.pages {
            let response = shop.respond(Request(method: method, target: target(route.rawValue)))
            #expect(response.status == .notFound && response.fields[.allow] == nil, "\(route)")
        }
    }

    private func call(_ method: HTTPRequest.Method, _ pattern: String, of shop: PageShop, as token: Token?)
        -> HTTPResponse.Status
    {
        var fields: HTTPFields = [.host: "shop.example", .contentType: "application/json"]
        if let token { fields[.authorization] = "Bearer \(token.text)" }
        let target = "/api/v1/admin" + target(pattern)
        let body = Request.Body.bytes(Array("{}".utf8))
        return shop.respond(Request(method: method, target: target, fields: fields, body: body)).status
    }

    @Test(arguments: Role.allCases)
    func `a call is forbidden to whose role does not have it`(_ role: Role) throws {
        let token = try logIn(role)
        for (method, pattern, permission) in Self.calls {
            if !isAllowed(permission, to: role) {
                #expect(call(method, pattern, of: shop, as: token) == .forbidden, "\(method) \(pattern)")
            }
            #expect(call(method, pattern, of: shop, as: nil) == .unauthorized, "\(method) \(pattern)")
        }
    }

    @Test(arguments: Role.allCases.filter(\.isStaff))
    func `a call is answered to whose role has it`(_ role: Role) throws {
        for (method, pattern, permission) in Self.calls where isAllowed(permission, to: role) {
            try withOwnShop(role) { shop, token in
                let status = call(method, pattern, of: shop, as: token)
                // Who has no second factor can lose none.
                let isMissing = pattern == "/staff/:id/second-factor"
                let refused: [HTTPResponse.Status] =
                    [.unauthorized, .forbidden, .methodNotAllowed] + (isMissing ? [] : [.notFound])
                #expect(status.code < 500 && !refused.contains(status), "\(method) \(pattern) \(status)")
            }
        }
    }
}
