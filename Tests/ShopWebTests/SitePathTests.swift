import Foundation
import HTTPTypes
import Shop
import Testing
import Web

@testable import ShopWeb

/// Every link and form leads somewhere.
struct SitePathTests {
    private let router: Router
    private let templates: [String]

    init() throws {
        var router = Router()
        let pages = try PageShop()
        addPages(to: &router, pages.site)
        // The pages link to its description.
        addAPI(to: &router, pages.site)
        self.router = router
        let folder = StorefrontTests.original + "/templates"
        templates = try Storefront.files(folder).map { try Storefront.text("\(folder)/\($0)") }
    }

    private static let hash = ModelSamples.hash
    private static let paths: [SitePath] = [
        .home, .language(.korean, next: "/"), .products(), .products("사과 배", in: .cheapestFirst, cursor: "1.2.x"),
        .product(ProductID(12)), .coupons, .myCoupons(), .myCoupons(cursor: "1.x"), .coupon(CouponID(3)),
        .coupon(CouponID(3), isTaken: true), .takeCoupon(CouponID(3)), .basket(), .basket(choosing: .without),
        .basket(choosing: .one(UserCouponID(4))), .orders(), .orders(cursor: "1.x"), .order(OrderID(5)),
        .order(OrderID(5), isPaid: true), .payment(of: OrderID(5)), .couponOfOrder(OrderID(5)), .orderAgain(OrderID(5)),
        .cancelOrder(OrderID(5)), .balance(), .balance(cursor: "1.x"), .balance(with: EntryID(6)),
        .balance(charging: Won(1_000), next: nil), .balance(charging: Won(1_000), next: "/orders/5/pay"),
        .managedProducts(), .newProduct(), .newProduct(copying: ProductID(7)), .managedProduct(ProductID(7)),
        .managedProduct(ProductID(7), cursor: "1.x"), .changeStock(of: ProductID(7)), .productListing(ProductID(7)),
        .managedProducts(
            ManagedProductQuery(filter: .low, order: .name), typed: "사과 배", cursor: "1.2.x", isEditing: true),
        .customers(), .customers(CustomerQuery("김 1", in: .closed), cursor: "1.2.x"), .customer(UserID(8)),
        .customerEntries(UserID(8)), .customerEntries(UserID(8), cursor: "1.x"),
        .customerCoupons(UserID(8), cursor: "1.x"), .endCustomerSessions(UserID(8)),
        .closeCustomer(UserID(8)), .correctBalance(UserID(8)), .corrections(), .corrections(cursor: "1.x"),
        .correction(BalanceCorrectionID(9)), .confirmCorrection(BalanceCorrectionID(9)),
        .refuseCorrection(BalanceCorrectionID(9)), .staff(), .staff(cursor: "1.x"), .staffAccount(UserID(8)),
        .staffRole(UserID(8)), .staffPassword(UserID(8)), .endStaffSessions(UserID(8)), .closeStaff(UserID(8)),
        .removeStaffFactor(UserID(8)),
        .logIn(next: "/"), .signUp(next: "/"), .account, .problem("not_found"), .office, .officeOrders(),
        .officeOrders(OrderQuery(login: "a b", product: ProductID(1), isRefunded: true), cursor: "1.x"),
        .officeOrder(OrderID(5)), .officeOrderNotes(OrderID(5)), .officeRefund(OrderID(5)),
        .officeRefundCheck(OrderID(5)), .officeCoupons(.open, cursor: "1.x"), .couponFile(.closed), .newCoupon(),
        .newCoupon([HiddenField(name: "name", value: "가&b")]), .couponPreview,
        .officeCoupon(CouponID(3), isUsed: true, cursor: "1.x"), .closeCoupon(CouponID(3)), .trace(),
        .traceFile(TraceQuery()), .roles, .ordersFile(OrderQuery(login: "a b", hasCoupon: true)),
        .entriesFile(of: UserID(8)), .customerCouponsFile(of: UserID(8)), .correctionsFile, .staffFile,
        .stockFile(of: ProductID(7)), .checkedRowsFile(ProductImportID(8), .wrong),
        .customersFile(CustomerQuery("a b", in: .staff)), .couponHoldersFile(CouponID(3), isUsed: true),
        .productsFile(ManagedProductQuery(filter: .low), typed: "사과 배"), .productImport,
        .checkedImport(ProductImportID(8), .wrong, cursor: "1.x"), .applyImport(ProductImportID(8)),
        .figures(), .figures(Day(number: 1)...Day(number: 2), by: .hour),
        .figureProducts(Day(number: 1)...Day(number: 2)), .figuresFile(Day(number: 1)...Day(number: 2), by: .day),
        .figureProductsFile(Day(number: 1)...Day(number: 2)),
        .trace(TraceQuery(action: .orderNoted, from: Day(number: 1))),
        .logInCode(next: nil), .logInCode(next: "/", byRecoveryCode: true), .passwordAgain(next: "/"), .secondFactor(),
        .secondFactor(next: "/"), .removeSecondFactor,
        .officePictures(of: ProductID(12)), .officePicture(Self.hash, of: ProductID(12)),
        .removePicture(Self.hash, of: ProductID(12)),
        .trace(TraceQuery(by: UserID(1), of: TraceSubject(.product, 2)), cursor: "1.x"),
    ]

