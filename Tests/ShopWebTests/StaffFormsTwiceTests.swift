import Foundation
import HTTPTypes
import Shop
import ShopTestSupport
import Testing
import Web

@testable import ShopWeb

/// Every form of the staff's, sent twice alike, as a button pressed twice sends it.
struct StaffFormsTwiceTests {
    private typealias Fields = [(name: String, value: String)]

    private let pages: PageShop
    private var shop: TestShop { pages.shop }
    private let token: Token
    private let picture = FakePicture()

    init() throws {
        pages = try PageShop()
        _ = try pages.shop.administration.create(
            SignUp(login: "boss", password: "correct horse", name: "사장", role: .owner))
        token = try pages.shop.accounts.logIn(
            login: "boss", password: "correct horse", from: .browser("192.0.2.1", device: nil)
        ).token
    }

    /// Makes one of each thing that a form is about.
    private func stock() throws {
        let buyer = try shop.customer("buyer", balance: 10_000)
        _ = try shop.accounts.signUpAndLogIn(SignUp(login: "second", password: "correct horse", name: "손님"))
        _ = try shop.coupon()
        let product = try shop.product()
        _ = try shop.served.pictureAdministration(by: .shell("root")).add(picture, text: "사과", to: product)
        let order = try shop.order([(product, 1)], buyer)
        _ = try shop.pay(order.id, buyer)
        _ = try shop.pay(try shop.order([(product, 1)], buyer).id, buyer)
        _ = try shop.correct(60_000, of: buyer, by: .test)
        _ = try shop.administration.create(
            SignUp(login: "clerk", password: "correct horse", name: "직원", role: .support))
        _ = try shop.accounts.logIn(
            login: "clerk", password: "correct horse", from: .browser("192.0.2.2", device: nil))
        _ = try shop.served.productImports(by: .test).check(
            hash: [UInt8](repeating: 1, count: 32), ignored: []
        ) { pass in
            var row = ProductRow(number: 2)
            row.id = product
            row.price = Won(1_500)
            try pass(row)
        }
    }

    private func id(of login: String) throws -> Int64 { try shop.administration.account(login).user.id.value }

    private static let coupon: Fields = [
        ("name", "봄"), ("kind", "fixed"), ("discount", "500"), ("minimum", "0"), ("quantity", "10"),
        ("opensAt", "2026-03-02T12:00"), ("closesAt", "2026-03-09T12:00"), ("validDays", "30"),
    ]
    private static let product: Fields = [
        ("name", "배"), ("price", "1000"), ("stock", "3"), ("description", ""), ("sku", ""), ("lowStock", ""),
        ("listed", "1"),
    ]

    /// What is sent to each form: the numbers in its address, and its fields. A file goes with those that take one.
    private func forms() throws -> [(route: SiteRoute, ids: [String], fields: Fields, file: String?)] {
        let (second, clerk) = (String(try id(of: "second")), String(try id(of: "clerk")))
        return [
            (.officeOrderNotes, ["1"], [("note", "전화함")], nil),
            (.severalNotes, [], [("orders", "1.0 2.0"), ("note", "전화함")], nil),
            (.severalRefunds, [], [("orders", "2.0"), ("stock", "1")], nil),
            (.officeRefundCheck, ["1"], [("what", "rest"), ("seen", "0"), ("stock", "1")], nil),
            (.officeRefund, ["1"], [("what", "rest"), ("seen", "0"), ("stock", "1")], nil),
            (
                .correctBalance, [second],
                [("step", "correct"), ("direction", "add"), ("amount", "500"), ("explanation", "사과의 뜻")], nil
            ),
            (.confirmCorrection, ["1"], [], nil), (.refuseCorrection, ["2"], [], nil),
            (.endCustomerSessions, [second], [], nil), (.closeCustomer, [second], [], nil),
            (
                .staff, [], [("login", "nina"), ("name", "니나"), ("role", "reader"), ("password", "battery staple")],
                nil
            ),
            (.endStaffSessions, [clerk], [], nil), (.staffPassword, [clerk], [("new", "battery staple")], nil),
            (.removeStaffFactor, [clerk], [], nil),
            (.staffRole, [clerk], [("role", "manager")], nil), (.staffRole, [clerk], [("role", "customer")], nil),
            (.closeStaff, [String(try id(of: "reader"))], [], nil),
            (.managedProducts, [], Self.product, ""), (.managedProducts, [], Self.product + [("text", "배")], "pear"),
            (.managedProduct, ["1"], Self.product + [("version", "1"), ("mark", "")], nil),
            (.changeStock, ["1"], [("stockChange", "5"), ("reason", "delivery")], nil),
            (.productListing, ["1"], [("listed", "0")], nil),
            (.productRows, [], [("rows", "1"), ("was-1", "3.1000.0"), ("price-1", "1200")], nil),
            (.severalProducts, [], [("action", "list"), ("products", "1.4")], nil),
            (.officePictures, ["1"], [("text", "큰 사과")], "second"),
            (.officePictures, ["1"], [("text", "더 큰 사과")], "second"),
            (
                .officePicture, ["1", picture.hash.hex],
                [("position", "2"), (PictureRow.textField(picture.hash), "작은 사과")], nil
            ),
            (.removePicture, ["1", picture.hash.hex], [], nil),
            (.couponPreview, [], Self.coupon, nil), (.officeCoupons, [], Self.coupon, nil),
            (.closeCoupon, ["1"], [], nil),
            (.productImport, [], [], "sku,name,price,stock\nG-1,감,1000,3\n"), (.applyImport, ["1"], [], nil),
        ]
    }

