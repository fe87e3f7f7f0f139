import Shop
import Web

/// The orders of all customers: the list, one order with everything that happened to it, notes.
struct OfficeOrderPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.officeOrders) { visit, staff, _ in try visit.officeOrders(staff) }
        pages.getFileForStaff(.ordersFile) { visit, staff in
            try ordersFile(
                visit.request, of: visit.shop.orderAdministration(forFileOf: staff), isForPeople: true, at: visit.now)
        }
        pages.getForStaff(.officeOrder) { visit, staff, path in
            try visit.officeOrder(path.id(Order.self, else: .orderNotFound), staff, nil)
        }
        pages.postForStaff(.officeOrderNotes, needing: .writeNotes, from: SitePath.officeOrder(ofForm:)) {
            visit, staff, path, form in
            let notes = try visit.shop.orderNotes(by: staff)
            let id = try path.id(Order.self, else: .orderNotFound)
            let text = form.text("note", length: OrderEvent.noteLength)
            try form.finish()
            let receipt = try notes.add(
                text, to: id,
                visit.submission("note", form, of: visit.signedIn().customer.user.id) { order in
                    SitePath.officeOrder(order.id).text
                })
            return visit.receipt(receipt, saying: .orderNoted)
        } refused: { visit, staff, path, refusal in
            try visit.officeOrder(path.id(Order.self, else: .orderNotFound), staff, refusal)
        }
    }
}

extension Visit {
    fileprivate func officeOrders(_ staff: Staff) throws -> Response {
        let orders = try shop.orderAdministration(for: staff)
        let input = try OrderListInput(request, isForPeople: true)
        // A number that there is leads to the order itself.
        if let number = input.query.login.flatMap({ Int64($0) }), number > 0,
            let found = try orders.list(OrderQuery(number: OrderID(number)), after: nil, limit: 1).orders.first
        {
            return .seeOther(.officeOrder(found.order.id))
        }
        let query = input.query
        let list = try orders.list(query, after: input.after, limit: input.limit)
        // Ticked still, for whoever had to give the password first.
        let chosen = Set(try ChosenOrders(FormFields(request.query)).ids)
        let here = SitePath.officeOrders(query, cursor: input.after.map(query.cursor))
        let now = now
        let model = OfficeOrdersPage(
            search: query.login ?? "", product: query.product.map { String($0.value) } ?? "",
            from: query.from?.text ?? "", to: query.to?.text ?? "", isByPayment: query.isByPayment,
            isRefunded: query.isRefunded, hasCoupon: query.hasCoupon,
            statuses: Order.Status.allCases.map { status in
                StatusChoice(
                    value: status.rawValue, label: wording.status(status), isChosen: status == query.status)
            },
            periods: periods(from: query.from, to: query.to) { .officeOrders(query.of($0)) },
            isFiltered: query != OrderQuery(),
            rows: list.orders.map { officeRow($0, at: now, isChosen: chosen.contains($0.order.id)) },
            chosen: listFields(here.text), mayRefund: staff.may(.refundOrders), mayNote: staff.may(.writeNotes),
            totals: totals(try orders.totals(query)),
            fileHref: SitePath.ordersFile(query).text, lookedBackTo: list.lookedBackTo.map { wording.time($0) },
            pages: PageLinks(
                first: input.after == nil ? nil : .officeOrders(query),
                next: list.next.map { .officeOrders(query, cursor: query.cursor($0)) }))
        return officePage(model, words(.titleOfficeOrders), in: .orders, by: staff)
    }

    private func totals(_ totals: OrderTotals) -> OrderTotalsModel {
        OrderTotalsModel(
            count: wording.number(totals.count), paid: wording.won(totals.paid),
            discount: wording.won(totals.discount), refunded: wording.won(totals.refunded),
            kept: wording.won(totals.paid - totals.refunded), since: totals.since.map { wording.time($0) })
    }

    func officeRow(_ listed: ListedOrder, at now: Timestamp, isChosen: Bool) -> OfficeOrderRow {
        let order = listed.order
        return OfficeOrderRow(
            id: order.id.value, href: SitePath.officeOrder(order.id).text, createdAt: wording.text(order.createdAt),
            login: listed.login,
            summary: wording.named(summary(of: order)), status: order.status(at: now).rawValue,
            statusText: wording.status(order, at: now), hasCoupon: order.userCoupon != nil,
            final: wording.won(order.final), refunded: order.refunds > 0 ? wording.won(order.refunded) : nil,
            isChosen: isChosen)
    }