    /// The pattern that matches; nil if none does.
    private func pattern(_ method: HTTPRequest.Method, _ target: String) -> String? {
        try? router.match(Request(method: method, target: target)).pattern  // nil is the answer
    }

    @Test(arguments: paths)
    func `an address leads to its page`(_ path: SitePath) {
        #expect(pattern(.get, path.text) == path.route.rawValue)
    }

    @Test func `every address in a template is answered, a form's by its handler`() {
        for text in templates {
            for tag in text.matches(of: /<[a-z]+ [^>]*?(href|action|formaction)="(\/[^"{]*)"/) {
                // A button sends its form as that says.
                let forms = text[..<tag.range.lowerBound].matches(of: /<form [^>]*>/)
                let form = tag.output.1 == "formaction" ? forms.last?.output : tag.output.0
                let isPosted = (form ?? "").contains("method=\"post\"")
                #expect(pattern(isPosted ? .post : .get, String(tag.output.2)) != nil, "\(tag.output.0)")
            }
            // Those with a parameter or a query are made by the program.
            #expect(!text.contains(/(href|action|formaction)="[^"]*\/[^"]*{{/), "an address is put together")
            #expect(!text.contains(/(href|action|formaction)="{{[^"]*}}[^"#]+"/), "an address is put together")
        }
    }

    @Test func `something leads to every page`() {
        let linked = templates.flatMap { $0.matches(of: /(?:href|action)="(\/[^"{]*)"/).map { String($0.output.1) } }
        let known = Set(linked + Self.paths.map(\.route.rawValue))
        // What browsers and search engines know on their own.
        let wellKnown: Set<SiteRoute> = [.robots, .favicon]
        #expect(SiteRoute.allCases.filter { !known.contains($0.rawValue) && !wellKnown.contains($0) } == [])
    }

    @Test func `a query is encoded, and left out if it says nothing`() {
        #expect(SitePath.products("a&b", in: .mostRelevant).text == "/products?q=a%26b")
        #expect(SitePath.products("", in: .newest).text == "/products")
        #expect(SitePath.products("", in: .cheapestFirst, cursor: "1.x").text == "/products?sort=price&cursor=1.x")
        #expect(SitePath.basket(choosing: .best).text == "/basket")
        #expect(SitePath.basket(choosing: .without).text == "/basket?coupon=")
        #expect(SitePath.coupon(CouponID(3), isTaken: true).text == "/coupons/3?taken")
        #expect(
            SitePath.balance(charging: Won(1_000), next: "/orders/5/pay").text
                == "/balance?amount=1000&next=%2Forders%2F5%2Fpay")
    }

    @Test(arguments: [
        ("/orders/5/pay", "5"), ("/orders//pay", nil), ("/orders/5", nil), ("/orders/5/6/pay", nil), ("/pay", nil),
        ("/orders/pay", nil), ("", nil),
    ])
    func `a page finds its parameter in a path`(_ path: String, _ value: Substring?) {
        #expect(SiteRoute.payment.parameter(in: path) == value)
    }
}
