import HTTPTypes
import Web

/// What browsers and search engines ask for by names of their own.
struct WellKnownFiles: PageController {
    /// A day: they ask often, and it hardly ever changes.
    private static let cached = "public, max-age=86400"

    func addRoutes(to pages: inout PageRoutes) {
        pages.file(.robots) {
            Response(
                .ok, fields: [.contentType: "text/plain; charset=utf-8", .cacheControl: Self.cached],
                body: Array(robots.utf8))
        }
        let icon = pages.site.storefront.assets.icon
        pages.file(.favicon) {
            // Whoever looks for it by its old name gets the one icon that there is.
            Response(.found, fields: [.location: icon, .cacheControl: Self.cached])
        }
    }
}

/// What is only for who is logged in, for programs, or the same list in other words. Longer paths first: some read the
/// lines in their order.
private let robots = """
    User-agent: *
    Disallow: /api/
    Disallow: /language/
    Disallow: /coupons/mine
    Disallow: /basket
    Disallow: /orders
    Disallow: /balance
    Disallow: /account
    Disallow: /login
    Disallow: /signup
    Disallow: /products?

    """
