import Shop
import Web

/// The orders of all customers, for the staff: with everything that happened to them, notes and refunds.
struct OrderOfficeAPI: Sendable {
    let shop: Shop
    let access: Access
    let downloads: Downloads

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/admin/orders") { request, _ in
            let orders = try shop.orderAdministration(for: access.staff(request).staff)
            let input = try OrderListInput(request)
            let list = try orders.list(input.query, after: input.after, limit: input.limit)
            let totals = try orders.totals(input.query)
            let now = shop.clock.now()
            return .json { json in
                json.object { json in
                    json.name("items")
                    json.array(list.orders) { json, listed in
                        json.object { json in
                            json.name("order")
                            json.value(listed.order, at: now)
                            json.member("login", listed.login)
                        }
                    }
                    json.optional("nextCursor", list.next.map(input.query.cursor))
                    json.member("lookedBackTo", list.lookedBackTo)
                    json.name("totals")
                    json.value(totals)
                }
            }
        }
        api.on(.get, "/admin/orders.csv") { request, _ in
            let orders = try shop.orderAdministration(forFileOf: access.staff(request).staff)
            return try ordersFile(request, of: orders, isForPeople: false, at: shop.clock.now()).response(downloads)
        }
        api.on(.get, "/admin/orders/:id") { request, path in
            let orders = try shop.orderAdministration(for: access.staff(request).staff)
            let file = try orders.find(path.id(Order.self, else: .orderNotFound))
            let now = shop.clock.now()
            return .json { $0.value(file, at: now) }
        }
        api.on(.post, "/admin/orders/:id/notes") { request, path in
            let (staff, user) = try access.staff(request)
            let notes = try shop.orderNotes(by: staff)
            let submission: Submission<Order> = try request.submission(of: user, status: 201) { json, order in
                json.object { $0.member("orderId", order.id) }
            }
            let input = try request.json(NoteInput.self)
            return Response(try notes.add(input.text, to: path.id(Order.self, else: .orderNotFound), submission))
        }
        api.on(.post, "/admin/orders/notes") { request, _ in
            let (staff, user) = try access.staff(request)
            let notes = try shop.orderNotes(by: staff)
            let submission: Submission<[OrderID]> = try request.submission(of: user, status: 201) { json, orders in
                json.object { json in
                    json.name("items")
                    json.array(orders) { json, id in json.object { $0.member("orderId", id) } }
                }
            }
            let input = try request.json(NotesInput.self)
            return Response(try notes.add(input.text, to: input.orders.map(\.id), submission))
        }
        api.on(.post, "/admin/orders/refunds") { request, _ in
            let (staff, user) = try access.staff(request)
            let refunds = try shop.refunds(by: staff)
            let submission: Submission<[WholeRefund]> = try request.submission(of: user, status: 200) { json, done in
                json.value(done)
            }
            let input = try request.json(RefundsInput.self)
            return Response(
                try refunds.refund(
                    input.orders.map { (id: $0.id, seen: $0.seen) }, returnsToStock: input.returnsToStock, submission))
        }
        api.on(.post, "/admin/orders/:id/refund/preview") { request, path in
            let refunds = try shop.refunds(by: access.staff(request).staff)
            let input = try request.bodyBytes().isEmpty ? nil : request.json(RefundInput.self)
            let preview = try refunds.preview(
                path.id(Order.self, else: .orderNotFound), input?.request ?? .rest)
            return .json { $0.value(preview) }
        }
        api.on(.post, "/admin/orders/:id/refund") { request, path in
            let (staff, user) = try access.staff(request)
            let refunds = try shop.refunds(by: staff)
            let submission: Submission<Order> = try request.submission(of: user, status: 200) { json, order in
                json.value(order, at: order.createdAt)
            }
            let input = try request.bodyBytes().isEmpty ? nil : request.json(RefundInput.self)
            return Response(
                try refunds.refund(
                    path.id(Order.self, else: .orderNotFound), input?.request ?? .rest, submission))
        }
    }
}

private struct NoteInput: JSONInput {
    let text: String

    init(_ fields: JSONFields) { text = fields.text("text", length: OrderEvent.noteLength) }
}

private struct NotesInput: JSONInput {
    let text: String
    let orders: [ChosenOrderInput]

    init(_ fields: JSONFields) {
        text = fields.text("text", length: OrderEvent.noteLength)
        orders = fields.orders(of: ChosenOrderInput.self) { $0.id }
    }
}

private struct ChosenOrderInput: JSONInput {
    let id: OrderID

    init(_ fields: JSONFields) { id = OrderID(fields.integer("id", in: OrderID.range)) }
}

private struct RefundsInput: JSONInput {
    let orders: [RefundedOrderInput]
    let returnsToStock: Bool

