import Shop
import Web

/// Adds the pages for browsers. They call the shop like the API does, and decide nothing.
func addPages(to router: inout Router, _ site: Site) {
    let controllers: [any PageController] = [
        HomePages(), ProductPages(), CouponPages(), BasketPages(), OrderPages(), BalancePages(), LogInPages(),
        LogInCodePages(), PasswordAgainPages(), SecondFactorPages(), AccountPages(), OfficePages(), FigurePages(),
        ManagedProductPages(), ProductImportPages(), PicturePages(), OfficeOrderPages(), OfficeRefundPages(),
        SeveralOrderPages(), OfficeCouponPages(),
        CustomersPages(), CustomerPages(), CustomerCarePages(), CorrectionPages(), StaffPages(), StaffAccountPages(),
        ExplainedProblems(), WellKnownFiles(),
    ]
    var pages = PageRoutes(router, site)
    for controller in controllers { controller.addRoutes(to: &pages) }
    router = pages.router
}
