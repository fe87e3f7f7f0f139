import Shop
import Web

/// The accounts that a request asks for, as a file: in the order of the list.
func customersFile(
    _ request: Request, of customers: Customers
) throws -> ListFile<CustomerSummary, CustomerQuery.Position> {
    var fields = try QueryFields(request)
    let query = fields.customerQuery()
    try fields.finish()
    return ListFile(
        name: "customers", columns: ["id", "login", "name", "role", "balance", "created_at", "closed_at"]
    ) { after, limit in
        let list = try customers.list(query, after: after, limit: limit)
        return ListPart(items: list.customers, next: list.next)
    } row: { csv, customer in
        csv.number(customer.id.value)
        csv.text(customer.user.login)
        csv.text(customer.user.name)
        csv.text(customer.user.role.rawValue)
        csv.number(customer.balance.amount)
        csv.text(DateTime.text(customer.user.createdAt))
        csv.text(customer.closedAt.map { DateTime.text($0) })
        csv.endRow()
    }
}

/// Those who have taken a coupon, as a file, by their numbers.
func couponHoldersFile(
    _ request: Request, of id: CouponID, in coupons: ManagedCoupons, at now: Timestamp
) throws -> ListFile<CouponHolder, UserID> {
    var fields = try QueryFields(request)
    let isUsed = fields.isUsed()
    try fields.finish()
    return ListFile(
        name: "coupon-\(id.value)-holders",
        columns: ["user_id", "login", "name", "status", "issued_at", "expires_at", "used_at", "order_id"]
    ) { after, limit in
        ListPart(try coupons.holders(of: id, used: isUsed, after: after, limit: limit)) { $0.user }
    } row: { csv, holder in
        csv.number(holder.user.value)
        csv.text(holder.login)
        csv.text(holder.name)
        csv.text(holder.status(at: now).rawValue)
        csv.text(DateTime.text(holder.issuedAt))
        csv.text(DateTime.text(holder.expiresAt))
        csv.text(holder.usedAt.map { DateTime.text($0) })
        csv.number(holder.order?.value)
        csv.endRow()
    }
}
