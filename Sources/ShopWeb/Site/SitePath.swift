import Shop
import Web

/// An address on this shop: a page's path with its parameter filled in, and its query.
struct SitePath: Sendable, Equatable {
    /// The page it leads to.
    let route: SiteRoute
    /// As used in a link or in `Location`.
    private(set) var text: String

    /// For a page without a parameter.
    private init(_ route: SiteRoute) {
        self.route = route
        text = route.rawValue
    }

    /// For a page with a parameter.
    private init(_ route: SiteRoute, _ parameter: some CustomStringConvertible) {
        self.route = route
        text = Self.fill(route.rawValue, parameter)
    }

    /// For a page with two parameters.
    private init(_ route: SiteRoute, _ first: some CustomStringConvertible, _ second: some CustomStringConvertible) {
        self.route = route
        text = Self.fill(Self.fill(route.rawValue, first), second)
    }

    /// The pattern with its first parameter filled in.
    private static func fill(_ pattern: String, _ parameter: some CustomStringConvertible) -> String {
        guard let colon = pattern.utf8.firstIndex(of: UInt8(ascii: ":")) else {
            preconditionFailure("\(pattern) has no parameter")
        }
        let end = pattern.utf8[colon...].firstIndex(of: UInt8(ascii: "/")) ?? pattern.endIndex
        return "\(pattern[..<colon])\(parameter)\(pattern[end...])"
    }

    /// Adds a field to the query; no change if the value is nil.
    private func adding(_ name: String, _ value: String?) -> SitePath {
        value.map { adding("\(name)=\(PercentEncoding.encode($0))") } ?? self
    }

    /// Adds an encoded field to the query.
    private func adding(_ field: String) -> SitePath {
        var path = self
        path.text += (text.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + field
        return path
    }
}

/// The page that a form is on, from the parameter in the form's own address, whatever it is.
extension SitePath {
    static func coupon(ofForm form: PathParameters) -> SitePath { SitePath(.coupon, form["id"]) }

    static func order(ofForm form: PathParameters) -> SitePath { SitePath(.order, form["id"]) }

    static func payment(ofForm form: PathParameters) -> SitePath { SitePath(.payment, form["id"]) }

    static func officeOrder(ofForm form: PathParameters) -> SitePath { SitePath(.officeOrder, form["id"]) }

    static func officeRefund(ofForm form: PathParameters) -> SitePath { SitePath(.officeRefund, form["id"]) }
}

/// Products, coupons, the basket.
extension SitePath {
    static let home = SitePath(.home)

    static func language(_ language: Language, next: String) -> SitePath {
        SitePath(.language, language.rawValue).adding("next", next)
    }

    /// - Parameters:
    ///   - words: the search; "" for all products.
    ///   - order: nil for the list's default.
    static func products(
        _ words: String = "", in order: ProductQuery.Order? = nil, cursor: String? = nil
    ) -> SitePath {
        let isUsual = order == (words.contains { !$0.isWhitespace } ? .mostRelevant : .newest)
        return SitePath(.products).adding("q", words.isEmpty ? nil : words)
            .adding("sort", isUsual ? nil : order?.sortWord).adding("cursor", cursor)
    }

    static func product(_ id: ProductID) -> SitePath { SitePath(.product, id.value) }

    static let coupons = SitePath(.coupons)

    static func myCoupons(cursor: String? = nil) -> SitePath { SitePath(.myCoupons).adding("cursor", cursor) }

    /// - Parameter isTaken: whether the page says that the coupon has just been taken.
    static func coupon(_ id: CouponID, isTaken: Bool = false) -> SitePath {
        isTaken ? SitePath(.coupon, id.value).adding(taken) : SitePath(.coupon, id.value)
    }

    /// The query that makes a coupon's page say that it has just been taken.
    static let taken = "taken"

    static func takeCoupon(_ id: CouponID) -> SitePath { SitePath(.takeCoupon, id.value) }

    /// - Parameter choice: what the customer chose; nil if it is still the page's choice.
    static func basket(choosing choice: CouponChoice? = nil) -> SitePath {
        switch choice {
        case nil, .best?: SitePath(.basket)
        case .without?: SitePath(.basket).adding("coupon", "")
        case .one(let id)?: SitePath(.basket).adding("coupon", String(id.value))
        }
    }
}

/// Orders and the balance.
extension SitePath {
    static func orders(cursor: String? = nil) -> SitePath { SitePath(.orders).adding("cursor", cursor) }

