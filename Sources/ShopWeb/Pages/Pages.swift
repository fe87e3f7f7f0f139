import Shop
import Web

/// Adds the pages for browsers. They call the services that the API calls, and decide nothing.
func addPages(to router: inout Router, _ site: Site) {
    let controllers: [any PageController] = [
        HomePages(), ProductPages(), CouponPages(), BasketPages(), OrderPages(), BalancePages(), LogInPages(),
        AccountPages(), ExplainedProblems(), WellKnownFiles(),
    ]
    var pages = PageRoutes(router, site)
    for controller in controllers { controller.addRoutes(to: &pages) }
    router = pages.router
}
