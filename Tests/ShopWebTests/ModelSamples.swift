import Shop

@testable import ShopWeb

/// Each page's model with everything it can have.
enum ModelSamples {
    static let pages: [any PageModel] = [
        HomePage(popular: [product], newest: [product], coupons: [coupon]),
        ProductsPage(
            search: "a", hasQuery: true, isSimilar: true, found: "1",
            sorts: [SortLink(label: "a", href: "/", isCurrent: true)], items: [product], pages: links),
        ProductPage(
            card: product, photos: [photo, photo], id: 1, paragraphs: ["a"], summary: "a", createdAt: time, views: "1",
            canBuy: true,
            maxQuantity: "1", values: [:]),
        CouponsPage(open: [coupon], coming: [coupon]),
        CouponPage(
            card: coupon, quantity: "1", validity: "1",
            mine: HeldCoupon(
                useHref: "/", expiresAt: time, orderHref: "/", isUsable: true, isUsed: true, isExpired: true),
            isNew: true, isAgain: true),
        MyCouponsPage(isFirstPage: true, usable: [ownCoupon], used: [ownCoupon], expired: [ownCoupon], pages: links),
        BasketPage(
            contents: BasketContents(
                lines: [
                    BasketRow(
                        id: 1, href: "/", picture: "/", name: named, unitPrice: "1", price: 1, quantity: "1",
                        amount: "1", isGone: true, fieldName: "quantity-1", fieldError: "a")
                ], total: "1", discount: "1", hasDiscount: true, final: "1", seen: "a", isAuto: true, coupons: choices,
                means: means, won: WonOfBasket(balance: 1, maximumCharge: 1))),
        OrderPage(order: order, isReceipt: true),
        PayPage(
            order: order, isCouponLost: true, seen: 1, coupons: choices, means: means,
            won: WonOfOrder(balance: 1, total: 1)),
        OrdersPage(
            orders: [
                OrderRow(
                    id: 1, href: "/", payHref: "/", summary: "a", status: "pending", statusText: "a", isPending: true,
                    createdAt: time, final: "1")
            ], pages: links),
        BalancePage(
            balance: "1", minimum: "1", maximum: "1", limit: "1", values: [:],
            quick: [QuickAmount(label: "1", href: "/")], next: "/", isOrderOver: true,
            entries: [
                EntryRow(
                    id: 1, kindText: "a", isPayment: true, amount: "1", balance: "1", at: time, isNew: true,
                    orderHref: "/", reason: "a")
            ], chart: BalanceChart(points: "0,0", area: "0,0", low: "1", high: "1", from: time, label: "a"),
            notice: "a", pages: links),
        LogInPage(entrance: entrance), SignUpPage(entrance: entrance),
        AccountPage(
            login: "a", name: "a", since: time,
            sessions: [SessionRow(startedAt: time, lastUsedAt: time, isCurrent: true, from: "a")], isStaff: true,
            secondFactor: "a"),
        LogInCodePage(next: "/", isRecovery: true, otherHref: "/"),
        PasswordAgainPage(login: "a", next: "/", kept: [HiddenField(name: "a", value: "a")]),
        FormKeptPage(
            again: FormAgain(action: "/", fields: [HiddenField(name: "a", value: "a")]), isPartial: true, backHref: "/"),
        SecondFactorPage(
            inForce: SecondFactorInForce(since: time, codesLeft: "1", areFew: true),
            begun: SecondFactorSetUp(picture: QRPicture("a"), secret: "a", address: "a"), isRequired: true, next: "/"),
        RecoveryCodesPage(codes: ["a"], nextHref: "/"), RemoveSecondFactorPage(),
        ProblemPage(
            status: 503, heading: "a", detail: "a", advice: "a",
            again: FormAgain(action: "/", fields: [HiddenField(name: "a", value: "a")]), retry: true, retryHref: "/",
            homeHref: "/", isNotFound: true, requestID: "a"),
        ExplainedPage(code: "a", heading: "a", explanation: "a"),
        ExplainedAllPage(problems: [ProblemRow(code: "a", heading: "a", href: "/")]),
        OfficeOrdersPage(
            search: "a", product: "1", from: "a", to: "a", isByPayment: true, isRefunded: true, hasCoupon: true,
            statuses: [StatusChoice(value: "a", label: "a", isChosen: true)],
            periods: [PeriodLink(label: "a", href: "/", isCurrent: true)], isFiltered: true,
            rows: [
                OfficeOrderRow(
                    id: 1, href: "/", createdAt: "a", login: "a", summary: named, status: "pending", statusText: "a",
                    hasCoupon: true, final: "1", refunded: "1", isChosen: true)
            ], chosen: [HiddenField(name: "a", value: "a")], mayRefund: true, mayNote: true,
            totals: OrderTotalsModel(count: "1", paid: "1", discount: "1", refunded: "1", kept: "1", since: time),
            fileHref: "/", lookedBackTo: time, pages: links),
        OfficeOrderPage(
            head: officeHead, customerHref: "/",
            lines: [
                OfficeLineRow(name: named, href: "/", unitPrice: "1", quantity: "1", amount: "1", refunded: "1")
            ],
            sums: OfficeSums(total: "1", discount: "1", final: "1", isPaid: true, refunded: "1", kept: "1"),
            events: [OrderEventRow(at: time, kind: "note", what: "a", who: "a", amount: "1", note: named)],
            eventsLeftOut: "a",
            refunds: [
                OfficeRefundRow(
                    at: time, who: "a", amount: "1", lines: [RefundLineRow(name: named, quantity: "1")],
                    returnedToStock: true)
            ],
            coupon: OfficeCouponModel(name: named, discount: "1", isUsed: true), paidAt: time, balanceAfter: "1",
            refundHref: "/", noteForm: NoteForm(href: "/", longest: 1, text: "a"), traceHref: "/"),
        OfficeRefundPage(
            head: officeHead, checkHref: "/",
            lines: [
                RefundChoiceRow(
                    name: named, quantity: "1", left: 1, leftText: "1", worth: "1", fieldName: "quantity-1", typed: "1",
                    fieldError: "a")
            ], left: "1", seen: 1, returnsToStock: true),
        OfficeRefundCheckPage(
            head: officeHead,
            lines: [RefundMoveRow(name: named, quantity: "1", amount: "1", stockBefore: "1", stockAfter: "1")],
            amount: "1", balance: BalanceMove(before: "1", after: "1"), returnsToStock: true, coupon: "a",
            statusAfter: "a", refundHref: "/", backHref: "/", fields: [HiddenField(name: "a", value: "a")]),
        OfficeRefundOverPage(head: officeHead),
        SeveralRefundsPage(
            listHref: "/", chosen: [HiddenField(name: "a", value: "a")], returnsToStock: true, says: "a",
            sums: SeveralRefundSums(amount: "1", pieces: "1", coupons: "1"),
            rows: [
                SeveralRefundRow(
                    id: 1, href: "/", login: "a", status: "completed", statusText: "a",
                    lines: [RefundLineRow(name: named, quantity: "1")], amount: "1",
                    balance: BalanceMove(before: "1", after: "1"), coupon: "a", rowError: "a")
            ], marks: "a", refused: [RefusedOrderRow(id: 1, href: "/", login: "a", why: "a", rowError: "a")]),
        SeveralNotesPage(
            listHref: "/", longest: 1, text: "a",
            rows: [
                OfficeOrderRow(
                    id: 1, href: "/", createdAt: "a", login: "a", summary: named, status: "pending", statusText: "a",
                    hasCoupon: true, final: "1", refunded: "1", isChosen: true)
            ], marks: "a", says: "a"),
        CustomersPage(
            text: "a", longest: 1, group: "a", groups: [CustomerGroupLink(name: "a", href: "/", isCurrent: true)],
            customers: [
                CustomerRow(
                    id: 1, href: "/", login: "a", name: named, role: "a", balance: "1", since: time, isClosed: true)
            ], allHref: "/", fileHref: "/", looksFurther: true, isLater: true, pages: links),
        CustomerPage(
            id: 1, login: "a", name: named, role: "a", since: time, closedAt: time, balance: "1", entries: [entry],
            entriesHref: "/", entriesFileHref: "/",
            orders: [
                CustomerOrderRow(
                    id: 1, href: "/", summary: named, status: "pending", statusText: "a", createdAt: time, final: "1")
            ], ordersHref: "/",
            coupons: [heldCoupon],
            couponsHref: "/", couponsFileHref: "/", corrections: [correction], sessions: [session],
            actions: CustomerActions(
                correctHref: "/", endSessionsHref: "/", closeHref: "/", traceHref: "/", staffHref: "/")),
        CustomerEntriesPage(login: "a", customerHref: "/", balance: "1", entries: [entry], fileHref: "/", pages: links),
        CustomerCouponsPage(login: "a", customerHref: "/", coupons: [heldCoupon], fileHref: "/", pages: links),
        CorrectBalancePage(
            login: "a", name: named, customerHref: "/", action: "/", balance: "1", alone: "1", days: "1",
            longestReason: 1, isTaking: true, values: [:],
            check: CorrectionCheck(
                direction: "add", amount: "1", reason: "a", change: "1", before: "1", after: "1", needsTwo: true)),
        CloseAccountPage(
            login: "a", name: named, action: "/", backHref: "/", balance: "1", sessions: "1", role: "a"),
        CorrectionsPage(corrections: [correction], fileHref: "/", pages: links),
        CorrectionPage(
            correction: correction, customerName: named, before: "1", after: "1", confirmHref: "/", refuseHref: "/",
            isMine: true),
        StaffPage(
            staff: [
                StaffRow(
                    login: "a", href: "/", name: named, role: "a", since: time, isClosed: true, factorSince: time,
                    lastUsedAt: time,
                    from: "a", others: "1")
            ], roles: [role], values: [:], fileHref: "/", pages: links),
        StaffAccountPage(
            login: "a", name: named, role: "a", since: time, closedAt: time, factorSince: time, removeFactorHref: "/",
            sessions: [session], roles: [role], isMine: true, roleHref: "/", passwordHref: "/",
            endSessionsHref: "/", closeHref: "/", traceHref: "/", doneHref: "/"),
        RemoveStaffFactorPage(
            login: "a", name: named, role: "a", action: "/", backHref: "/", sessions: "1"),
        PicturesPage(
            product: named, productHref: "/", action: "/",
            pictures: [
                PictureRow(
                    position: 2, photo: photo, field: "text-a", text: "a", error: "a", action: "/", removeHref: "/",
                    before: 1, after: 3)
            ], isFull: false, left: "1", mostBytes: 1),
        RemovePicturePage(
            product: named, photo: photo, action: "/", backHref: "/", isFirst: true, isOnly: false),
        TracePage(
            form: TraceForm(
                kept: [HiddenField(name: "a", value: "a")], login: "a", longestLogin: 1,
                actions: [StatusChoice(value: "a", label: "a", isChosen: true)], from: "a", to: "a",
                periods: [PeriodLink(label: "a", href: "/", isCurrent: true)]), filter: "a", allHref: "/",
            isNarrowed: true, fileHref: "/",
            entries: [
                TraceRow(
                    id: 1, at: time, action: "a", subject: "a", subjectHref: "/", login: "a", loginHref: "/", role: "a",
                    from: "a", changes: [ChangeRow(field: "a", before: named, after: named)])
            ], pages: links),
        ProductListPage(
            query: listFields, filters: [FilterLink(label: "a", href: "/", isCurrent: true, count: "1")],
            sorts: [SortLink(label: "a", href: "/", isCurrent: true)], isSearch: true, isDone: true,
            rows: [
                ProductListRow(
                    product: summary,
                    fields: ProductRowFields(
                        priceName: "a", price: "1", priceError: "a", changeName: "a", change: "1", changeError: "a",
                        listedName: "a", isListed: true, rowName: "a", rowError: "a", markName: "a", mark: "a"))
            ], canChange: true, several: several,
            editing: ProductListEditing(numbers: "1", reasons: [reason], readHref: "/"), editHref: "/", fileHref: "/",
            pages: links),
        ManagedProductPage(
            product: summary, fields: ProductFieldsModel([:]),
            forms: ProductForms(
                editHref: "/", listingHref: "/", stockHref: "/", picturesHref: "/", copyHref: "/", version: 1,
                mark: "a", stockChange: "1",
                reasons: [reason]),
            description: named, createdAt: time, views: "1", shopHref: "/", traceHref: "/",
            movements: [
                MovementRow(id: 1, at: time, reason: "a", change: "1", isTaken: true, stock: "1", login: "a")
            ], fileHref: "/", pages: links),
        NewProductPage(copied: named, fields: ProductFieldsModel([:]), stock: "1", pictureText: "a"),
        ChangedProductPage(
            name: named, changedBy: "a", changedAt: time, href: "/", editHref: "/", version: 1, mark: "a",
            typed: [HiddenField(name: "a", value: "a")],
            rows: [
                ChangedField(
                    choice: "a", label: "a", mine: named, now: named, isMine: true, isNow: true, fieldError: "a")
            ]),
        SeveralProductsPage(
            query: listFields, several: several,
            preview: SeveralPreview(
                says: "a", rounding: "a", unchanged: "1",
                rows: [SeveralRow(product: summary, before: "1", after: "1", rowError: "a")], action: "a", percent: "1",
                unit: "1", marks: "a", canConfirm: true), selected: "1", isAll: true, listHref: "/"),
        ProductImportPage(
            last: [
                ImportRow(href: "/", at: time, login: "a", rows: "1", open: "1", done: "1", refused: "1")
            ], mostBytes: 1, most: "1", columns: [ColumnRow(name: "a", meaning: "a")]),
        CheckedImportPage(
            login: "a", at: time, ignored: "a", isRepeated: true,
            filters: [FilterLink(label: "a", href: "/", isCurrent: true, count: "1")], applyHref: "/", apply: "a",
            isBegun: true, done: "1", hasWrong: true, refused: "1", refusedHref: "/",
            rows: [
                CheckedRowModel(
                    number: "1", name: named, sku: "a", href: "/", badge: "good", says: "a",
                    changes: [ChangeRow(field: "a", before: named, after: named)], problems: ["a"])
            ], fileHref: "/", pages: links),
        RolesPage(
            mine: "a", roles: [RoleColumn(name: "a")],
            permissions: [PermissionRow(name: "a", cells: [PermissionCell(isAllowed: true)])]),
        OfficeCouponsPage(
            filters: [filter],
            coupons: [
                OfficeCouponRow(
                    href: "/", name: named, discount: "1", state: couponState, opensAt: time, closesAt: time,
                    taken: "1", quantity: "1")
            ], fileHref: "/", newHref: "/", pages: links),
        OfficeCouponPage(
            facts: couponFacts, state: couponState, taken: "1", remaining: "1", used: "1",
            chart: chart,
            filters: [filter],
            holders: [
                CouponHolderRow(
                    user: 1, href: "/", login: "a", name: named, issuedAt: time, expiresAt: time, usedAt: time,
                    order: 1,
                    orderHref: "/", isExpired: true)
            ], holdersHref: "/", shopHref: "/", copyHref: "/", closeHref: "/", traceHref: "/", pages: links),
        NewCouponPage(values: [:], isPercent: true),
        CouponPreviewPage(
            card: coupon, facts: couponFacts, fields: [HiddenField(name: "a", value: "a")], changeHref: "/"),
        CloseCouponPage(facts: couponFacts, remaining: "1", taken: "1", closeHref: "/", backHref: "/"),
        TodayPage(day: "a", tasks: [tile], figures: [tile], charts: [chart], allHref: "/"),
        FiguresPage(
            period: "a",
            form: FigureForm(
                from: "a", to: "a", steps: [FigureChoice(word: "a", name: "a", href: "/", isChosen: true)],
                periods: [FigureChoice(word: "a", name: "a", href: "/", isChosen: true)]),
            previousHref: "/", nextHref: "/", sums: [tile], chart: chart, fileHref: "/", products: ranking),
        ProductFiguresPage(period: "a", periodHref: "/", ranking: ranking, pages: links),
    ]

