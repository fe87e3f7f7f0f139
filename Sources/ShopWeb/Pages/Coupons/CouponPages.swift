import Shop
import Web

/// Coupons: the list, each one, taking one, the customer's own.
struct CouponPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getCached(.coupons) { visit, _ in
            let now = visit.now
            let all = try visit.shop.coupons.openOrComing()
            func cards(_ coupons: [Coupon]) -> [CouponCard] {
                coupons.map { visit.coupon($0, isHeld: visit.held.contains($0.id), at: now) }
            }
            let coming = cards(all.filter { now < $0.opensAt })
            let open = cards(all.filter { now >= $0.opensAt })
            let page = visit.page(
                CouponsPage(open: open, coming: coming), visit.words(.titleCoupons), in: .coupons)
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
            // Whoever has it is told since when, and what became of it.
            let id = try path.id(Coupon.self, else: .couponNotFound)
            return try visit.shop.coupons.isHeld(id, by: user) ? nil : []
        }
        pages.post(.takeCoupon, from: { .coupon(ofForm: $0) }) { visit, path, form in
            let customer = try visit.signedIn().customer
            let id = try path.id(Coupon.self, else: .couponNotFound)
            let receipt = try visit.shop.coupons.issue(
                id,
                visit.submission("coupon \(id.value)", form, of: customer.user.id) { _ in
                    SitePath.coupon(id, isTaken: true).text
                })
            return visit.receipt(receipt)
        } refused: { visit, path, refusal in
            try visit.coupon(path, refusal).response
        }
    }
}

extension Visit {
    /// A coupon in a list.
    func coupon(_ coupon: Coupon, isHeld: Bool, at now: Timestamp) -> CouponCard {
        let isClosed = coupon.isClosed(at: now)
        let isComing = !isClosed && now < coupon.opensAt
        let isSoldOut = coupon.remaining == 0
        let isRunning = !isComing && !isClosed
        return CouponCard(
            href: SitePath.coupon(coupon.id).text, takeHref: SitePath.takeCoupon(coupon.id).text,
            name: wording.named(coupon.name), discount: wording.discount(coupon.discount),
            minimum: wording.minimum(coupon.minimumOrderAmount), remaining: wording.number(coupon.remaining),
            percentLeft: coupon.remaining * 100 / coupon.quantity, opensAt: wording.time(coupon.opensAt),
            opensIn: isComing ? wording.span(from: now, to: coupon.opensAt) : nil,
            closesAt: wording.time(coupon.closedAt ?? coupon.closesAt),
            closesIn: isRunning ? wording.span(from: now, to: coupon.closesAt) : nil, isComing: isComing,
            isOpen: isRunning && !isSoldOut, isSoldOut: isRunning && isSoldOut, isClosed: isClosed, isMine: isHeld,
            canTake: isCustomers && !isHeld && isRunning && !isSoldOut)
    }

    /// The page of one coupon.
    fileprivate func coupon(_ path: PathParameters, _ refusal: FormRefusal?) throws -> FreshPage {
        let id = try path.id(Coupon.self, else: .couponNotFound)
        let (coupon, mine) = try shop.coupons.find(id, for: customer?.user.id)
        let now = now
        let model = CouponPage(
            card: self.coupon(coupon, isHeld: mine != nil, at: now),
            quantity: words(.coupons, ["count": .number(coupon.quantity)]),
            validity: words(.validDays, ["days": .number(coupon.validDays)]), mine: mine.map { held($0, at: now) },
            // Only its owner is told so, whatever the address says.
            isNew: mine != nil && request.query == SitePath.taken, isAgain: mine != nil && refusal != nil)
        return FreshPage(
            response: page(model, coupon.name, in: .coupons, refusal: refusal),
            changesAt: coupon.changes(after: now))
    }

    private func held(_ coupon: UserCoupon, at now: Timestamp) -> HeldCoupon {
        let status = coupon.status(at: now)
        return HeldCoupon(
            useHref: SitePath.basket(choosing: .one(coupon.id)).text, expiresAt: wording.time(coupon.expiresAt),
            orderHref: coupon.order.map { SitePath.order($0).text }, isUsable: status == .issued,
            isUsed: status == .used, isExpired: status == .expired)
    }

    /// - Parameters:
    ///   - usable: all usable ones, on the first page.
    ///   - coupons: a page of all of them; the used and the expired ones are shown.
    fileprivate func myCoupons(_ usable: [UserCoupon]?, _ coupons: [UserCoupon], next: String?) -> Response {
        let now = now
        let usableRows = (usable ?? []).map(ownCoupon)
        let used = coupons.filter { $0.status(at: now) == .used }.map(ownCoupon)
        let expired = coupons.filter { $0.status(at: now) == .expired }.map(ownCoupon)
        let model = MyCouponsPage(
            isFirstPage: usable != nil, usable: usableRows, used: used, expired: expired,
            pages: PageLinks(first: usable == nil ? .myCoupons() : nil, next: next.map { .myCoupons(cursor: $0) }))
        return page(model, words(.titleMyCoupons), in: .coupons)
    }

    private func ownCoupon(_ coupon: UserCoupon) -> OwnCoupon {
        OwnCoupon(
            name: wording.named(coupon.name), discount: wording.discount(coupon.discount),
            minimum: wording.minimum(coupon.minimumOrderAmount), issuedAt: wording.time(coupon.issuedAt),
            expiresAt: wording.time(coupon.expiresAt), usedAt: coupon.usedAt.map { wording.time($0) },
            useHref: SitePath.basket(choosing: .one(coupon.id)).text,
            orderHref: coupon.order.map { SitePath.order($0).text })
    }
}

extension Coupon {
    /// When it next opens or closes; nil once it has closed.
    func changes(after now: Timestamp) -> Timestamp? {
        closedAt == nil ? [opensAt, closesAt].first { $0 > now } : nil
    }
}
