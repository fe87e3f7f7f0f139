import HTTPTypes
import Web

/// The files that browsers and search engines look for under fixed names.
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
            // Whoever looks for it under its old name gets the only icon.
            Response(.found, fields: [.location: icon, .cacheControl: Self.cached])
        }
    }
}

/// Leaves out what is only for customers or for programs, and the same list in another order. Longer paths first: some
/// crawlers read the lines in order.
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