    /// - Parameter isPaid: whether the page says that the order has just been paid.
    static func order(_ id: OrderID, isPaid: Bool = false) -> SitePath {
        isPaid ? SitePath(.order, id.value).adding(paid) : SitePath(.order, id.value)
    }

    /// The query that makes an order's page say that it has just been paid.
    static let paid = "paid"

    static func payment(of id: OrderID) -> SitePath { SitePath(.payment, id.value) }

    static func couponOfOrder(_ id: OrderID) -> SitePath { SitePath(.couponOfOrder, id.value) }

    static func orderAgain(_ id: OrderID) -> SitePath { SitePath(.orderAgain, id.value) }

    static func cancelOrder(_ id: OrderID) -> SitePath { SitePath(.cancelOrder, id.value) }

    static func balance(cursor: String? = nil) -> SitePath { SitePath(.balance).adding("cursor", cursor) }

    /// The balance with an entry just made.
    static func balance(with entry: EntryID) -> SitePath { SitePath(.balance).adding("entry", String(entry.value)) }

    /// The balance with an amount filled in.
    ///
    /// - Parameter next: where to continue once it is charged.
    static func balance(charging amount: Won, next: String?) -> SitePath {
        SitePath(.balance).adding("amount", String(amount.amount)).adding("next", next)
    }
}

/// Accounts, and problems.
extension SitePath {
    /// - Parameter next: where to continue, on this shop.
    static func logIn(next: String) -> SitePath { SitePath(.logIn).adding("next", next) }

    static func signUp(next: String) -> SitePath { SitePath(.signUp).adding("next", next) }

    static let account = SitePath(.account)

    /// - Parameter byRecoveryCode: whether the page asks for a recovery code in place of one of the app's.
    static func logInCode(next: String?, byRecoveryCode: Bool = false) -> SitePath {
        SitePath(.logInCode).adding("with", byRecoveryCode ? "recovery" : nil).adding("next", next)
    }

    static func passwordAgain(next: String) -> SitePath { SitePath(.passwordAgain).adding("next", next) }

    static func secondFactor(next: String? = nil) -> SitePath { SitePath(.secondFactor).adding("next", next) }

    static let removeSecondFactor = SitePath(.removeSecondFactor)

    static func problem(_ code: some CustomStringConvertible) -> SitePath { SitePath(.problem, code) }
}

/// The orders of all customers, for the staff.
extension SitePath {
    static func officeOrders(_ query: OrderQuery = OrderQuery(), cursor: String? = nil) -> SitePath {
        SitePath(.officeOrders).adding(query).adding("cursor", cursor)
    }

    static func ordersFile(_ query: OrderQuery) -> SitePath { SitePath(.ordersFile).adding(query) }

    private func adding(_ query: OrderQuery) -> SitePath {
        adding("q", query.login).adding("status", query.status?.rawValue)
            .adding("product", query.product.map { String($0.value) })
            .adding("refunded", query.isRefunded ? "true" : nil).adding("coupon", query.hasCoupon ? "true" : nil)
            .adding("from", query.from?.text).adding("to", query.to?.text)
            .adding("by", query.isByPayment ? "paid" : nil)
    }

    static func officeOrder(_ id: OrderID) -> SitePath { SitePath(.officeOrder, id.value) }

    static func officeOrderNotes(_ id: OrderID) -> SitePath { SitePath(.officeOrderNotes, id.value) }

    static func officeRefund(_ id: OrderID) -> SitePath { SitePath(.officeRefund, id.value) }

    static func officeRefundCheck(_ id: OrderID) -> SitePath { SitePath(.officeRefundCheck, id.value) }
}

/// Customers and the staff's own accounts, for the staff.
extension SitePath {
    static func customers(_ query: CustomerQuery = CustomerQuery(), cursor: String? = nil) -> SitePath {
        SitePath(.customers).adding(query).adding("cursor", cursor)
    }

    static func customersFile(_ query: CustomerQuery) -> SitePath { SitePath(.customersFile).adding(query) }

    private func adding(_ query: CustomerQuery) -> SitePath {
        adding("q", query.text.isEmpty ? nil : query.text)
            .adding("group", query.group == .all ? nil : query.group.rawValue)
    }

    static func customer(_ id: UserID) -> SitePath { SitePath(.customer, id.value) }

    static func customer(ofForm form: PathParameters) -> SitePath { SitePath(.customer, form["id"]) }

