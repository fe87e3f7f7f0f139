import Shop
import Web

/// Coupons as the staff see them.
struct ManagedCouponsAPI: Sendable {
    let shop: Shop
    let access: Access
    let downloads: Downloads

    private func coupons(_ request: Request) throws -> ManagedCoupons {
        try shop.managedCoupons(for: access.staff(request).staff)
    }

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/admin/coupons") { request, _ in
            let list = try ManagedCouponListInput(request, of: coupons(request))
            return .json { json in
                json.page(list.coupons, next: list.next) { $0.managed($1) }
            }
        }
        api.on(.get, "/admin/coupons.csv") { request, _ in
            try couponFile(request, of: coupons(request)).response(downloads)
        }
        api.on(.get, "/admin/coupons/:id") { request, path in
            let found = try coupons(request).find(path.id(Coupon.self, else: .couponNotFound))
            return .json { json in
                json.managed(found.coupon) { json in
                    json.member("used", found.used)
                    json.name("takenByMinute")
                    json.array(found.minutes) { $0.value($1) }
                }
            }
        }
        api.on(.get, "/admin/coupons/:id/holders") { request, path in
            let coupons = try coupons(request)
            let id = try path.id(Coupon.self, else: .couponNotFound)
            let list = try CouponHolderListInput(request, of: id, in: coupons)
            let now = shop.clock.now()
            return .json { json in
                json.page(list.holders, next: list.next) { $0.value($1, at: now) }
            }
        }
        api.on(.get, "/admin/coupons/:id/holders.csv") { request, path in
            let coupons = try shop.managedCoupons(forFileOf: access.staff(request).staff)
            let id = try path.id(Coupon.self, else: .couponNotFound)
            return try couponHoldersFile(request, of: id, in: coupons, at: shop.clock.now()).response(downloads)
        }
        api.on(.post, "/admin/coupons/:id/close") { request, path in
            let (staff, user) = try access.staff(request)
            let coupons = try shop.couponAdministration(by: staff)
            let submission: Submission<Coupon> = try request.submission(of: user, status: 200) { json, coupon in
                json.managed(coupon)
            }
            return Response(try coupons.close(path.id(Coupon.self, else: .couponNotFound), submission))
        }
    }
}

extension JSONWriter {
    fileprivate mutating func managed(_ coupon: Coupon, more: (inout JSONWriter) -> Void = { _ in }) {
        object { json in
            json.name("coupon")
            json.value(coupon)
            json.member("closedAt", coupon.closedAt)
            more(&json)
        }
    }

    fileprivate mutating func value(_ holder: CouponHolder, at now: Timestamp) {
        object { json in
            json.member("userId", holder.user)
            json.member("login", holder.login)
            json.member("name", holder.name)
            json.member("status", holder.status(at: now).rawValue)
            json.member("issuedAt", holder.issuedAt)
            json.member("expiresAt", holder.expiresAt)
            json.member("usedAt", holder.usedAt)
            json.member("orderId", holder.order)
        }
    }
}
