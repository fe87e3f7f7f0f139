import Shop
import Web

/// The page of the staff's list of coupons that a request asks for.
struct ManagedCouponListInput {
    /// How many rows the staff's pages have.
    static let pageLimit = 50

    let filter: ManagedCouponFilter
    let coupons: ListPage<Coupon>
    let isFirst: Bool
    /// The cursor to the next page, if there is one.
    let next: String?

    /// - Parameter isForPeople: whether it is for a page, which has a fixed length.
    init(_ request: Request, of all: ManagedCoupons, isForPeople: Bool = false) throws {
        var fields = try QueryFields(request)
        filter = fields.couponFilter()
        let list = Cursor(list: "managed coupons \(filter.rawValue)")
        let asked = fields.page(of: list, by: Coupon.self)
        try fields.finish()
        coupons = try all.list(filter, before: asked.before, limit: isForPeople ? Self.pageLimit : asked.limit)
        isFirst = asked.before == nil
        next = coupons.next(list) { $0.id.value }
    }
}

/// The page of those who have taken a coupon that a request asks for.
struct CouponHolderListInput {
    let isUsed: Bool
    let holders: ListPage<CouponHolder>
    let isFirst: Bool
    /// The cursor to the next page, if there is one.
    let next: String?

    /// - Parameter isForPeople: whether it is for a page, which has a fixed length.
    init(_ request: Request, of id: CouponID, in coupons: ManagedCoupons, isForPeople: Bool = false) throws {
        var fields = try QueryFields(request)
        isUsed = fields.isUsed()
        let list = Cursor(list: "holders \(id.value) \(isUsed)")
        let asked = fields.page(of: list, by: User.self)
        try fields.finish()
        holders = try coupons.holders(
            of: id, used: isUsed, after: asked.before,
            limit: isForPeople ? ManagedCouponListInput.pageLimit : asked.limit)
        isFirst = asked.before == nil
        next = holders.next(list) { $0.user.value }
    }
}

extension QueryFields {
    fileprivate mutating func couponFilter() -> ManagedCouponFilter {
        choice("filter", default: .all, word: \.rawValue)
    }

    /// Whether only those are asked for who have used theirs.
    mutating func isUsed() -> Bool {
        guard let text = text("used", longest: 10) else { return false }
        if text != "true", text != "false" { refuse("used", .choice(["true", "false"])) }
        return text == "true"
    }
}

/// The coupons that a request asks for, as a file.
func couponFile(_ request: Request, of coupons: ManagedCoupons) throws -> ListFile<Coupon, CouponID> {
    var fields = try QueryFields(request)
    let filter = fields.couponFilter()
    try fields.finish()
    return ListFile(
        name: "coupons",
        columns: [
            "id", "name", "amount", "percent", "maximum_amount", "minimum_order_amount", "quantity", "remaining",
            "opens_at", "closes_at", "closed_at", "valid_days",
        ]
    ) { before, limit in
        ListPart(try coupons.list(filter, before: before, limit: limit)) { $0.id }
    } row: { csv, coupon in
        csv.number(coupon.id.value)
        csv.text(coupon.name)
        switch coupon.discount {
        case .fixed(let amount):
            csv.number(amount.amount)
            csv.number(nil)
            csv.number(nil)
        case .percent(let percent, let maximum):
            csv.number(nil)
            csv.number(percent)
            csv.number(maximum?.amount)
        }
        csv.number(coupon.minimumOrderAmount.amount)
        csv.number(coupon.quantity)
        csv.number(coupon.remaining)
        csv.text(DateTime.text(coupon.opensAt))
        csv.text(DateTime.text(coupon.closesAt))
        csv.text(coupon.closedAt.map { DateTime.text($0) })
        csv.number(coupon.validDays)
        csv.endRow()
    }
}