    static func customerEntries(_ id: UserID, cursor: String? = nil) -> SitePath {
        SitePath(.customerEntries, id.value).adding("cursor", cursor)
    }

    static func customerCoupons(_ id: UserID, cursor: String? = nil) -> SitePath {
        SitePath(.customerCoupons, id.value).adding("cursor", cursor)
    }

    static func entriesFile(of id: UserID) -> SitePath { SitePath(.entriesFile, id.value) }

    static func customerCouponsFile(of id: UserID) -> SitePath { SitePath(.customerCouponsFile, id.value) }

    static func endCustomerSessions(_ id: UserID) -> SitePath { SitePath(.endCustomerSessions, id.value) }

    static func closeCustomer(_ id: UserID) -> SitePath { SitePath(.closeCustomer, id.value) }

    static func correctBalance(_ id: UserID) -> SitePath { SitePath(.correctBalance, id.value) }

    static func corrections(cursor: String? = nil) -> SitePath { SitePath(.corrections).adding("cursor", cursor) }

    static let correctionsFile = SitePath(.correctionsFile)

    static func correction(_ id: BalanceCorrectionID) -> SitePath { SitePath(.correction, id.value) }

    static func correction(ofForm form: PathParameters) -> SitePath { SitePath(.correction, form["id"]) }

    static func confirmCorrection(_ id: BalanceCorrectionID) -> SitePath { SitePath(.confirmCorrection, id.value) }

    static func refuseCorrection(_ id: BalanceCorrectionID) -> SitePath { SitePath(.refuseCorrection, id.value) }

    static func staff(cursor: String? = nil) -> SitePath { SitePath(.staff).adding("cursor", cursor) }

    static let staffFile = SitePath(.staffFile)

    static func staffAccount(_ id: UserID) -> SitePath { SitePath(.staffAccount, id.value) }

    static func staffAccount(ofForm form: PathParameters) -> SitePath { SitePath(.staffAccount, form["id"]) }

    static func staffRole(_ id: UserID) -> SitePath { SitePath(.staffRole, id.value) }

    static func staffPassword(_ id: UserID) -> SitePath { SitePath(.staffPassword, id.value) }

    static func endStaffSessions(_ id: UserID) -> SitePath { SitePath(.endStaffSessions, id.value) }

    static func removeStaffFactor(_ id: UserID) -> SitePath { SitePath(.removeStaffFactor, id.value) }

    static func closeStaff(_ id: UserID) -> SitePath { SitePath(.closeStaff, id.value) }
}

/// The staff's pages of a product's pictures.
extension SitePath {
    static func officePictures(ofForm form: PathParameters) -> SitePath { SitePath(.officePictures, form["id"]) }

    static func officePictures(of id: ProductID) -> SitePath { SitePath(.officePictures, id.value) }

    static func officePicture(_ hash: PictureHash, of id: ProductID) -> SitePath {
        SitePath(.officePicture, id.value, hash.hex)
    }

    static func removePicture(_ hash: PictureHash, of id: ProductID) -> SitePath {
        SitePath(.removePicture, id.value, hash.hex)
    }
}

/// The staff's pages.
extension SitePath {
    static let office = SitePath(.office)

    /// The staff's list of products.
    ///
    /// - Parameters:
    ///   - text: the search as typed.
    ///   - isEditing: whether its rows are fields.
    static func managedProducts(
        _ query: ManagedProductQuery = ManagedProductQuery(), typed text: String = "", cursor: String? = nil,
        isEditing: Bool = false
    ) -> SitePath {
        let list = SitePath(.managedProducts).adding("q", text.isEmpty ? nil : text)
            .adding("filter", query.filter == .all ? nil : query.filter.word)
            .adding("sort", query.order == .newest ? nil : query.order.word).adding("cursor", cursor)
        return isEditing ? list.adding(edit) : list
    }

    /// The products of a list as a file, in the file's own order.
    static func productsFile(_ query: ManagedProductQuery, typed text: String) -> SitePath {
        SitePath(.productsFile).adding("q", text.isEmpty ? nil : text)
            .adding("filter", query.filter == .all ? nil : query.filter.word)
    }

    static let productImport = SitePath(.productImport)

    static func checkedImport(
        _ id: ProductImportID, _ filter: CheckedRowFilter = .all, cursor: String? = nil
    ) -> SitePath {
        SitePath(.checkedImport, id.value).adding("filter", filter == .all ? nil : filter.rawValue)
            .adding("cursor", cursor)
    }

