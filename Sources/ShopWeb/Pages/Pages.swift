import Shop
import Web

/// Adds the pages for browsers. They call the services that the API calls, and decide nothing.
func addPages(to router: inout Router, _ services: Services, _ storefront: Storefront, _ refusals: RefusalMetrics) {
    let routes = PageRoutes(services, storefront, refusals)
    addHomePages(to: &router, routes)
    addProductPages(to: &router, routes)
    addCouponPages(to: &router, routes)
    addBasketPages(to: &router, routes)
    addOrderPages(to: &router, routes)
    addBalancePages(to: &router, routes)
    addLogInPages(to: &router, routes)
    addAccountPages(to: &router, routes)
    addExplainedProblems(to: &router, routes)
    addWellKnownFiles(to: &router, storefront)
}
