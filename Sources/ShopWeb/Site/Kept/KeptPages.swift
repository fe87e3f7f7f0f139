import Shop
import Web

/// Pages as bytes, kept for a second: in the minute in which everybody arrives, most ask for the same few. What is a
/// customer's own on them is left blank, and filled in for each.
///
/// A second, and not until something is sold: what is shown changes with every sale then. Whether it is still so is decided
/// when somebody orders. But when a coupon opens or closes, the page that says so is there at that instant.
final class KeptPages: Sendable {
    /// What visitors, or customers, get, and which products it shows a view of.
    struct Page {
        let response: Response
        var viewed: [ProductID] = []
        /// When it says something else, if that is known beforehand.
        var changesAt: Timestamp?
    }

    /// Those who get the same page.
    enum Readers: Hashable, Sendable {
        /// Visitors with something in their basket or not.
        case visitors(hasBasket: Bool)
        /// Customers with something in their basket or not, who hold the same of the coupons on the page.
        case customers(hasBasket: Bool, holding: Set<CouponID>)
    }

    private struct Key: Hashable {
        let readers: Readers
        let language: Language
        let path: String
        let query: String
    }

    private struct Kept: Sendable {
        /// Without its body, which is in `blanks`.
        let response: Response
        let blanks: Blanks
        let views: ProductViews.Tally?
        let until: ContinuousClock.Instant
    }

    private static let longestLifetime = Duration.seconds(1)
    /// With the largest page, what they take at most is some 13 MB.
    private static let capacity = 200
    private static let largestPage = 64 * 1024
    /// A longer query than this nobody asks for twice.
    private static let longestQuery = 100
    /// What a page looks at in its query. One with anything else is made anew, and takes nobody's place.
    private static let parameters = ["q=", "sort=", "cursor="]

    private let pages = Locked<[Key: Kept]>([:])
    private let clock: ShopClock
    private let counters: CacheCounters

    init(_ clock: ShopClock, _ counters: CacheCounters) {
        self.clock = clock
        self.counters = counters
    }

    /// The page, kept or made by `make`; counts its views.
    ///
    /// - Parameter personal: of the customer who asks, or of the visitor with a basket; nil for any other visitor.
    func page(
        _ request: Request, for readers: Readers, _ personal: Personal?, _ views: ProductViews,
        _ make: () throws -> Page
    ) throws -> Response {
        let key = Key(
            readers: readers, language: Visit.language(request), path: request.path, query: request.query)
        let now = ContinuousClock.now
        let found = pages.read { $0[key] }.flatMap { now < $0.until ? $0 : nil }
        if let kept = counters.counting(found) {
            kept.views?.count()
            return filled(kept.response, kept.blanks, personal)
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
        let kept = Kept(response: response, blanks: blanks, views: tally, until: now + lifetime(of: page))
        pages.write { pages in
            // Any one goes: a page that many ask for is soon back, and none can be kept out by a flood of others.
            if pages.count >= Self.capacity, pages[key] == nil, let other = pages.keys.randomElement() {
                pages[other] = nil
            }
            pages[key] = kept
        }
        return filled(response, blanks, personal)
    }

    private func lifetime(of page: Page) -> Duration {
        guard let changesAt = page.changesAt else { return Self.longestLifetime }
        return min(Self.longestLifetime, .milliseconds(changesAt.milliseconds - clock.now().milliseconds))
    }

    private func filled(_ response: Response, _ blanks: Blanks, _ personal: Personal?) -> Response {
        var response = response
        response.body = blanks.filled(personal, at: clock.now())
        return response
    }

    private func isWorthKeeping(_ query: String, _ response: Response) -> Bool {
        response.status == .ok && response.body.count <= Self.largestPage && query.utf8.count <= Self.longestQuery
            && response.fields[.setCookie] == nil
            && query.split(separator: "&").allSatisfy { part in Self.parameters.contains { part.hasPrefix($0) } }
    }
}
