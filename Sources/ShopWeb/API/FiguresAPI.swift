import Shop
import Web

/// What happened in the shop.
struct FiguresAPI: Sendable {
    let shop: Shop
    let access: Access
    let downloads: Downloads

    func addRoutes(to api: inout RouterGroup) {
        api.on(.get, "/admin/figures") { request, _ in
            let reports = try shop.figures(for: access.staff(request).staff)
            let report = try reports.report(FigureInput(request, shop).query)
            return .json { json in json.value(report) }
        }

        api.on(.get, "/admin/figures.csv") { request, _ in
            let reports = try shop.figures(for: access.staff(request).staff)
            return try figureFile(request, shop, of: reports).response(downloads)
        }

        api.on(.get, "/admin/figures/products.csv") { request, _ in
            let reports = try shop.figures(for: access.staff(request).staff)
            return try productFigureFile(request, shop, of: reports).response(downloads)
        }

        api.on(.get, "/admin/figures/today") { request, _ in
            let today = try shop.figures(for: access.staff(request).staff).today()
            return .json { json in json.value(today) }
        }

        api.on(.get, "/admin/figures/products") { request, _ in
            let reports = try shop.figures(for: access.staff(request).staff)
            let list = try ProductFigureInput(request, shop, of: reports)
            return .json { json in
                json.page(list.items, next: list.next) { json, item in
                    json.object { json in
                        json.member("productId", item.figures.product)
                        json.member("name", item.name)
                        json.member("quantity", item.figures.quantity)
                        json.member("amount", item.figures.amount)
                    }
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ report: FigureReport) {
        object { json in
            json.member("from", report.query.days.lowerBound.text)
            json.member("to", report.query.days.upperBound.text)
            json.member("by", report.query.step.rawValue)
            json.name("sum")
            json.object { $0.members(report.sum) }
            json.name("items")
            json.array(report.periods) { json, period in json.value(period) }
        }
    }

    private mutating func value(_ period: FigureReport.Period) {
        object { json in
            json.member("from", period.days.lowerBound.text)
            json.member("to", period.days.upperBound.text)
            json.member("hour", period.hour?.start)
            json.name("figures")
            json.object { $0.members(period.figures) }
        }
    }

    private mutating func members(_ figures: Figures) {
        member("orders", figures.orders)
        member("orderAmount", figures.orderAmount)
        member("paid", figures.paid)
        member("revenue", figures.revenue)
        member("refunds", figures.refunds)
        member("refundAmount", figures.refundAmount)
        member("coupons", figures.coupons)
        member("customers", figures.customers)
    }

    fileprivate mutating func value(_ today: Today) {
        object { json in
            json.member("day", today.day.text)
            json.name("waiting")
            json.object { json in
                json.member("orders", today.waiting.count)
                json.member("amount", today.waiting.amount)
            }
            json.name("figures")
            json.object { $0.members(today.figures) }
            json.name("comparison")
            json.object { json in
                json.member("wholeHours", today.wholeHours)
                json.name("today")
                json.object { $0.members(today.comparison.today) }
                json.name("weekAgo")
                json.object { $0.members(today.comparison.weekAgo) }
            }
            json.member("soldOutProducts", Int64(today.products[.soldOut] ?? 0))
            json.member("lowProducts", Int64(today.products[.low] ?? 0))
            json.member("waitingCorrections", Int64(today.corrections))
            json.coupons("endingCoupons", today.endingCoupons)
            json.coupons("scarceCoupons", today.scarceCoupons)
            json.lateness("latePopular", today.latePopular)
            json.lateness("lateBackup", today.lateBackup)
        }
    }

    private mutating func coupons(_ name: StaticString, _ coupons: [Coupon]) {
        self.name(name)
        array(coupons) { json, coupon in
            json.object { json in
                json.member("id", coupon.id)
                json.member("name", coupon.name)
                json.member("remaining", coupon.remaining)
                json.member("quantity", coupon.quantity)
                json.member("closesAt", coupon.closesAt)
            }
        }
    }

    private mutating func lateness(_ name: StaticString, _ lateness: Lateness?) {
        guard let lateness else { return null(name) }
        self.name(name)
        object { json in
            let (state, since): (String, Timestamp?) =
                switch lateness {
                case .since(let time): ("late", time)
                case .never: ("never", nil)
                case .off: ("off", nil)
                }
            json.member("state", state)
            json.member("since", since)
        }
    }
}
