import POSIX
import Shop
import Web

// In the minute in which everybody arrives, most ask for the same few pages. These are cached as bytes for a second.
// Whatever is a customer's own is left blank, and filled in for each request.
//
// For a second, not until something is sold: during a rush what is shown changes with every sale, and whether it still
// holds is decided when somebody orders. But a page that shows a coupon open or close changes at that instant.

/// A page that has just been made and may be cached for others.
struct FreshPage {
    let response: Response
    /// The products whose view it counts.
    var viewed: [ProductID] = []
    /// When its content will change, if that is known.
    var changesAt: Timestamp?
}

/// Those who get the same page.
enum Readers: Hashable, Sendable {
    /// Visitors with or without something in their basket.
    case visitors(hasBasket: Bool)
    /// Customers with or without something in their basket, who hold the same ones of the page's coupons.
    case customers(hasBasket: Bool, holding: Set<CouponID>)
}

/// A page that is the same for all visitors, and for all customers but for `Personal` and the coupons they hold. One
/// made for somebody else is at most a second old.
struct CachedPage: Sendable {
    typealias Make = @Sendable (Visit, PathParameters) throws -> FreshPage
    /// Which of the page's coupons a customer holds; nil if the page is too much their own to be cached.
    typealias Holding = @Sendable (Visit, PathParameters, UserID) throws -> [CouponID]?

    let site: Site
    let make: Make
    let holding: Holding

    /// Answers with the page cached for all such readers, or with one made for this reader alone.
    func respond(to request: Request, _ path: PathParameters) throws -> Response {
        guard Cookie.isAnyPersonal(in: request) else {
            return try shared(by: .visitors(hasBasket: false), nil, request, path)
        }
        var visit = try site.visit(request)
        guard let customer = visit.customer, let personal = visit.personal else {
            if visit.notice != nil { return try own(visit, path) }
            return try shared(by: .visitors(hasBasket: visit.personal != nil), visit.personal, request, path)
        }
        let held = try holding(visit, path, customer.user.id)
        if let held, visit.notice == nil {
            let readers = Readers.customers(hasBasket: personal.hasBasket, holding: Set(held))
            return try shared(by: readers, personal, request, path)
        }
        visit.held = Set(held ?? [])
        return try own(visit, path)
    }

    private func shared(
        by readers: Readers, _ personal: Personal?, _ request: Request, _ path: PathParameters
    ) throws -> Response {
        try site.cache.page(request, for: readers, personal, site.shop.views) {
            try make(Visit(anyOf: readers, request, site.shop, site.storefront), path)
        }
    }

    private func own(_ visit: Visit, _ path: PathParameters) throws -> Response {
        let page = try make(visit, path)
        site.shop.views.count(page.viewed)
        return page.response
    }
}

/// The cached pages, as bytes split at their blanks.
final class PageCache: Sendable {
    private static let longestLifetime = Duration.seconds(1)
    /// If all are of the largest size, they take some 13 MB.
    private static let capacity = 200
    private static let largestPage = 64 * 1024
    /// Nobody asks twice for a query longer than this.
    private static let longestQuery = 100
    /// The query parameters that pages use. A page with any other is made anew and never cached.
    private static let parameters = ["q=", "sort=", "cursor="]

    private struct Key: Hashable {
        let readers: Readers
        let language: Language
        let path: String
        let query: String
    }

    private struct Entry: Sendable {
        /// Without its body, which is in `blanks`.
        let response: Response
        let blanks: Blanks
        let views: ProductViews.Tally?
        let until: ContinuousClock.Instant
    }

    private let pages = Locked<[Key: Entry]>([:])
    private let clock: ShopClock
    private let counters: CacheCounters

    init(_ clock: ShopClock, _ counters: CacheCounters) {
        self.clock = clock
        self.counters = counters
    }

    /// The page, cached or made by `make`, with its blanks filled in; counts its views.
    ///
    /// - Parameter personal: of the customer, or of the visitor with a basket; nil for any other visitor.
    func page(
        _ request: Request, for readers: Readers, _ personal: Personal?, _ views: ProductViews,
        _ make: () throws -> FreshPage
    ) throws -> Response {
        let key = Key(
            readers: readers, language: Visit.language(request), path: request.path, query: request.query)
        let now = ContinuousClock.now
        if let entry = counters.counting(find(key, now)) {
            entry.views?.count()
            return filled(entry.response, entry.blanks, personal)
        }
        let page = try make()
        let blanks = Blanks(page.response.body)
        guard isWorthKeeping(request.query, page.response) else {
            views.count(page.viewed)
            return filled(page.response, blanks, personal)
        }
        let tally = page.viewed.isEmpty ? nil : views.tally(of: page.viewed)
        tally?.count()
        var response = page.response
        response.body = []
        keep(Entry(response: response, blanks: blanks, views: tally, until: now + lifetime(of: page)), as: key)
        return filled(response, blanks, personal)
    }

    private func find(_ key: Key, _ now: ContinuousClock.Instant) -> Entry? {
        pages.read { $0[key] }.flatMap { now < $0.until ? $0 : nil }
    }

    private func isWorthKeeping(_ query: String, _ response: Response) -> Bool {
        response.status == .ok && response.body.count <= Self.largestPage && query.utf8.count <= Self.longestQuery
            && response.fields[.setCookie] == nil
            && query.split(separator: "&").allSatisfy { part in Self.parameters.contains { part.hasPrefix($0) } }
    }

    private func lifetime(of page: FreshPage) -> Duration {
        guard let changesAt = page.changesAt else { return Self.longestLifetime }
        return min(Self.longestLifetime, .milliseconds(changesAt.milliseconds - clock.now().milliseconds))
    }

    private func keep(_ entry: Entry, as key: Key) {
        pages.write { pages in
            // Evicts any one: a page in demand is soon back, and no flood of others can keep one out.
            if pages.count >= Self.capacity, pages[key] == nil, let other = pages.keys.randomElement() {
                pages[other] = nil
            }
            pages[key] = entry
        }
    }

    private func filled(_ response: Response, _ blanks: Blanks, _ personal: Personal?) -> Response {
        var response = response
        response.body = blanks.filled(personal, at: clock.now())
        return response
    }
}
