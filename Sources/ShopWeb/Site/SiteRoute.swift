/// The shop's pages, each as the pattern of its path. A segment that starts with a colon is a parameter.
enum SiteRoute: String, CaseIterable, Sendable {
    case home = "/"
    case language = "/language/:code"
    case products = "/products"
    case product = "/products/:id"
    case coupons = "/coupons"
    case myCoupons = "/coupons/mine"
    case coupon = "/coupons/:id"
    case takeCoupon = "/coupons/:id/take"
    case basket = "/basket"
    case basketLines = "/basket/lines"
    case orders = "/orders"
    case order = "/orders/:id"
    case payment = "/orders/:id/pay"
    case couponOfOrder = "/orders/:id/coupon"
    case orderAgain = "/orders/:id/again"
    case cancelOrder = "/orders/:id/cancel"
    case balance = "/balance"
    case charges = "/balance/charges"
    case logIn = "/login"
    case logOut = "/logout"
    case signUp = "/signup"
    case account = "/account"
    case password = "/account/password"
    case endOtherSessions = "/account/sessions/end-others"
    case logInCode = "/login/code"
    case passwordAgain = "/account/password-again"
    case secondFactor = "/account/second-factor"
    case beginSecondFactor = "/account/second-factor/begin"
    case confirmSecondFactor = "/account/second-factor/confirm"
    case recoveryCodes = "/account/second-factor/recovery-codes"
    case removeSecondFactor = "/account/second-factor/remove"
    case problems = "/problems"
    case problem = "/problems/:code"
    case office = "/admin"
    case officeOrders = "/admin/orders"
    case ordersFile = "/admin/orders.csv"
    case officeOrder = "/admin/orders/:id"
    case officeOrderNotes = "/admin/orders/:id/notes"
    case officeRefund = "/admin/orders/:id/refund"
    case officeRefundCheck = "/admin/orders/:id/refund/check"
    case managedProducts = "/admin/products"
    case productsFile = "/admin/products.csv"
    case newProduct = "/admin/products/new"
    case severalProducts = "/admin/products/several"
    case productRows = "/admin/products/rows"
    case managedProduct = "/admin/products/:id"
    case changeStock = "/admin/products/:id/stock"
    case productListing = "/admin/products/:id/listing"
    case officeCoupons = "/admin/coupons"
    case couponFile = "/admin/coupons.csv"
    case newCoupon = "/admin/coupons/new"
    case couponPreview = "/admin/coupons/preview"
    case officeCoupon = "/admin/coupons/:id"
    case closeCoupon = "/admin/coupons/:id/close"
    case trace = "/admin/trace"
    case traceFile = "/admin/trace.csv"
    case roles = "/admin/roles"
    case robots = "/robots.txt"
    case favicon = "/favicon.ico"

    /// The parameter's value in a path; nil if the path is not this page's.
    func parameter(in path: some StringProtocol) -> Substring? {
        guard let colon = rawValue.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let end = rawValue.utf8[colon...].firstIndex(of: UInt8(ascii: "/")) ?? rawValue.endIndex
        let (before, behind) = (rawValue[..<colon], rawValue[end...])
        guard path.hasPrefix(before), path.hasSuffix(behind), path.utf8.count > before.utf8.count + behind.utf8.count
        else { return nil }
        let value = Substring(path).dropFirst(before.utf8.count).dropLast(behind.utf8.count)
        return value.contains("/") ? nil : value
    }
}
