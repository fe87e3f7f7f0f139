import HTTPTypes
import Web

/// Adds what browsers and search engines ask for by names of their own.
func addWellKnownFiles(to router: inout Router, _ storefront: Storefront) {
    /// A day: they ask often, and it hardly ever changes.
    let cached = "public, max-age=86400"

    router.on(.get, "/robots.txt") { _, _ in
        Response(
            .ok, fields: [.contentType: "text/plain; charset=utf-8", .cacheControl: cached], body: Array(robots.utf8))
    }
    router.on(.get, "/favicon.ico") { _, _ in
        // Whoever looks for it by its old name gets the one icon that there is.
        Response(.found, fields: [.location: storefront.assets.icon, .cacheControl: cached])
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
