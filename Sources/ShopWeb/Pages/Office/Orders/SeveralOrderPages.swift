import Shop
import Web

/// Several orders at once: what is left of each refunded, after a page that says what will move, and the same note
/// written to each.
struct SeveralOrderPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.severalRefunds) { visit, staff, _ in
            let refunds = try visit.shop.refunds(by: staff)
            let (ids, list) = try visit.chosenOrders()
            guard !ids.isEmpty else { return .seeOther(list, saying: .noOrdersSelected, visit.request) }
            let stock = try FormFields(visit.request.query).fields.contains { $0.name == "stock" }
            return visit.severalRefunds(
                try refunds.preview(ids, returnsToStock: stock), returnsToStock: stock, list, staff, nil)
        }
        pages.postForStaff(.severalRefunds, needing: .refundOrders) { visit, staff, _, form in
            let refunds = try visit.shop.refunds(by: staff)
            guard let shown = ShownOrders(form["orders"]) else { throw PageError.staleForm }
            let list = form.next ?? SitePath.officeOrders().text
            do {
                let submission: Submission<[WholeRefund]> = try visit.submission(
                    "refunds", form, of: visit.signedIn().customer.user.id
                ) { _ in list }
                return visit.receipt(
                    try refunds.refund(shown.orders, returnsToStock: form["stock"] != nil, submission),
                    saying: .ordersRefunded)
            } catch let error as RefusedOrders {
                throw error.rowErrors
            }
        } refused: { visit, staff, _, refusal in
            let refunds = try visit.shop.refunds(by: staff)
            let stock = refusal.values["stock"] != nil
            return visit.severalRefunds(
                try refunds.preview(refusal.shownOrders, returnsToStock: stock), returnsToStock: stock,
                refusal.orderList, staff, refusal)
        }
        pages.getForStaff(.severalNotes) { visit, staff, _ in
            _ = try visit.shop.orderNotes(by: staff)
            let (ids, list) = try visit.chosenOrders()
            guard !ids.isEmpty else { return .seeOther(list, saying: .noOrdersSelected, visit.request) }
            return try visit.severalNotes(ids, list, staff, nil)
        }
        pages.postForStaff(.severalNotes, needing: .writeNotes) { visit, staff, _, form in
            let notes = try visit.shop.orderNotes(by: staff)
            guard let shown = ShownOrders(form["orders"]) else { throw PageError.staleForm }
            let text = form.text("note", length: OrderEvent.noteLength)
            try form.finish()
            let list = form.next ?? SitePath.officeOrders().text
            do {
                let submission: Submission<[OrderID]> = try visit.submission(
                    "notes", form, of: visit.signedIn().customer.user.id
                ) { _ in list }
                return visit.receipt(try notes.add(text, to: shown.orders.map(\.id), submission), saying: .ordersNoted)
            } catch let error as RefusedOrders {
                throw error.rowErrors
            }
        } refused: { visit, staff, _, refusal in
            _ = try visit.shop.orderNotes(by: staff)
            return try visit.severalNotes(refusal.shownOrders, refusal.orderList, staff, refusal)
        }
    }
}

extension FormRefusal {
    fileprivate var shownOrders: [OrderID] { ShownOrders(values["orders"])?.orders.map(\.id) ?? [] }

    /// Where the form leads back to.
    fileprivate var orderList: String { OwnPath.path(values["next"]) ?? SitePath.officeOrders().text }
}

extension Visit {
    /// The orders that were ticked in the list, and the list.
    fileprivate func chosenOrders() throws -> (ids: [OrderID], list: String) {
        let input = try OrderListInput(request, isForPeople: true)
        let list = SitePath.officeOrders(input.query, cursor: input.after.map(input.query.cursor))
        return (try ChosenOrders(FormFields(request.query)).ids, list.text)
    }

    fileprivate func severalRefunds(
        _ found: [WholeRefundPreview], returnsToStock: Bool, _ list: String, _ staff: Staff, _ refusal: FormRefusal?
    ) -> Response {
        let wrong = refusal?.errors.fieldErrors ?? [:]
        let plans = found.compactMap { if case .success(let plan) = $0.plan { plan } else { nil } }
        let amount = plans.reduce(Won.zero) { $0 + $1.amount }
        let pieces = plans.flatMap(\.lines).reduce(0) { $0 + $1.quantity.count }
        let numbers = found.map { String($0.order.order.id.value) }.joined(separator: " ")
        let model = SeveralRefundsPage(
            listHref: list, chosen: listFields(list) + [HiddenField(name: ChosenOrders.field, value: numbers)],
            returnsToStock: returnsToStock,
            says: words(.severalRefundsMove, ["count": .number(Int64(plans.count))]),
            sums: SeveralRefundSums(
                amount: wording.won(amount), pieces: wording.number(pieces),
                coupons: wording.number(Int64(plans.count { $0.coupon != nil }))),
            rows: found.compactMap { preview in
                guard case .success(let plan) = preview.plan else { return nil }
                return refundRow(preview, plan, wrong["row-\(plan.order.id.value)"])
            },
            marks: ShownOrders.marks(plans.map(\.order)),
            refused: found.compactMap { preview in
                guard case .failure(let error) = preview.plan else { return nil }
                let order = preview.order.order
                let why = words(.severalOrderWhyNot, ["status": .text(wording.status(order, at: now))])
                return RefusedOrderRow(
                    id: order.id.value, href: SitePath.officeOrder(order.id).text, login: preview.order.login,
                    why: error == .orderNotCompleted ? why : words(Problem(error).title),
                    rowError: wrong["row-\(order.id.value)"])
            })
        return officePage(model, words(.titleSeveralRefunds), in: .orders, by: staff, refusal: refusal)
    }

    private func refundRow(_ preview: WholeRefundPreview, _ plan: RefundPlan, _ rowError: String?) -> SeveralRefundRow {
        let (order, names) = (plan.order, plan.order.names)
        return SeveralRefundRow(
            id: order.id.value, href: SitePath.officeOrder(order.id).text, login: preview.order.login,
            status: order.status(at: now).rawValue, statusText: wording.status(order, at: now),
            lines: plan.lines.map { line in
                RefundLineRow(
                    name: wording.named(names[line.product] ?? ""), quantity: wording.number(line.quantity.count))
            },
            amount: wording.won(plan.amount),
            balance: BalanceMove(
                before: wording.won(preview.balance), after: wording.won(preview.balance + plan.amount)),
            coupon: couponMove(of: plan), rowError: rowError)
    }

    fileprivate func severalNotes(
        _ ids: [OrderID], _ list: String, _ staff: Staff, _ refusal: FormRefusal?
    ) throws -> Response {
        let orders = try shop.orderAdministration(for: staff).chosen(ids)
        let model = SeveralNotesPage(
            listHref: list, longest: OrderEvent.noteLength.upperBound, text: refusal?.values["note"] ?? "",
            rows: orders.map { officeRow($0, at: now, isChosen: true) }, marks: ShownOrders.marks(orders.map(\.order)),
            says: words(.severalNotesSay, ["count": .number(Int64(orders.count))]))
        return officePage(model, words(.titleSeveralNotes), in: .orders, by: staff, refusal: refusal)
    }

    /// What the list is narrowed to, as fields of a form that leads back to it.
    func listFields(_ list: String) -> [HiddenField] {
        let query = list.split(separator: "?", maxSplits: 1).dropFirst().first.map { String($0) } ?? ""
        // The shop has made it, and whoever has changed it gets the whole list.
        let fields = (try? FormFields(query))?.fields ?? []
        return fields.map { HiddenField(name: $0.name, value: $0.value ?? "") }
    }
}
