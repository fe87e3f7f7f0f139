import HTTPTypes
import Shop
import Web

/// Refunding an order: what of it, then a page that says what will move, then the refund.
struct OfficeRefundPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.officeRefund) { visit, staff, path in
            let id = try path.id(Order.self, else: .orderNotFound)
            _ = try visit.shop.refunds(by: staff)
            return try visit.refundChoice(id, staff, nil)
        }
        pages.postForStaff(.officeRefundCheck, needing: .refundOrders, from: SitePath.officeRefund(ofForm:)) {
            visit, staff, path, form in
            let id = try path.id(Order.self, else: .orderNotFound)
            let refunds = try visit.shop.refunds(by: staff)
            let request = try visit.refundRequest(&form)
            let file = try visit.shop.orderAdministration(for: staff).find(id)
            try visit.check(request, against: file, &form)
            return visit.refundCheck(try refunds.preview(id, request), of: file, staff, form)
        } refused: { visit, staff, path, refusal in
            try visit.refundChoice(path.id(Order.self, else: .orderNotFound), staff, refusal)
        }
        pages.postForStaff(.officeRefund, needing: .refundOrders) { visit, staff, path, form in
            let id = try path.id(Order.self, else: .orderNotFound)
            let refunds = try visit.shop.refunds(by: staff)
            let request = try visit.refundRequest(&form)
            let receipt = try refunds.refund(
                id, request,
                visit.submission("refund", form, of: visit.signedIn().customer.user.id) { order in
                    SitePath.officeOrder(order.id).text
                })
            return visit.receipt(receipt, saying: .orderRefunded)
        } refused: { visit, staff, path, refusal in
            try visit.refundChoice(path.id(Order.self, else: .orderNotFound), staff, refusal)
        }
    }
}

extension Visit {
    /// Where somebody says what is to be refunded.
    fileprivate func refundChoice(_ id: OrderID, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        let file = try shop.orderAdministration(for: staff).find(id)
        // Nothing is left: the order's own page says why.
        guard file.order.storedStatus == .completed else {
            if let refusal {
                return try refundedAlready(file, staff, refusal)
            }
            return .seeOther(.officeOrder(id))
        }
        let fieldErrors = refusal?.errors.fieldErrors ?? [:]
        let rows = file.rest.lines.map { line in
            let field = Self.quantityField(line.line.product)
            return RefundChoiceRow(
                name: wording.named(line.line.name), quantity: wording.number(line.line.quantity.count),
                left: line.left, leftText: wording.number(line.left),
                worth: wording.won(line.left > 0 ? line.worth(of: 1) : .zero), fieldName: field,
                typed: refusal?.values[field] ?? "0", fieldError: fieldErrors[field])
        }
        let left = file.order.final - file.order.refunded
        let model = OfficeRefundPage(
            head: officeHead(file), checkHref: SitePath.officeRefundCheck(id).text, lines: rows,
            left: wording.won(left), seen: file.order.refunds,
            returnsToStock: refusal == nil || refusal?.values["stock"] != nil)
        let title = words(.titleOfficeRefund, ["id": .text(String(id.value))])
        return officePage(model, title, in: .orders, by: staff, refusal: refusal)
    }

    /// What a form of the refund's pages asks for.
    fileprivate func refundRequest(_ form: inout Form) throws -> RefundRequest {
        guard let seen = form["seen"].flatMap({ Int($0) }) else { throw PageError.staleForm }
        let returnsToStock = form["stock"] != nil
        if form["what"] == "rest" { return RefundRequest(returnsToStock: returnsToStock, seen: seen) }
        var lines: [OrderRequestLine] = []
        for field in form.all where field.value?.contains(where: { !$0.isWhitespace }) == true {
            guard let product = Self.product(ofField: field.name) else { continue }
            let count = form.integer(field.name, in: 0...RefundRequest.quantityRange.upperBound)
            if count > 0 { lines.append(OrderRequestLine(product: product, quantity: Quantity(count))) }
        }
        try form.finish()
        guard !lines.isEmpty else {
            throw FormError(.unprocessableContent, "validation_failed", .errorNothingToRefund)
        }
        return RefundRequest(lines, returnsToStock: returnsToStock, seen: seen)
    }