    private func send(_ path: String, _ fields: Fields, _ file: String?) -> Response {
        guard let file else {
            let form = fields.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
            return pages.post(path, form, as: token)
        }
        let parts = fields.map { name, value in
            "--x1\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }
        let name = path.hasSuffix("import") ? "csv" : "file"
        let form =
            parts.joined() + "--x1\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"a\"\r\n\r\n"
            + file + "\r\n--x1--\r\n"
        var head: HTTPFields = [.host: "shop.example", .acceptLanguage: "ko"]
        head[.contentType] = "multipart/form-data; boundary=x1"
        head[.cookie] = "session=\(token.text)"
        return pages.respond(Request(method: .post, target: path, fields: head, body: .bytes(Array(form.utf8))))
    }

    private func path(_ route: SiteRoute, _ ids: [String]) -> String {
        var ids = ids[...]
        return route.rawValue.split(separator: "/").map { part in
            "/" + (part.first == ":" ? ids.popFirst() ?? "" : String(part))
        }.joined()
    }

    /// How much there is of all that a form can make.
    private func everything() throws -> [String] {
        try [
            "trace", "order_events", "refunds", "balance_entries", "corrections", "users", "products", "coupons",
            "product_pictures", "product_imports", "stock_movements",
        ].map { "\($0): \(try shop.rows("SELECT count(*) FROM \($0)"))" }
    }

    @Test func `the second answer is like the first, and nothing has happened twice`() throws {
        try stock()
        _ = try shop.correct(60_000, of: UserID(try id(of: "buyer")), by: .test)
        _ = try shop.administration.create(
            SignUp(login: "reader", password: "correct horse", name: "직원", role: .reader))
        var sent: Set<SiteRoute> = []
        for form in try forms() {
            if form.route == .removeStaffFactor { try giveFactor(to: UserID(try id(of: "clerk"))) }
            let path = path(form.route, form.ids)
            let fields = [("csrf", token.formToken()), ("key", Token.random().text)] + form.fields
            let (before, first) = (try everything(), send(path, fields, form.file))
            let between = try everything()
            let (second, after) = (send(path, fields, form.file), try everything())
            #expect(first.status == .seeOther || Self.onlyShow.contains(form.route), "\(path): \(first.html)")
            #expect(first.status == second.status, "\(path)")
            #expect(first.fields[.location] == second.fields[.location], "\(path)")
            #expect(first.cookie("notice") == second.cookie("notice"), "\(path)")
            #expect(between == after, "\(path)")
            if !Self.onlyShow.contains(form.route), form.route != .applyImport { #expect(before != between, "\(path)") }
            sent.insert(form.route)
        }
        var router = Router()
        addPages(to: &router, pages.site)
        let all = router.routes.filter { $0.method == .post && $0.pattern.hasPrefix("/admin") }.map(\.pattern)
        #expect(Set(all) == Set(sent.map(\.rawValue)))
    }

    /// They change nothing: a page says what would be done.
    private static let onlyShow: Set<SiteRoute> = [.officeRefundCheck, .couponPreview]

    private func giveFactor(to user: UserID) throws {
        let now = shop.clock.now
        try shop.execute(
            """
            INSERT INTO second_factors (user_id, secret, since, last_step)
            VALUES (\(user.value), x'\(String(repeating: "ab", count: 20))', \(now.milliseconds), 0)
            """)
    }
}
