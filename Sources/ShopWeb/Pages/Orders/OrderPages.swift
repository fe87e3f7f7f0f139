import Shop
import Web

/// The customer's orders: the list, each one with its receipt, paying, cancelling.
struct OrderPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.get(.orders) { visit, _ in
            let customer = try visit.signedIn().customer
            let list = Cursor(list: "orders \(customer.user.id.value)")
            var query = try QueryFields(visit.request)
            let asked = query.page(of: list, by: Order.self)
            try query.finish()
            let orders = try visit.shop.orders.list(of: customer.user.id, before: asked.before, limit: asked.limit)
            return visit.orders(orders, next: orders.next(list) { $0.id.value }, isFirst: asked.before == nil)
        }
        pages.get(.order) { visit, path in
            try visit.order(path, nil)
        }
        pages.get(.payment) { visit, path in
            try visit.payment(path, nil)
        }
        pages.post(.payment) { visit, path, form in
            let customer = try visit.signedIn().customer
            let id = try path.id(Order.self, else: .orderNotFound)
            guard let seen = form["seen"].flatMap({ Int64($0) }) else { throw PageError.staleForm }
            // What is paid is what is on the screen: with the coupon chosen there, and no other amount.
            if let choice = form.coupon { try visit.choose(choice, for: id) }
            let receipt = try visit.shop.payments.pay(
                id, seen: Won(seen),
                visit.submission("pay", form, of: customer.user.id) { _ in
                    SitePath.order(id, isPaid: true).text
                })
            return visit.receipt(receipt)
        } refused: { visit, path, refusal in
            try visit.payment(path, refusal)
        }
        pages.post(.couponOfOrder, from: { .payment(ofForm: $0) }) { visit, path, form in
            let id = try path.id(Order.self, else: .orderNotFound)
            try visit.choose(form.coupon ?? .without, for: id)
            return .seeOther(.payment(of: id), saying: .couponChosen, visit.request)
        } refused: { visit, path, refusal in
            try visit.payment(path, refusal)
        }
        pages.post(.orderAgain, from: { .order(ofForm: $0) }) { visit, path, form in
            let customer = try visit.signedIn().customer
            let id = try path.id(Order.self, else: .orderNotFound)
            let receipt = try visit.shop.baskets.addAgain(
                id,
                visit.submission("again", form, of: customer.user.id) { isAll in
                    (isAll ? Notice.orderedAgain : .orderedAgainInPart).text
                })
            return .seeOther(
                .basket(), saying: Notice(String(decoding: receipt.bytes, as: UTF8.self)) ?? .orderedAgain,
                visit.request)
        } refused: { visit, path, refusal in
            try visit.order(path, refusal)
        }
        pages.post(.cancelOrder, from: { .order(ofForm: $0) }) { visit, path, form in
            let customer = try visit.signedIn().customer
            let id = try path.id(Order.self, else: .orderNotFound)
            let receipt = try visit.shop.orders.cancel(
                id, visit.submission("cancel", form, of: customer.user.id) { _ in SitePath.order(id).text })
            return visit.receipt(receipt, saying: .orderCancelled)
        } refused: { visit, path, refusal in
            try visit.order(path, refusal)
        }
    }
}

extension Visit {
    fileprivate func orders(_ orders: ListPage<Order>, next: String?, isFirst: Bool) -> Response {
        let now = now
        let rows = orders.items.map { order in
            let status = order.status(at: now)
            return OrderRow(
                id: order.id.value, href: SitePath.order(order.id).text, payHref: SitePath.payment(of: order.id).text,
                summary: summary(of: order), status: status.rawValue, statusText: wording.status(order, at: now),
                isPending: status == .pending, createdAt: wording.time(order.createdAt),
                final: wording.won(order.final))
        }
        let model = OrdersPage(
            orders: rows, pages: PageLinks(first: isFirst ? nil : .orders(), next: next.map { .orders(cursor: $0) }))
        return page(model, words(.titleOrders), in: .orders)
    }

    /// The first product, and how many others.
    func summary(of order: Order) -> String {
        let first = order.lines.first?.name ?? ""
        guard order.lines.count > 1 else { return first }
        return words(.orderSummaryMore, ["name": .text(first), "count": .number(Int64(order.lines.count - 1))])
    }

    fileprivate func order(_ path: PathParameters, _ refusal: FormRefusal?) throws -> Response {
        let whole = try wholeOrder(path)
        let isPaid = whole.payment != nil
        let sums = OrderSums(
            discount: whole.order.discount, final: whole.order.final, coupon: whole.coupon.map { $0.name })
        let model = OrderPage(
            order: orderModel(whole, sums), isReceipt: isPaid && request.query == SitePath.paid)
        let title = words(isPaid ? .titleReceipt : .titleOrder, ["id": .text(String(whole.order.id.value))])
        return page(model, title, in: .orders, refusal: refusal)
    }

