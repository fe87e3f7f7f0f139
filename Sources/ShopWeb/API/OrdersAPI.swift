import Shop
import Web

/// The caller's orders.
struct OrdersAPI: Sendable {
    let orders: Orders
    let clock: ShopClock
    let access: Access

    func addRoutes(to api: inout RouterGroup) {
        api.on(.post, "/orders") { request, _ in
            let caller = try access.caller(request)
            let submission: Submission<Order> = try request.submission(of: caller.user, status: 201) { json, order in
                json.value(order, at: order.createdAt)
            }
            let input = try request.json(OrderInput.self)
            return Response(
                try orders.create(input.lines, coupon: input.coupon.map { .one($0) } ?? .without, submission))
        }
        api.on(.get, "/orders") { request, _ in
            let caller = try access.caller(request)
            let list = Cursor(list: "orders \(caller.user.value)")
            var query = try QueryFields(request)
            let page = query.page(of: list, by: Order.self)
            try query.finish()
            let mine = try orders.list(of: caller.user, before: page.before, limit: page.limit)
            let now = clock.now()
            return .json { json in
                json.page(mine, cursor: { list.text($0.id.value) }, item: { $0.value($1, at: now) })
            }
        }
        api.on(.get, "/orders/:id") { request, path in
            let caller = try access.caller(request)
            let order = try orders.find(path.id(Order.self, else: .orderNotFound), of: caller.user)
            let now = clock.now()
            return .json { $0.value(order, at: now) }
        }
        api.on(.post, "/orders/:id/cancel") { request, path in
            let caller = try access.caller(request)
            let submission: Submission<Order> = try request.submission(of: caller.user, status: 200) { json, order in
                json.value(order, at: order.createdAt)
            }
            return Response(try orders.cancel(path.id(Order.self, else: .orderNotFound), submission))
        }
    }
}

private struct OrderInput: JSONInput {
    let lines: [OrderRequestLine]
    let coupon: UserCouponID?

    init(_ fields: JSONFields) {
        lines = fields.array("items", count: 1...Basket.mostLines, of: OrderLineInput.self).compactMap(\.line)
        coupon = fields.optional("userCouponId") { UserCouponID(fields.integer($0, in: UserCouponID.range)) }
    }
}

private struct OrderLineInput: JSONInput {
    /// nil if the quantity is invalid; then the input is refused.
    let line: OrderRequestLine?

    init(_ fields: JSONFields) {
        let product = ProductID(fields.integer("productId", in: ProductID.range))
        let count = fields.integer("quantity", in: BasketLine.quantityRange)
        line = count > 0 ? OrderRequestLine(product: product, quantity: Quantity(count)) : nil
    }
}

extension JSONWriter {
    /// - Parameter now: decides whether a pending order has expired.
    mutating func value(_ order: Order, at now: Timestamp) {
        object { json in
            json.member("id", order.id)
            json.member("userId", order.user)
            json.member("status", order.status(at: now).rawValue)
            json.name("items")
            json.array(order.lines) { json, line in
                json.object { json in
                    json.member("productId", line.product)
                    json.member("name", line.name)
                    json.member("unitPrice", line.unitPrice)
                    json.member("quantity", line.quantity.count)
                    json.member("amount", line.amount)
                }
            }
            json.member("totalAmount", order.total)
            json.member("discountAmount", order.discount)
            json.member("finalAmount", order.final)
            json.member("refundedAmount", order.refunded)
            json.member("userCouponId", order.userCoupon)
            json.member("createdAt", order.createdAt)
            json.member("expiresAt", order.expiresAt)
            json.member("completedAt", order.completedAt)
        }
    }
}