    init(_ fields: JSONFields) {
        orders = fields.orders(of: RefundedOrderInput.self) { $0.id }
        returnsToStock = fields.optional("returnToStock") { fields.boolean($0) } ?? true
    }
}

private struct RefundedOrderInput: JSONInput {
    let id: OrderID
    let seen: Int?

    init(_ fields: JSONFields) {
        id = OrderID(fields.integer("id", in: OrderID.range))
        seen = fields.seenRefunds()
    }
}

extension JSONFields {
    /// Several orders, each once.
    fileprivate func orders<Input: JSONInput>(of _: Input.Type, _ id: (Input) -> OrderID) -> [Input] {
        let orders = array("orders", count: 1...OrderAdministration.mostTogether, of: Input.self)
        var seen: Set<OrderID> = []
        for (index, order) in orders.enumerated() where !seen.insert(id(order)).inserted {
            refuse("orders.\(index).id", .repeated)
        }
        return orders
    }

    fileprivate func seenRefunds() -> Int? {
        optional("seenRefunds") { Int(integer($0, in: 0...Int64(Int32.max))) }
    }
}

private struct RefundInput: JSONInput {
    let request: RefundRequest

    init(_ fields: JSONFields) {
        let lines = fields.optional("lines") {
            fields.array($0, count: 1...Basket.mostLines, of: RefundLineInput.self).compactMap(\.line)
        }
        let returnsToStock = fields.optional("returnToStock") { fields.boolean($0) }
        request = RefundRequest(lines, returnsToStock: returnsToStock ?? true, seen: fields.seenRefunds())
    }
}

private struct RefundLineInput: JSONInput {
    /// nil if the quantity is invalid; then the input is refused.
    let line: OrderRequestLine?

    init(_ fields: JSONFields) {
        let product = ProductID(fields.integer("productId", in: ProductID.range))
        let count = fields.integer("quantity", in: RefundRequest.quantityRange)
        line = count > 0 ? OrderRequestLine(product: product, quantity: Quantity(count)) : nil
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ file: OrderFile, at now: Timestamp) {
        object { json in
            json.name("order")
            json.value(file.order, at: now)
            json.optional("login", file.customer?.login)
            json.member("paidAt", file.payment?.paidAt)
            json.name("events")
            json.array(file.events) { $0.value($1) }
            json.member("eventsLeftOut", file.eventsLeftOut)
            json.name("refunds")
            json.array(file.refunds) { $0.value($1) }
        }
    }

    fileprivate mutating func value(_ preview: RefundPreview) {
        let plan = preview.plan
        object { json in
            json.member("amount", plan.amount)
            json.member("balanceBefore", preview.balance)
            json.member("balanceAfter", preview.balance + plan.amount)
            json.member("returnToStock", plan.returnsToStock)
            json.member("couponId", plan.coupon?.id)
            json.member("seenRefunds", Int64(plan.order.refunds))
            json.member("last", plan.isLast)
            json.name("lines")
            json.array(plan.lines) { json, line in
                let stock = preview.stock[line.product] ?? 0
                json.object { json in
                    json.member("productId", line.product)
                    json.member("quantity", line.quantity.count)
                    json.member("amount", line.amount)
                    json.member("stockBefore", stock)
                    json.member("stockAfter", plan.returnsToStock ? stock + line.quantity.count : stock)
                }
            }
        }
    }

    fileprivate mutating func value(_ totals: OrderTotals) {
        object { json in
            json.member("count", totals.count)
            json.member("paidAmount", totals.paid)
            json.member("discountAmount", totals.discount)
            json.member("refundedAmount", totals.refunded)
            json.member("since", totals.since)
        }
    }

    fileprivate mutating func value(_ refunds: [WholeRefund]) {
        object { json in
            json.name("items")
            json.array(refunds) { json, refund in
                json.object { json in
                    json.member("orderId", refund.order)
                    json.member("amount", refund.amount)
                }
            }
            json.member("amount", refunds.reduce(.zero) { $0 + $1.amount })
        }
    }

    private mutating func value(_ event: OrderEvent) {
        object { json in
            json.member("id", event.id)
            json.member("kind", event.kind.word)
            json.member("actor", event.actor.word)
            json.optional("login", event.actor.login)
            json.member("at", event.at)
            if let amount = event.kind.amount { json.member("amount", amount) } else { json.null("amount") }
            json.optional("note", event.kind.note)
        }
    }

    private mutating func value(_ refund: Refund) {
        object { json in
            json.member("id", Int64(refund.number))
            json.member("amount", refund.amount)
            json.member("returnedToStock", refund.returnedToStock)
            json.optional("login", refund.login)
            json.member("at", refund.at)
            json.name("lines")
            json.array(refund.lines) { json, line in
                json.object { json in
                    json.member("productId", line.product)
                    json.member("quantity", line.quantity.count)
                    json.member("amount", line.amount)
                }
            }
        }
    }
}
