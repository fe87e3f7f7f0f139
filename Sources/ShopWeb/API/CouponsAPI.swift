import Shop
import Web

/// Coupons: what there is, taking one, one's own, and what the staff add.
struct CouponsAPI: Sendable {
    let shop: Shop
    let access: Access

    private var coupons: Coupons { shop.coupons }

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/coupons") { _, _ in
            let open = try coupons.openOrComing()
            return .json { json in
                json.object { json in
                    json.name("items")
                    json.array(open) { $0.value($1) }
                }
            }
        }
        api.on(.post, "/coupons/:id/issue") { request, path in
            let caller = try access.caller(request)
            let submission: Submission<UserCoupon> = try request.submission(of: caller.user, status: 201) {
                json, coupon in
                json.value(coupon, at: coupon.issuedAt)
            }
            return Response(try coupons.issue(path.id(Coupon.self, else: .couponNotFound), submission))
        }
        api.on(.get, "/users/me/coupons") { request, _ in
            let caller = try access.caller(request)
            let list = Cursor(list: "coupons \(caller.user.value)")
            var query = try QueryFields(request)
            let page = query.page(of: list, by: UserCoupon.self)
            try query.finish()
            let mine = try coupons.issued(to: caller.user, before: page.before, limit: page.limit)
            let now = shop.clock.now()
            return .json { json in
                json.page(mine, cursor: { list.text($0.id.value) }, item: { $0.value($1, at: now) })
            }
        }
        api.on(.post, "/admin/coupons") { request, _ in
            let (staff, user) = try access.staff(request)
            let coupons = try shop.couponAdministration(by: staff)
            let submission: Submission<Coupon> = try request.submission(of: user, status: 201) { json, coupon in
                json.value(coupon)
            }
            return Response(try coupons.add(request.json(CouponInput.self).draft, submission))
        }
    }
}

private struct CouponInput: JSONInput {
    let draft: CouponDraft

    init(_ fields: JSONFields) {
        let opensAt = Self.time("opensAt", fields)
        let closesAt = Self.time("closesAt", fields)
        if let opensAt, let closesAt, closesAt <= opensAt { fields.refuse("closesAt", .after("opensAt")) }
        draft = CouponDraft(
            name: fields.text("name", length: Coupon.nameLength),
            discount: fields.object("discount", DiscountInput.self)?.discount ?? .fixed(.zero),
            minimumOrderAmount: fields.optional("minimumOrderAmount") { fields.won($0, in: Coupon.minimumOrderRange) }
                ?? .zero,
            quantity: fields.integer("quantity", in: Coupon.quantityRange),
            opensAt: opensAt ?? Timestamp(milliseconds: 0), closesAt: closesAt ?? Timestamp(milliseconds: 0),
            validDays: fields.optional("validDays") { fields.integer($0, in: Coupon.validDaysRange) }
                ?? Coupon.usualValidDays)
    }

    private static func time(_ name: String, _ fields: JSONFields) -> Timestamp? {
        let text = fields.text(name, length: 0...40)
        let time = DateTime.time(text)
        // An empty text has been refused already, or is not a time either.
        if time == nil { fields.refuse(name, .type("time")) }
        return time
    }
}

private struct DiscountInput: JSONInput {
    let discount: Discount

    init(_ fields: JSONFields) {
        switch fields.text("kind", length: 0...20) {
        case "fixed":
            discount = .fixed(fields.won("amount", in: Discount.amountRange))
        case "percent":
            discount = .percent(
                fields.integer("percent", in: Discount.percentRange),
                maximum: fields.optional("maximumAmount") { fields.won($0, in: Discount.amountRange) })
        default:
            fields.refuse("kind", .choice(["fixed", "percent"]))
            discount = .fixed(.zero)
        }
    }
}

extension JSONWriter {
    mutating func value(_ coupon: Coupon) {
        object { json in
            json.member("id", coupon.id)
            json.member("name", coupon.name)
            json.member("discount", coupon.discount)
            json.member("minimumOrderAmount", coupon.minimumOrderAmount)
            json.member("quantity", coupon.quantity)
            json.member("remaining", coupon.remaining)
            json.member("opensAt", coupon.opensAt)
            json.member("closesAt", coupon.closesAt)
            json.member("validDays", coupon.validDays)
        }
    }

    mutating func value(_ coupon: UserCoupon, at now: Timestamp) {
        object { json in
            json.member("id", coupon.id)
            json.member("couponId", coupon.coupon)
            json.member("name", coupon.name)
            json.member("discount", coupon.discount)
            json.member("minimumOrderAmount", coupon.minimumOrderAmount)
            json.member("status", coupon.status(at: now).rawValue)
            json.member("issuedAt", coupon.issuedAt)
            json.member("expiresAt", coupon.expiresAt)
            json.member("usedAt", coupon.usedAt)
            json.member("orderId", coupon.order)
        }
    }

    private mutating func member(_ name: StaticString, _ discount: Discount) {
        self.name(name)
        object { json in
            switch discount {
            case .fixed(let amount):
                json.member("kind", "fixed")
                json.member("amount", amount)
            case .percent(let percent, let maximum):
                json.member("kind", "percent")
                json.member("percent", percent)
                if let maximum { json.member("maximumAmount", maximum) }
            }
        }
    }
}
