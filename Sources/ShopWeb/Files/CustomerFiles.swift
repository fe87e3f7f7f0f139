import Shop
import Web

/// The entries of a customer's balance as a file, the newest first. Throws `accountNotFound`.
func entriesFile(of id: UserID, in customers: Customers) -> ListFile<BalanceEntry, EntryID> {
    ListFile(
        name: "customer-\(id.value)-entries",
        columns: ["id", "created_at", "kind", "amount", "balance", "order_id", "reason"]
    ) { before, limit in
        ListPart(try customers.entries(of: id, before: before, limit: limit)) { $0.id }
    } row: { csv, entry in
        csv.number(entry.id.value)
        csv.text(DateTime.text(entry.createdAt))
        csv.text(entry.kind.rawValue)
        csv.number(entry.amount.amount)
        csv.number(entry.balance.amount)
        csv.number(entry.order?.value)
        csv.text(entry.reason)
        csv.endRow()
    }
}

/// The coupons that a customer has taken as a file, the newest first. Throws `accountNotFound`.
func customerCouponsFile(
    of id: UserID, in customers: Customers, at now: Timestamp
) -> ListFile<UserCoupon, UserCouponID> {
    ListFile(
        name: "customer-\(id.value)-coupons",
        columns: ["id", "coupon_id", "name", "status", "issued_at", "expires_at", "used_at", "order_id"]
    ) { before, limit in
        ListPart(try customers.coupons(of: id, before: before, limit: limit)) { $0.id }
    } row: { csv, coupon in
        csv.number(coupon.id.value)
        csv.number(coupon.coupon.value)
        csv.text(coupon.name)
        csv.text(coupon.status(at: now).rawValue)
        csv.text(DateTime.text(coupon.issuedAt))
        csv.text(DateTime.text(coupon.expiresAt))
        csv.text(coupon.usedAt.map { DateTime.text($0) })
        csv.number(coupon.order?.value)
        csv.endRow()
    }
}