    static let errors = FormErrors(
        errors: [FormErrors.Row(message: "a", href: "#a", label: "a")], values: [:], fieldErrors: [:],
        isFileLost: true)

    static func layout(_ storefront: Storefront) -> Layout {
        Layout(
            lang: .korean, words: storefront.words(.korean), assets: storefront.assets, title: "a", item: .home,
            languages: [LanguageLink(code: "ko", name: "a", isCurrent: true, href: "/")],
            user: UserModel(name: "a", balance: "1"), basket: ("1", "1"), loginHref: "/", signupHref: "/",
            form: ("a", "a"), notice: "a", now: time, clock: "a",
            office: OfficeMenu(of: .shell("root"), current: .today, storefront.words(.korean)))
    }

    private static let listFields = ProductListFields(text: "a", filter: "a", sort: "a", cursor: "a")
    private static let reason = ReasonChoice(value: "a", label: "a", isChosen: true)
    private static let several = SeveralFields(actions: [reason], units: [reason], percent: "1", most: "1")
    private static let summary = ProductSummary(
        id: 1, href: "/", picture: "/", name: named, sku: "a", price: "1", stock: "1", lowStock: "1", isListed: true,
        isSoldOut: true, isLow: true)
    private static let time = TimeModel(text: "a", datetime: "a")
    private static let named = Named(text: "a", lang: "ko")
    private static let tile = Tile("a", "1", ["a"], href: .office, isWarning: true)
    private static let chart = BarChart(
        "a", [BarChart.Value(name: "a", amount: 1, before: 1, text: "a")], summary: "a", before: "a",
        table: FigureTable(rowName: "a", columns: ["a"], rows: [figures], sums: figures)
    ) { String($0) }
    private static let figures = FigureRow(label: "a", href: "/", cells: [FigureCell(column: "a", value: "1")])
    private static let ranking = ProductRanking(
        rows: [ProductRankingRow(href: "/", name: named, quantity: "1", amount: "1")], allHref: "/", fileHref: "/")
    private static let entry = EntryRow(
        id: 1, kindText: "a", isPayment: true, amount: "1", balance: "1", at: time, isNew: true, orderHref: "/",
        reason: "a")
    private static let heldCoupon = CustomerCouponRow(
        id: 1, href: "/", name: named, discount: "1", statusText: "a", expiresAt: time)
    private static let correction = CorrectionRow(
        id: 1, href: "/", amount: "1", reason: "a", status: "a", isWaiting: true, askedBy: "a", askedAt: time,
        decidedBy: "a", customer: "a", customerHref: "/", endsAt: time)
    private static let session = CustomerSessionRow(startedAt: time, lastUsedAt: time, from: "a")
    private static let role = RoleChoice(value: "a", name: "a", isChosen: true)
    private static let links = PageLinks(first: .home, next: .home)
    private static let officeHead = OfficeOrderHead(
        href: "/", status: "pending", statusText: "a", createdAt: time, expiresAt: time, login: "a", name: named,
        ordersHref: "/")
    private static let entrance = Entrance(next: "/", loginHref: "/", signupHref: "/")
    private static let product = ProductCard(
        href: "/", picture: "/", photo: photo, name: named, description: named, price: "1", isSoldOut: true,
        isLow: true, stock: "1",
        rank: 1)
    private static let photo = PhotoModel(
        Picture(hash: Self.hash, width: 960, height: 720), named)
    static let hash: PictureHash = {
        guard let hash = PictureHash([UInt8](repeating: 0xab, count: PictureHash.byteCount)) else { fatalError() }
        return hash
    }()
    private static let coupon = CouponCard(
        href: "/", takeHref: "/", name: named, discount: "1", minimum: "1", remaining: "1", percentLeft: 1,
        opensAt: time, opensIn: "1", closesAt: time, closesIn: "1", isComing: true, isOpen: true, isSoldOut: true,
        isClosed: true, isMine: true, canTake: true)
    private static let filter = FilterLink(label: "a", href: "/", isCurrent: true, count: "1")
    private static let couponState = CouponStateModel(text: "a", isGood: true)
    private static let couponFacts = CouponFacts(
        name: named, discount: "1", minimum: "1", quantity: "1", opensAt: time, closesAt: time, closedAt: time,
        validity: "1")
    private static let ownCoupon = OwnCoupon(
        name: named, discount: "1", minimum: "1", issuedAt: time, expiresAt: time, usedAt: time, useHref: "/",
        orderHref: "/")
    private static let choices = CouponChoices(
        coupons: [
            CouponOption(
                id: 1, name: named, isFitting: true, isChosen: true, discount: "1", minimum: "1", minimumAmount: 1,
                saves: "1", fixed: "1", percent: "1", maximum: "1")
        ], chosen: ChosenCoupon(id: 1, name: named))
    private static let means = Means(
        balance: "1", isEnough: false, balanceAfter: "1", missing: "1", chargeHref: "/", chargeNote: "a")
    private static let order = OrderModel(
        id: 1, href: "/", payHref: "/", couponHref: "/", againHref: "/", cancelHref: "/", status: .pending,
        statusText: "a", createdAt: time, expiresAt: time, expiresIn: "1",
        lines: [OrderLineRow(href: "/", name: named, unitPrice: "1", quantity: "1", amount: "1")], total: "1",
        discount: "1", hasDiscount: true, final: "1", couponName: named,
        payment: PaymentModel(paidAt: time, amount: "1", balance: "1", refundedAt: time),
        refunds: [RefundRow(at: time, amount: "1", lines: [RefundLineRow(name: named, quantity: "1")])])
}
