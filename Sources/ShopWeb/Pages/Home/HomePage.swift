/// The first page.
struct HomePage: PageModel {
    static let template = PageTemplate.home

    let popular: [ProductCard]
    let newest: [ProductCard]
    let coupons: [CouponCard]

    func child(named name: String) -> Any? {
        switch name {
        case "popular": popular
        case "hasPopular": !popular.isEmpty
        case "newest": newest
        case "coupons": coupons
        case "hasCoupons": !coupons.isEmpty
        default: nil
        }
    }
}