    /// The page to check everything before paying.
    fileprivate func payment(_ path: PathParameters, _ refusal: FormRefusal?) throws -> Response {
        let whole = try wholeOrder(path)
        guard whole.order.status(at: now) == .pending else {
            return refusal == nil ? .seeOther(.order(whole.order.id)) : try order(path, refusal)
        }
        // If the order's own coupon has been used elsewhere or has expired, the best of the others is offered.
        let offer = try shop.orders.coupons(for: whole.order)
        let own = whole.order.userCoupon
        let isLost = own != nil && !offer.fitting.contains { $0.coupon.id == own }
        let chosen = offer.chosen(isLost ? .best : own.map { .one($0) } ?? .without)
        let discount = chosen?.saves ?? .zero
        let final = whole.order.total - discount
        // Read anew: the balance may have changed, and be the reason for the refusal.
        let signedIn = try signedIn()
        let balance = try shop.accounts.customer(signedIn.token)?.balance ?? signedIn.customer.balance
        // Without a usable coupon, the order's own is still named.
        let sums = OrderSums(
            discount: discount, final: final, coupon: chosen?.coupon.name ?? whole.coupon.map { $0.name })
        let model = PayPage(
            order: orderModel(whole, sums), isCouponLost: isLost, seen: final.amount,
            coupons: coupons(offer, chosen?.coupon),
            means: means(balance, for: final, next: .payment(of: whole.order.id)),
            won: WonOfOrder(balance: balance.amount, total: whole.order.total.amount))
        return page(model, words(.titlePay), in: .orders, refusal: refusal)
    }

    /// Gives the order the chosen coupon, if it has another and is still pending.
    fileprivate func choose(_ choice: CouponChoice, for id: OrderID) throws {
        let user = try signedIn().customer.user.id
        let order = try shop.orders.find(id, of: user)
        guard order.status(at: now) == .pending, choice != order.userCoupon.map({ .one($0) }) ?? .without else {
            return
        }
        _ = try shop.orders.choose(
            choice, for: id, Submission(caller: user, key: nil) { _ in Receipt(code: 200, bytes: []) })
    }

    private typealias WholeOrder = (order: Order, payment: Payment?, refunds: [Refund], coupon: UserCoupon?)

    private func wholeOrder(_ path: PathParameters) throws -> WholeOrder {
        let user = try signedIn().customer.user.id
        return try shop.orders.findWhole(path.id(Order.self, else: .orderNotFound), of: user)
    }

    private func orderModel(_ whole: WholeOrder, _ sums: OrderSums) -> OrderModel {
        let order = whole.order
        let status = order.status(at: now)
        return OrderModel(
            id: order.id.value, href: SitePath.order(order.id).text, payHref: SitePath.payment(of: order.id).text,
            couponHref: SitePath.couponOfOrder(order.id).text, againHref: SitePath.orderAgain(order.id).text,
            cancelHref: SitePath.cancelOrder(order.id).text, status: status, statusText: wording.status(order, at: now),
            createdAt: wording.time(order.createdAt), expiresAt: wording.time(order.expiresAt),
            expiresIn: wording.span(from: now, to: order.expiresAt), lines: order.lines.map { line($0) },
            total: wording.won(order.total), discount: wording.won(sums.discount),
            hasDiscount: sums.discount > .zero, final: wording.won(sums.final),
            couponName: sums.coupon.map { wording.named($0) }, payment: whole.payment.map { payment($0) },
            refunds: parts(whole))
    }

    /// What was given back, unless it was everything at once: the order says that itself.
    private func parts(_ whole: WholeOrder) -> [RefundRow] {
        if whole.refunds.count == 1, whole.order.storedStatus == .refunded { return [] }
        return whole.refunds.map { refund in
            RefundRow(
                at: wording.time(refund.at), amount: wording.won(refund.amount),
                lines: refundLines(refund, of: whole.order))
        }
    }

    private func line(_ line: OrderLine) -> OrderLineRow {
        OrderLineRow(
            href: SitePath.product(line.product).text, name: wording.named(line.name),
            unitPrice: wording.won(line.unitPrice), quantity: wording.number(line.quantity.count),
            amount: wording.won(line.amount))
    }

    private func payment(_ payment: Payment) -> PaymentModel {
        PaymentModel(
            paidAt: wording.time(payment.paidAt), amount: wording.won(payment.amount),
            balance: wording.won(payment.balance), refundedAt: payment.refundedAt.map { wording.time($0) })
    }
}

/// An order's amounts as a page shows them: as it was made, or as it would be paid now.
private struct OrderSums {
    let discount: Won
    let final: Won
    /// The coupon's name.
    let coupon: String?
}
