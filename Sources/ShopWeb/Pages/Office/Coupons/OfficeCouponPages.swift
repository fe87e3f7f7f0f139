import Shop
import Web

/// The staff's pages about coupons: the list, each one, making one, closing one.
struct OfficeCouponPages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.officeCoupons) { visit, staff, _ in try visit.officeCoupons(staff) }
        pages.getFileForStaff(.couponHoldersFile, on: .officeCoupon) { visit, staff, path in
            try couponHoldersFile(
                visit.request, of: path.id(Coupon.self, else: .couponNotFound),
                in: visit.shop.managedCoupons(forFileOf: staff), at: visit.now)
        }
        pages.getFileForStaff(.couponFile) { visit, staff in
            try couponFile(visit.request, of: visit.shop.managedCoupons(for: staff))
        }
        pages.getForStaff(.newCoupon) { visit, staff, _ in
            _ = try visit.shop.couponAdministration(by: staff)
            return visit.newCoupon(try visit.typedInQuery(), staff, nil)
        }
        pages.postForStaff(.couponPreview, needing: .addCoupons, from: { _ in .newCoupon() }) { visit, staff, _, form in
            _ = try visit.shop.couponAdministration(by: staff)
            let draft = form.couponDraft(in: visit.wording.timeZone)
            try form.finish()
            return visit.preview(draft, form, staff)
        } refused: { visit, staff, _, refusal in
            visit.newCoupon(refusal.values, staff, refusal)
        }
        pages.postForStaff(.officeCoupons, needing: .addCoupons) { visit, staff, _, form in
            let coupons = try visit.shop.couponAdministration(by: staff)
            let user = try visit.signedIn().customer.user.id
            let draft = form.couponDraft(in: visit.wording.timeZone)
            try form.finish()
            let receipt = try coupons.add(
                draft, visit.submission("coupon", form, of: user) { SitePath.officeCoupon($0.id).text })
            return visit.receipt(receipt, saying: .couponAdded)
        } refused: { visit, staff, _, refusal in
            visit.newCoupon(refusal.values, staff, refusal)
        }
        pages.getForStaff(.officeCoupon) { visit, staff, path in try visit.officeCoupon(path, staff) }
        pages.getForStaff(.closeCoupon) { visit, staff, path in try visit.closeCoupon(path, staff, nil) }
        pages.postForStaff(.closeCoupon, needing: .addCoupons) { visit, staff, path, form in
            let id = try path.id(Coupon.self, else: .couponNotFound)
            let receipt = try visit.shop.couponAdministration(by: staff).close(
                id, visit.submission("close", form, of: visit.user()) { SitePath.officeCoupon($0.id).text })
            return visit.receipt(receipt, saying: .couponClosed)
        } refused: { visit, staff, path, refusal in
            try visit.closeCoupon(path, staff, refusal)
        }
    }
}

extension Visit {
    fileprivate func officeCoupons(_ staff: Staff) throws -> Response {
        let list = try ManagedCouponListInput(request, of: shop.managedCoupons(for: staff), isForPeople: true)
        let now = now
        let rows = list.coupons.items.map { coupon in
            OfficeCouponRow(
                href: SitePath.officeCoupon(coupon.id).text, name: wording.named(coupon.name),
                discount: wording.discount(coupon.discount), state: wording.state(of: coupon, at: now),
                opensAt: wording.time(coupon.opensAt), closesAt: wording.time(coupon.closedAt ?? coupon.closesAt),
                taken: wording.number(coupon.quantity - coupon.remaining), quantity: wording.number(coupon.quantity))
        }
        let filters = ManagedCouponFilter.allCases.map { filter in
            FilterLink(
                label: wording.name("couponfilter", filter), href: SitePath.officeCoupons(filter).text,
                isCurrent: filter == list.filter, count: nil)
        }
        let model = OfficeCouponsPage(
            filters: filters, coupons: rows, fileHref: SitePath.couponFile(list.filter).text,
            newHref: staff.may(.addCoupons) ? SitePath.newCoupon().text : nil,
            pages: PageLinks(
                first: list.isFirst ? nil : .officeCoupons(list.filter),
                next: list.next.map { .officeCoupons(list.filter, cursor: $0) }))
        return officePage(model, words(.titleCoupons), in: .coupons, by: staff)
    }