    /// Says at each field where more is asked for than is left. A form from before another refund is refused as a whole.
    fileprivate func check(_ request: RefundRequest, against file: OrderFile, _ form: inout Form) throws {
        guard request.seen == file.order.refunds else { return }
        for line in file.rest.lines {
            let product = line.line.product
            let wanted = request.lines?.first { $0.product == product }?.quantity.count ?? 0
            if wanted > line.left { form.refuse(Self.quantityField(product), .above(line.left)) }
        }
        try form.finish()
    }

    /// Says what will move.
    fileprivate func refundCheck(
        _ preview: RefundPreview, of file: OrderFile, _ staff: Staff, _ form: Form
    ) -> Response {
        let (plan, id) = (preview.plan, preview.plan.order.id)
        let names = plan.order.names
        let rows = plan.lines.map { line in
            let stock = preview.stock[line.product] ?? 0
            return RefundMoveRow(
                name: wording.named(names[line.product] ?? ""), quantity: wording.number(line.quantity.count),
                amount: wording.won(line.amount), stockBefore: wording.number(stock),
                stockAfter: wording.number(stock + line.quantity.count))
        }
        let sent =
            form.all.filter { $0.name == "what" || $0.name == "stock" || $0.name == "seen" }
            + form.all.filter { $0.name.hasPrefix("quantity-") }
        let model = OfficeRefundCheckPage(
            head: officeHead(file), lines: rows, amount: wording.won(plan.amount),
            balance: BalanceMove(
                before: wording.won(preview.balance), after: wording.won(preview.balance + plan.amount)),
            returnsToStock: plan.returnsToStock, coupon: couponMove(of: plan),
            statusAfter: words(plan.isLast ? .refunded : .partlyRefunded), refundHref: SitePath.officeRefund(id).text,
            backHref: SitePath.officeRefund(id).text,
            fields: sent.map { HiddenField(name: $0.name, value: $0.value ?? "") })
        return officePage(
            model, words(.titleOfficeRefundCheck, ["id": .text(String(id.value))]), in: .orders, by: staff)
    }

    func couponMove(of plan: RefundPlan) -> String? {
        guard plan.order.userCoupon != nil else { return nil }
        if plan.coupon != nil { return words(.refundCouponBack) }
        return words(plan.isLast ? .refundCouponExpired : .refundCouponStays)
    }

    /// The order's page, with why the refund was refused.
    private func refundedAlready(_ file: OrderFile, _ staff: Staff, _ refusal: FormRefusal) throws -> Response {
        let model = OfficeRefundOverPage(head: officeHead(file))
        let title = words(.titleOfficeRefund, ["id": .text(String(file.order.id.value))])
        return officePage(model, title, in: .orders, by: staff, refusal: refusal)
    }

    private static func quantityField(_ product: ProductID) -> String { "quantity-\(product.value)" }

    private static func product(ofField name: String) -> ProductID? {
        guard name.hasPrefix("quantity-"), let id = Int64(name.dropFirst("quantity-".count)),
            ProductID.range.contains(id)
        else { return nil }
        return ProductID(id)
    }

    /// What a refund took back.
    func refundLines(_ refund: Refund, of order: Order) -> [RefundLineRow] {
        let names = order.names
        return refund.lines.map { line in
            RefundLineRow(
                name: wording.named(names[line.product] ?? ""), quantity: wording.number(line.quantity.count))
        }
    }
}

extension Order {
    /// The names of its products, as they were.
    var names: [ProductID: String] {
        Dictionary(lines.map { ($0.product, $0.name) }, uniquingKeysWith: { first, _ in first })
    }
}
