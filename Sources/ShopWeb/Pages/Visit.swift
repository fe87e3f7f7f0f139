import HTTPTypes
import Shop
import Web

/// One request for a page: who asks, in which language, and how the answer is made.
struct Visit: Sendable {
    let request: Request
    let services: Services
    let storefront: Storefront
    let wording: Wording
    /// Who is logged in.
    let customer: Customer?
    /// The token of the log-in that the client says it has.
    let token: Token?
    /// What the forms on a visitor's page are bound to.
    let visit: Token?
    /// What was done by the form before this page.
    let notice: Notice?

    var words: Words { wording.words }
    var language: Language { wording.language }
    var now: Timestamp { services.clock.now() }

    init(_ request: Request, _ services: Services, _ storefront: Storefront) throws {
        let token = Cookie.session.value(in: request).flatMap { Token($0) }
        self.init(
            request, services, storefront, token: token,
            customer: try token.flatMap { try services.accounts.customer($0) }, takesCookies: true)
    }

    /// A visit of nobody in particular, whatever cookies came along.
    init(visitor request: Request, _ services: Services, _ storefront: Storefront) {
        self.init(request, services, storefront, token: nil, customer: nil, takesCookies: false)
    }

    private init(
        _ request: Request, _ services: Services, _ storefront: Storefront, token: Token?, customer: Customer?,
        takesCookies: Bool
    ) {
        self.request = request
        self.services = services
        self.storefront = storefront
        self.token = token
        self.customer = customer
        wording = Wording(words: storefront.words(Self.language(request)), timeZone: storefront.timeZone)
        visit = takesCookies ? Cookie.visit.value(in: request).flatMap { Token($0) } : nil
        notice = takesCookies ? Notice(request) : nil
    }

    /// The one that was chosen, or the one that the browser asks for.
    static func language(_ request: Request) -> Language {
        Cookie.language.value(in: request).flatMap { Language(rawValue: String($0)) }
            ?? Language(acceptLanguage: request.fields[.acceptLanguage])
    }

    /// Who is logged in; sends everybody else to log in first.
    func signedIn() throws -> (customer: Customer, token: Token) {
        guard let customer, let token else { throw PageError.logInFirst }
        return (customer, token)
    }

    /// The page that can be gone back to with GET: this one, or the one that the form was on.
    var back: String {
        if request.method == .post { return referer ?? "/" }
        return request.query.isEmpty ? request.path : "\(request.path)?\(request.query)"
    }
}

/// What the page behind a form says of it, once.
enum Notice: String {
    case loggedOut = "logged-out"
    case passwordChanged = "password-changed"
    case sessionsEnded = "sessions-ended"
    case addedToBasket = "added-to-basket"
    case basketChanged = "basket-changed"
    case orderCancelled = "order-cancelled"

    init?(_ request: Request) {
        guard let value = Cookie.notice.value(in: request) else { return nil }
        self.init(rawValue: String(value))
    }

    var word: WordKey {
        switch self {
        case .loggedOut: .noticeLoggedOut
        case .passwordChanged: .noticePasswordChanged
        case .sessionsEnded: .noticeSessionsEnded
        case .addedToBasket: .noticeAddedToBasket
        case .basketChanged: .noticeBasketChanged
        case .orderCancelled: .noticeOrderCancelled
        }
    }
}

/// What a page answers besides the shop's own refusals.
enum PageError: Error {
    /// Only for who is logged in.
    case logInFirst
    /// The form was not sent from a page of this shop.
    case foreignForm
    /// The form does not belong to the session that it was sent in.
    case staleForm
}

/// A field's own address on this shop, and nothing else.
enum OwnPath {
    /// The text where it is a path on this host; nil where a browser could take it for anything else.
    static func path(_ text: String?) -> String? {
        guard let text, text.utf8.first == UInt8(ascii: "/"), text.utf8.count <= 2_000 else { return nil }
        let second = text.utf8.dropFirst().first
        guard second != UInt8(ascii: "/"),
            text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return nil }
        return text
    }
}

extension Response {
    /// Sends the browser on to another page, which it gets with GET.
    static func seeOther(_ path: String) -> Response {
        Response(.seeOther, fields: [.location: path, .cacheControl: "no-store"])
    }

    /// The same, with something for the page to say.
    static func seeOther(_ path: String, saying notice: Notice, _ request: Request) -> Response {
        let longestWay: Int64 = 60
        return seeOther(path).setting(Cookie.notice.field(notice.rawValue, for: request, seconds: longestWay))
    }

    func setting(_ cookie: HTTPField) -> Response {
        var response = self
        response.fields.append(cookie)
        return response
    }
}
