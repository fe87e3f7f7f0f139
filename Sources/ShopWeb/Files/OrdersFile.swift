import Shop
import Web

/// The orders that a request asks for, as a file: a line for each order, the newest first. Where it names orders, these and
/// no others.
///
/// - Parameter isForPeople: whether the request is a page's, which has one field for number and login.
func ordersFile(
    _ request: Request, of orders: OrderAdministration, isForPeople: Bool, at now: Timestamp
) throws -> ListFile<ListedOrder, OrderPosition> {
    let query = try OrderListInput(request, isForPeople: isForPeople).query
    let chosen = try ChosenOrders(FormFields(request.query)).ids
    return ListFile(
        name: "orders",
        columns: [
            "id", "created_at", "login", "status", "products", "quantity", "total_amount", "discount_amount",
            "final_amount", "user_coupon_id", "paid_at", "refunds", "refunded_amount",
        ]
    ) { after, limit in
        if !chosen.isEmpty { return ListPart(items: try orders.chosen(chosen), next: nil) }
        // A piece is soon read, however rare what is sought.
        let list = try orders.list(query, after: after, limit: limit, lookingAt: 8 * limit)
        return ListPart(items: list.orders, next: list.next)
    } row: { csv, listed in
        let order = listed.order
        csv.number(order.id.value)
        csv.text(DateTime.text(order.createdAt))
        csv.text(listed.login)
        csv.text(order.status(at: now).rawValue)
        csv.text(order.lines.map { "\($0.name) × \($0.quantity.count)" }.joined(separator: "\n"))
        csv.number(order.lines.reduce(0) { $0 + $1.quantity.count })
        csv.number(order.total.amount)
        csv.number(order.discount.amount)
        csv.number(order.final.amount)
        csv.number(order.userCoupon?.value)
        csv.text(order.completedAt.map { DateTime.text($0) })
        csv.number(Int64(order.refunds))
        csv.number(order.refunded.amount)
        csv.endRow()
    }
}