    fileprivate func officeCoupon(_ path: PathParameters, _ staff: Staff) throws -> Response {
        let id = try path.id(Coupon.self, else: .couponNotFound)
        let coupons = try shop.managedCoupons(for: staff)
        let found = try coupons.find(id)
        let coupon = found.coupon
        let list = try CouponHolderListInput(request, of: id, in: coupons, isForPeople: true)
        let now = now
        let filters = [false, true].map { isUsed in
            FilterLink(
                label: words(isUsed ? .holdersUsed : .holdersAll), href: SitePath.officeCoupon(id, isUsed: isUsed).text,
                isCurrent: isUsed == list.isUsed, count: nil)
        }
        let model = OfficeCouponPage(
            facts: facts(coupon), state: wording.state(of: coupon, at: now),
            taken: wording.number(coupon.quantity - coupon.remaining), remaining: wording.number(coupon.remaining),
            used: wording.number(found.used), chart: chart(found.minutes), filters: filters,
            holders: list.holders.items.map { holder($0, staff, at: now) },
            holdersHref: SitePath.couponHoldersFile(id, isUsed: list.isUsed).text, shopHref: SitePath.coupon(id).text,
            copyHref: staff.may(.addCoupons) ? SitePath.newCoupon(typed(coupon)).text : nil,
            closeHref: staff.may(.addCoupons) && !coupon.isClosed(at: now) ? SitePath.closeCoupon(id).text : nil,
            traceHref: staff.may(.readTrace)
                ? SitePath.trace(TraceQuery(of: TraceSubject(.coupon, id.value))).text : nil,
            pages: PageLinks(
                first: list.isFirst ? nil : .officeCoupon(id, isUsed: list.isUsed),
                next: list.next.map { .officeCoupon(id, isUsed: list.isUsed, cursor: $0) }))
        return officePage(model, coupon.name, in: .coupons, by: staff)
    }

    private func holder(_ holder: CouponHolder, _ staff: Staff, at now: Timestamp) -> CouponHolderRow {
        CouponHolderRow(
            user: holder.user.value,
            href: staff.may(.readCustomers) ? SitePath.customer(holder.user).text : nil, login: holder.login,
            name: wording.named(holder.name), issuedAt: wording.time(holder.issuedAt),
            expiresAt: wording.time(holder.expiresAt),
            usedAt: holder.usedAt.map { wording.time($0) }, order: holder.order?.value,
            orderHref: staff.may(.readOrders) ? holder.order.map { SitePath.officeOrder($0).text } : nil,
            isExpired: holder.status(at: now) == .expired)
    }

    /// How many were taken in each minute of the first hour.
    private func chart(_ minutes: [Int64]) -> BarChart? {
        guard let highest = minutes.max(), highest > 0 else { return nil }
        let values = minutes.enumerated().map { minute, taken in
            let name = words(.minuteOfCoupon, ["minute": .number(Int64(minute + 1))])
            let text = words(.barTaken, ["name": .text(name), "count": .number(taken)])
            return BarChart.Value(name: name, amount: taken, before: nil, text: text)
        }
        let column = words(.couponTakenCount)
        let table = FigureTable(
            rowName: words(.couponMinute), columns: [column],
            rows: values.filter { $0.amount > 0 }.map { value in
                let cell = FigureCell(column: column, value: wording.number(value.amount))
                return FigureRow(label: value.name, href: nil, cells: [cell])
            }, sums: nil)
        let total = minutes.reduce(0, +)
        let summary = words(.minutesLabel, ["total": .number(total), "highest": .number(highest)])
        return BarChart(
            words(.couponMinutesTitle), values, summary: summary, table: table, number: wording.number)
    }

    private func facts(_ coupon: Coupon) -> CouponFacts {
        CouponFacts(
            name: wording.named(coupon.name), discount: wording.discount(coupon.discount),
            minimum: wording.minimum(coupon.minimumOrderAmount),
            quantity: words(.coupons, ["count": .number(coupon.quantity)]), opensAt: wording.time(coupon.opensAt),
            closesAt: wording.time(coupon.closesAt), closedAt: coupon.closedAt.map { wording.time($0) },
            validity: words(.validDays, ["days": .number(coupon.validDays)]))
    }

    // MARK: A new one