    fileprivate func officeOrder(_ id: OrderID, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        let file = try shop.orderAdministration(for: staff).find(id)
        let order = file.order
        let mayRefund = staff.may(.refundOrders) && order.storedStatus == .completed
        let model = OfficeOrderPage(
            head: officeHead(file),
            customerHref: staff.may(.readCustomers) ? SitePath.customer(order.user).text : nil,
            lines: file.rest.lines.map { officeLine($0, staff) },
            sums: OfficeSums(
                total: wording.won(order.total), discount: order.discount > .zero ? wording.won(order.discount) : nil,
                final: wording.won(order.final), isPaid: file.payment != nil,
                refunded: order.refunds > 0 ? wording.won(order.refunded) : nil,
                kept: wording.won(order.final - order.refunded)),
            events: file.events.map { event($0) },
            eventsLeftOut: file.eventsLeftOut > 0
                ? words(.orderEventsLeftOut, ["count": .number(file.eventsLeftOut)]) : nil,
            refunds: refunds(of: file),
            coupon: file.coupon.map { coupon in
                OfficeCouponModel(
                    name: wording.named(coupon.name), discount: wording.discount(coupon.discount),
                    isUsed: coupon.order == order.id)
            },
            paidAt: file.payment.map { wording.time($0.paidAt) },
            balanceAfter: file.payment.map { wording.won($0.balance) },
            refundHref: mayRefund ? SitePath.officeRefund(id).text : nil,
            noteForm: staff.may(.writeNotes)
                ? NoteForm(
                    href: SitePath.officeOrderNotes(id).text, longest: OrderEvent.noteLength.upperBound,
                    text: refusal?.values["note"] ?? "")
                : nil,
            traceHref: staff.may(.readTrace)
                ? SitePath.trace(TraceQuery(of: TraceSubject(.order, id.value))).text : nil)
        let title = words(.titleOfficeOrder, ["id": .text(String(id.value))])
        return officePage(model, title, in: .orders, by: staff, refusal: refusal)
    }

    func officeHead(_ file: OrderFile) -> OfficeOrderHead {
        let order = file.order
        let status = order.status(at: now)
        return OfficeOrderHead(
            href: SitePath.officeOrder(order.id).text, status: status.rawValue,
            statusText: wording.status(order, at: now), createdAt: wording.time(order.createdAt),
            expiresAt: status == .pending ? wording.time(order.expiresAt) : nil, login: file.customer?.login ?? "",
            name: wording.named(file.customer?.name ?? ""),
            ordersHref: SitePath.officeOrders(OrderQuery(login: file.customer?.login)).text)
    }

    private func officeLine(_ line: OrderRest.Line, _ staff: Staff) -> OfficeLineRow {
        let product = line.line.product
        return OfficeLineRow(
            name: wording.named(line.line.name),
            href: staff.may(.readProducts)
                ? SitePath.managedProduct(product).text : SitePath.officeOrders(OrderQuery(product: product)).text,
            unitPrice: wording.won(line.line.unitPrice), quantity: wording.number(line.line.quantity.count),
            amount: wording.won(line.line.amount),
            refunded: line.refunded > 0 ? wording.number(line.refunded) : nil)
    }

    private func event(_ event: OrderEvent) -> OrderEventRow {
        let who =
            switch event.actor {
            case .customer: words(.actorCustomer)
            case .shop: words(.actorShop)
            case .staff(let login): login ?? words(.actorStaff)
            }
        return OrderEventRow(
            at: event.at.map { wording.time($0) }, kind: event.kind.word, what: words.named("event_" + event.kind.word),
            who: who, amount: event.kind.amount.map { wording.won($0) },
            note: event.kind.note.map { wording.named($0) })
    }

    private func refunds(of file: OrderFile) -> [OfficeRefundRow] {
        file.refunds.map { refund in
            OfficeRefundRow(
                at: wording.time(refund.at), who: refund.login ?? words(.actorStaff),
                amount: wording.won(refund.amount), lines: refundLines(refund, of: file.order),
                returnedToStock: refund.returnedToStock)
        }
    }
}

extension OrderQuery {
    /// The same of other days.
    fileprivate func of(_ days: ClosedRange<Day>?) -> OrderQuery {
        OrderQuery(
            number: number, login: login, product: product, status: status, isRefunded: isRefunded,
            hasCoupon: hasCoupon, from: days?.lowerBound, to: days?.upperBound, isByPayment: isByPayment)
    }
}
