import Shop
import Web

/// The first page, and the choice of language.
struct HomePages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        /// How many of the newest products and the open coupons are shown.
        let (newestCount, couponCount) = (8, 3)

        pages.getCached(.home) { visit, _ in
            let shop = visit.shop
            let popular = try shop.popular.list().products
            let newest = try shop.products.list(ProductQuery(limit: newestCount)).items
            let now = visit.now
            let coupons = try shop.coupons.takeable(limit: couponCount)
            let model = HomePage(
                popular: popular.map { visit.card($0.product, rank: $0.rank) }, newest: newest.map { visit.card($0) },
                coupons: coupons.map { visit.coupon($0, isHeld: visit.held.contains($0.id), at: now) })
            return FreshPage(
                response: visit.page(model, visit.words(.titleHome), in: .home),
                changesAt: coupons.compactMap { $0.changes(after: now) }.min())
        } holding: { visit, _, user in
            try visit.shop.coupons.heldOfTakeable(by: user, limit: couponCount)
        }

        pages.get(.language) { visit, path in
            guard let language = Language(rawValue: path["code"]) else { throw RequestError.notFound }
            let next = try FormFields(visit.request.query).fields.first { $0.name == "next" }?.value
            let oneYear: Int64 = 365 * 86_400
            return .seeOther(OwnPath.path(next) ?? SitePath.home.text)
                .setting(Cookie.language.field(language.rawValue, for: visit.request, seconds: oneYear))
        }
    }
}
