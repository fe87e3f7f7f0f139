import Shop
import Web

/// Coupons: what there is, one of them, taking it, one's own.
struct CouponPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getCached(.coupons) { visit, _ in
            let now = visit.now
            let all = try visit.shop.coupons.openOrComing()
            func cards(_ coupons: [Coupon]) -> [PageData] {
                coupons.map { visit.coupon($0, isHeld: visit.held.contains($0.id), at: now) }
            }
            let coming = cards(all.filter { now < $0.opensAt })
            let open = cards(all.filter { now >= $0.opensAt })
            let page = visit.page(
                .coupons, visit.words(.titleCoupons), in: .coupons,
                ["open": open, "coming": coming, "hasOpen": !open.isEmpty, "hasComing": !coming.isEmpty])
            return FreshPage(response: page, changesAt: all.compactMap { $0.changes(after: now) }.min())
        } holding: { visit, _, user in
            try visit.shop.coupons.held(by: user)
        }
        pages.get(.myCoupons) { visit, _ in
            let customer = try visit.signedIn().customer
            let list = Cursor(list: "coupons \(customer.user.id.value)")
            var query = try QueryFields(visit.request)
            let asked = query.page(of: list, by: UserCoupon.self)
            try query.finish()
            let mine = try visit.shop.coupons.issued(to: customer.user.id, before: asked.before, limit: asked.limit)
            let usable = asked.before == nil ? try visit.shop.coupons.usable(by: customer.user.id) : nil
            return visit.myCoupons(usable, mine.items, next: mine.next(list) { $0.id.value })
        }
        pages.getCached(.coupon) { visit, path in
            try visit.coupon(path, nil)
        } holding: { visit, path, user in
            // Who has it is told since when, and what became of it.
            let id = try path.id(Coupon.self, else: .couponNotFound)
            return try visit.shop.coupons.isHeld(id, by: user) ? nil : []
        }
        pages.post(.takeCoupon, from: { try .coupon($0.id(Coupon.self, else: .couponNotFound)) }) { visit, path, form in
            let customer = try visit.signedIn().customer
            let id = try path.id(Coupon.self, else: .couponNotFound)
            let answer = try visit.shop.coupons.issue(
                id,
                visit.submission("coupon \(id.value)", form, of: customer.user.id) { _ in
                    SitePath.coupon(id, isTaken: true).text
                })
            return visit.receipt(answer)
        } refused: { visit, path, refusal in
            try visit.coupon(path, refusal).response
        }
    }
}

extension Visit {
    /// A coupon where it stands among others.
    func coupon(_ coupon: Coupon, isHeld: Bool, at now: Timestamp) -> PageData {
        let isComing = now < coupon.opensAt
        let isClosed = now >= coupon.closesAt
        let isSoldOut = coupon.remaining == 0
        var data: PageData = [
            "id": coupon.id.value, "href": SitePath.coupon(coupon.id).text,
            "takeHref": SitePath.takeCoupon(coupon.id).text,
            "discount": wording.discount(coupon.discount), "validDays": coupon.validDays,
            "quantity": wording.number(coupon.quantity), "remaining": wording.number(coupon.remaining),
            "percentLeft": coupon.remaining * 100 / coupon.quantity, "opensAt": wording.time(coupon.opensAt),
            "closesAt": wording.time(coupon.closesAt), "isComing": isComing, "isClosed": isClosed,
            "isSoldOut": isSoldOut && !isComing && !isClosed, "isOpen": !isComing && !isClosed && !isSoldOut,
            "isMine": isHeld, "canTake": isCustomers && !isHeld && !isComing && !isClosed && !isSoldOut,
        ]
        data.merge(wording.named(coupon.name)) { $1 }
        data["minimum"] = wording.minimum(coupon.minimumOrderAmount)
        if isComing { data["opensIn"] = wording.span(from: now, to: coupon.opensAt) }
        if !isComing, !isClosed { data["closesIn"] = wording.span(from: now, to: coupon.closesAt) }
        return data
    }

    /// The page of one coupon.
    fileprivate func coupon(_ path: PathParameters, _ refusal: FormRefusal?) throws -> FreshPage {
        let id = try path.id(Coupon.self, else: .couponNotFound)
        let (coupon, mine) = try shop.coupons.find(id, for: customer?.user.id)
        let now = now
        var data = self.coupon(coupon, isHeld: mine != nil, at: now)
        if let mine {
            let status = mine.status(at: now)
            var own: PageData = [
                "useHref": SitePath.basket(choosing: .one(mine.id)).text, "expiresAt": wording.time(mine.expiresAt),
                "isUsable": status == .issued,
                "isUsed": status == .used,
                "isExpired": status == .expired,
            ]
            if let order = mine.order { own["orderHref"] = SitePath.order(order).text }
            data["mine"] = own
        }
        // Only who has it is told so, whatever the address says.
        data["isNew"] = mine != nil && request.query == SitePath.taken
        data["isAgain"] = mine != nil && refusal != nil
        return FreshPage(
            response: page(.coupon, coupon.name, in: .coupons, refusal: refusal, data),
            changesAt: coupon.changes(after: now))
    }

    /// - Parameters:
    ///   - usable: all that can be used, on the first page.
    ///   - coupons: a page of all; of these the others are shown.
    fileprivate func myCoupons(_ usable: [UserCoupon]?, _ coupons: [UserCoupon], next: String?) -> Response {
        let now = now
        let usableRows = (usable ?? []).map(ownCoupon)
        let used = coupons.filter { $0.status(at: now) == .used }.map(ownCoupon)
        let expired = coupons.filter { $0.status(at: now) == .expired }.map(ownCoupon)
        var data: PageData = [
            "isFirstPage": usable != nil, "usable": usableRows, "used": used, "expired": expired,
            "hasUsable": !usableRows.isEmpty, "hasUsed": !used.isEmpty, "hasExpired": !expired.isEmpty,
        ]
        if let next { data["nextHref"] = SitePath.myCoupons(cursor: next).text }
        if usable == nil { data["firstHref"] = SitePath.myCoupons().text }
        return page(.myCoupons, words(.titleMyCoupons), in: .coupons, data)
    }

    private func ownCoupon(_ coupon: UserCoupon) -> PageData {
        var data: PageData = [
            "discount": wording.discount(coupon.discount), "issuedAt": wording.time(coupon.issuedAt),
            "expiresAt": wording.time(coupon.expiresAt),
        ]
        data.merge(wording.named(coupon.name)) { $1 }
        data["minimum"] = wording.minimum(coupon.minimumOrderAmount)
        data["useHref"] = SitePath.basket(choosing: .one(coupon.id)).text
        if let usedAt = coupon.usedAt { data["usedAt"] = wording.time(usedAt) }
        if let order = coupon.order { data["orderHref"] = SitePath.order(order).text }
        return data
    }
}

extension Coupon {
    /// When it opens or closes next; nil where it has closed.
    func changes(after now: Timestamp) -> Timestamp? {
        [opensAt, closesAt].first { $0 > now }
    }
}
