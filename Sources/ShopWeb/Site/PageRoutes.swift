import HTTPTypes
import Shop
import Web

/// A group of pages that belong together.
protocol PageController {
    func addRoutes(to pages: inout PageRoutes)
}

/// Adds pages to a router, each behind what all share: who is asking, which forms are accepted, how refusals are shown.
struct PageRoutes {
    let site: Site
    /// Has all routes added so far.
    private(set) var router: Router

    init(_ router: Router, _ site: Site) {
        self.router = router
        self.site = site
    }

    /// A page made anew for each request.
    mutating func get(
        _ route: SiteRoute, _ page: @escaping @Sendable (Visit, PathParameters) throws -> Response
    ) {
        router.on(.get, route.rawValue) { [site] request, path in
            let visit = try site.visit(request)
            return try visit.loggingIn { try page(visit, path) }
        }
    }

    /// A page for the staff. Anybody who may not see it is told that there is no such page.
    mutating func getForStaff(
        _ route: SiteRoute, _ page: @escaping @Sendable (Visit, Staff, PathParameters) throws -> Response
    ) {
        router.on(.get, route.rawValue, isHidden: true) { [site] request, path in
            let visit = try site.visit(request)
            return try visit.hidden { try page(visit, try visit.staff(), path) }
        }
    }

    /// A list of the staff's as a file. Anybody who may not see it is told that there is no such page. Who has to give the
    /// password first comes back to the list, since a file would leave the form of the password standing.
    mutating func getFileForStaff<Item, Position>(
        _ route: SiteRoute, _ file: @escaping @Sendable (Visit, Staff) throws -> ListFile<Item, Position>
    ) {
        addFile(route, ending: ".csv") { visit, staff, _ in try file(visit, staff) }
    }

    /// The same of a list that is on a page of something, below whose address the file has its own.
    mutating func getFileForStaff<Item, Position>(
        _ route: SiteRoute, on page: SiteRoute,
        _ file: @escaping @Sendable (Visit, Staff, PathParameters) throws -> ListFile<Item, Position>
    ) {
        precondition(route.rawValue.hasPrefix(page.rawValue), "\(route) is not below \(page)")
        addFile(route, ending: String(route.rawValue.dropFirst(page.rawValue.count)), file)
    }

    /// - Parameter ending: what the file's path has behind that of the list.
    private mutating func addFile<Item, Position>(
        _ route: SiteRoute, ending: String,
        _ file: @escaping @Sendable (Visit, Staff, PathParameters) throws -> ListFile<Item, Position>
    ) {
        getForStaff(route) { [site] visit, staff, path in
            do {
                return try file(visit, staff, path).response(site.downloads)
            } catch ShopError.passwordRequired {
                return .seeOther(.passwordAgain(next: visit.back.replacing(ending, with: "", maxReplacements: 1)))
            }
        }
    }

    /// A page cached for all readers who get the same.
    mutating func getCached(
        _ route: SiteRoute, _ make: @escaping CachedPage.Make, holding: @escaping CachedPage.Holding = { _, _, _ in [] }
    ) {
        let page = CachedPage(site: site, make: make, holding: holding)
        router.on(.get, route.rawValue) { request, path in try page.respond(to: request, path) }
    }

    /// A file that is the same for everybody and needs nothing from the shop.
    mutating func file(_ route: SiteRoute, _ answer: @escaping @Sendable () -> Response) {
        router.on(.get, route.rawValue) { _, _ in answer() }
    }

    /// Handles a form.
    ///
    /// - Parameters:
    ///   - page: the form's page, if it has another address than the form; a GET of the form's address leads there.
    ///   - again: shows the form's page again if the shop refuses; other errors get a page of their own.
    mutating func post(
        _ route: SiteRoute, from page: (@Sendable (PathParameters) -> SitePath)? = nil,
        for audience: PostedForm.Audience = .customers, _ action: @escaping PostedForm.Action,
        refused again: @escaping PostedForm.Again
    ) {
        if let page { router.on(.get, route.rawValue) { _, path in .seeOther(page(path)) } }
        let form = PostedForm(site: site, audience: audience, action: action, again: again)
        router.on(.post, route.rawValue) { request, path in try form.respond(to: request, path) }
    }

    /// Handles a form of the staff's. Anybody who may not send it is told that there is no such page.
    ///
    /// - Parameters:
    ///   - permission: what it takes to send it, where that is more than to be one of the staff.
    ///   - page: the form's page, if it has another address than the form; a GET of the form's address leads there.
    ///   - takesFile: whether there may be a file in it.
    ///   - tooLarge: what is refused where the file is too large.
    ///   - again: shows the form's page again if the shop refuses; other errors get a page of their own.
    mutating func postForStaff(
        _ route: SiteRoute, needing permission: Permission? = nil,
        from page: (@Sendable (PathParameters) -> SitePath)? = nil, takesFile: Bool = false,
        tooLarge: ShopError = .pictureRefused(.tooLarge),
        _ action: @escaping @Sendable (Visit, Staff, PathParameters, inout Form) throws -> Response,
        refused again: @escaping @Sendable (Visit, Staff, PathParameters, FormRefusal) throws -> Response
    ) {
        // Before anything is said about the form.
        @Sendable func check(_ staff: Staff) throws {
            if let permission, !staff.may(permission) { throw ShopError.forbidden }
        }
        if let page {
            getForStaff(route) { _, staff, path in
                try check(staff)
                return .seeOther(page(path))
            }
        }
        let form = PostedForm(site: site, audience: .customers, takesFile: takesFile, tooLarge: tooLarge) {
            visit, path, form in
            try action(visit, try visit.staff(), path, &form)
        } again: { visit, path, refusal in
            try again(visit, try visit.staff(), path, refusal)
        }
        router.on(.post, route.rawValue, isHidden: true) { [site] request, path in
            let visit = try site.visit(request)
            return try visit.hidden {
                try check(try visit.staff())
                return try form.respond(to: request, path)
            }
        }
    }
}