    static func checkedRowsFile(_ id: ProductImportID, _ filter: CheckedRowFilter) -> SitePath {
        SitePath(.checkedRowsFile, id.value).adding("filter", filter == .all ? nil : filter.rawValue)
    }

    static func checkedImport(ofForm form: PathParameters) -> SitePath { SitePath(.checkedImport, form["id"]) }

    static func applyImport(_ id: ProductImportID) -> SitePath { SitePath(.applyImport, id.value) }

    /// The query that makes the rows of a list fields.
    static let edit = "edit"

    /// - Parameter copied: the product whose words the new one begins with.
    static func newProduct(copying copied: ProductID? = nil) -> SitePath {
        SitePath(.newProduct).adding("from", copied.map { String($0.value) })
    }

    /// - Parameter cursor: where the page of the stock ledger begins.
    static func managedProduct(_ id: ProductID, cursor: String? = nil) -> SitePath {
        SitePath(.managedProduct, id.value).adding("cursor", cursor)
    }

    static func managedProduct(ofForm form: PathParameters) -> SitePath { SitePath(.managedProduct, form["id"]) }

    static func stockFile(of id: ProductID) -> SitePath { SitePath(.stockFile, id.value) }

    static func changeStock(of id: ProductID) -> SitePath { SitePath(.changeStock, id.value) }

    static func productListing(_ id: ProductID) -> SitePath { SitePath(.productListing, id.value) }

    /// - Parameters:
    ///   - days: nil for today.
    ///   - step: nil for what the days are read in best.
    static func figures(_ days: ClosedRange<Day>? = nil, by step: FigureStep? = nil) -> SitePath {
        SitePath(.figures).adding(days).adding("by", step?.rawValue)
    }

    static func figureProducts(_ days: ClosedRange<Day>, cursor: String? = nil) -> SitePath {
        SitePath(.figureProducts).adding(days).adding("cursor", cursor)
    }

    static func figuresFile(_ days: ClosedRange<Day>, by step: FigureStep) -> SitePath {
        SitePath(.figuresFile).adding(days).adding("by", step.rawValue)
    }

    static func figureProductsFile(_ days: ClosedRange<Day>) -> SitePath { SitePath(.figureProductsFile).adding(days) }

    private func adding(_ days: ClosedRange<Day>?) -> SitePath {
        adding("from", days?.lowerBound.text).adding("to", days?.upperBound.text)
    }

    static func trace(_ query: TraceQuery = TraceQuery(), cursor: String? = nil) -> SitePath {
        SitePath(.trace).adding(query).adding("cursor", cursor)
    }

    static func traceFile(_ query: TraceQuery) -> SitePath { SitePath(.traceFile).adding(query) }

    private func adding(_ query: TraceQuery) -> SitePath {
        adding("user", query.user.map { String($0.value) }).adding("login", query.login).adding(
            "subject", query.subject?.kind.rawValue
        )
        .adding("subjectId", query.subject.map { String($0.id) }).adding("action", query.action?.rawValue)
        .adding("from", query.from?.text).adding("to", query.to?.text)
    }

    static let roles = SitePath(.roles)

    static func officeCoupons(_ filter: ManagedCouponFilter = .all, cursor: String? = nil) -> SitePath {
        SitePath(.officeCoupons).adding("filter", filter == .all ? nil : filter.rawValue).adding("cursor", cursor)
    }

    static func couponFile(_ filter: ManagedCouponFilter) -> SitePath {
        SitePath(.couponFile).adding("filter", filter == .all ? nil : filter.rawValue)
    }

    /// - Parameter typed: what the form begins with.
    static func newCoupon(_ typed: [HiddenField] = []) -> SitePath {
        typed.reduce(SitePath(.newCoupon)) { $0.adding($1.name, $1.value) }
    }

    static let couponPreview = SitePath(.couponPreview)

    static func officeCoupon(_ id: CouponID, isUsed: Bool = false, cursor: String? = nil) -> SitePath {
        SitePath(.officeCoupon, id.value).adding("used", isUsed ? "true" : nil).adding("cursor", cursor)
    }

    /// - Parameter isUsed: whether only those are in it who have used theirs.
    static func couponHoldersFile(_ id: CouponID, isUsed: Bool) -> SitePath {
        SitePath(.couponHoldersFile, id.value).adding("used", isUsed ? "true" : nil)
    }

    static func closeCoupon(_ id: CouponID) -> SitePath { SitePath(.closeCoupon, id.value) }
}