    fileprivate func newCoupon(_ typed: [String: String], _ staff: Staff, _ refusal: FormRefusal?) -> Response {
        let zone = wording.timeZone
        var values = [
            "opensAt": LocalTime.text(now + .hours(1), in: zone), "closesAt": LocalTime.text(now + .days(7), in: zone),
            "validDays": String(Coupon.usualValidDays), "minimum": "0",
        ]
        values.merge(typed) { $1 }
        let model = NewCouponPage(values: values, isPercent: values["kind"] == CouponForm.percent)
        return officePage(model, words(.titleNewCoupon), in: .coupons, by: staff, refusal: refusal)
    }

    fileprivate func preview(_ draft: CouponDraft, _ form: Form, _ staff: Staff) -> Response {
        let coupon = Coupon(
            id: CouponID(0), name: draft.name, discount: draft.discount, minimumOrderAmount: draft.minimumOrderAmount,
            quantity: draft.quantity, remaining: draft.quantity, opensAt: draft.opensAt, closesAt: draft.closesAt,
            validDays: draft.validDays)
        let card = self.coupon(coupon, isHeld: false, at: now).asPicture(at: "#preview")
        let fields = CouponForm.fields.compactMap { name in
            form[name].map { HiddenField(name: name, value: $0) }
        }
        let model = CouponPreviewPage(
            card: card, facts: facts(coupon), fields: fields, changeHref: SitePath.newCoupon(fields).text)
        return officePage(model, words(.titleCouponPreview), in: .coupons, by: staff)
    }

    /// What would have to be typed for a coupon like this one, opening and closing anew.
    private func typed(_ coupon: Coupon) -> [HiddenField] {
        func field(_ name: String, _ value: Int64) -> HiddenField { HiddenField(name: name, value: String(value)) }
        var fields = [HiddenField(name: "name", value: coupon.name)]
        switch coupon.discount {
        case .fixed(let amount):
            fields += [HiddenField(name: "kind", value: CouponForm.fixed), field("discount", amount.amount)]
        case .percent(let percent, let maximum):
            fields += [HiddenField(name: "kind", value: CouponForm.percent), field("rate", percent)]
            fields += maximum.map { [field("maximum", $0.amount)] } ?? []
        }
        return fields + [
            field("minimum", coupon.minimumOrderAmount.amount), field("quantity", coupon.quantity),
            field("validDays", coupon.validDays),
        ]
    }

    /// The form's fields as an address has them; none that is malformed.
    fileprivate func typedInQuery() throws -> [String: String] {
        let known = try FormFields(request.query).fields.filter { CouponForm.fields.contains($0.name) }
        return Dictionary(
            known.compactMap { field in field.value.map { (field.name, $0) } }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: Closing

    fileprivate func closeCoupon(_ path: PathParameters, _ staff: Staff, _ refusal: FormRefusal?) throws -> Response {
        _ = try shop.couponAdministration(by: staff)
        let id = try path.id(Coupon.self, else: .couponNotFound)
        let coupon = try shop.managedCoupons(for: staff).find(id).coupon
        let model = CloseCouponPage(
            facts: facts(coupon), remaining: wording.number(coupon.remaining),
            taken: wording.number(coupon.quantity - coupon.remaining), closeHref: SitePath.closeCoupon(id).text,
            backHref: SitePath.officeCoupon(id).text)
        return officePage(model, words(.titleCloseCoupon), in: .coupons, by: staff, refusal: refusal)
    }
}

extension CouponCard {
    /// The card as a picture of itself: it leads nowhere but there.
    fileprivate func asPicture(at place: String) -> CouponCard {
        CouponCard(
            href: place, takeHref: place, name: name, discount: discount, minimum: minimum, remaining: remaining,
            percentLeft: percentLeft, opensAt: opensAt, opensIn: opensIn, closesAt: closesAt, closesIn: closesIn,
            isComing: isComing, isOpen: isOpen, isSoldOut: isSoldOut, isClosed: isClosed, isMine: false, canTake: false)
    }
}

extension Wording {
    fileprivate func state(of coupon: Coupon, at now: Timestamp) -> CouponStateModel {
        let word: WordKey =
            if coupon.isClosed(at: now) {
                .couponsClosed
            } else if now < coupon.opensAt {
                .couponsComing
            } else {
                coupon.remaining == 0 ? .couponGone : .couponsOpen
            }
        return CouponStateModel(text: words(word), isGood: word == .couponsOpen)
    }
}
