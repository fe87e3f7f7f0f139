import HTTPTypes
import Shop
import Web

/// One request for a page: who is asking, in which language, and how the answer is made.
struct Visit: Sendable {
    let request: Request
    let shop: Shop
    let storefront: Storefront
    let wording: Wording
    /// The logged-in customer; nil on a page cached for all customers, where `personal` is blank.
    let customer: Customer?
    /// What the page shows of the customer, or of the visitor's basket; nil for a visitor without one.
    let personal: Personal?
    /// Which of the page's coupons the customer has.
    var held: Set<CouponID> = []
    /// The session token that the client sent.
    let token: Token?
    /// What a visitor's forms are bound to.
    let visitorToken: Token?
    /// What the form before this page did.
    let notice: Notice?

    var words: Words { wording.words }
    var language: Language { wording.language }
    var now: Timestamp { shop.clock.now() }
    /// The time that the page's countdowns go by.
    let clock: String
    var isCustomers: Bool { personal?.isCustomer ?? false }

    init(_ request: Request, _ shop: Shop, _ storefront: Storefront) throws {
        self.request = request
        self.shop = shop
        self.storefront = storefront
        let wording = Wording(words: storefront.words(Self.language(request)), timeZone: storefront.timeZone)
        self.wording = wording
        clock = DateTime.text(shop.clock.now())
        token = Cookie.session.value(in: request).flatMap { Token($0) }
        customer = try token.flatMap { try shop.accounts.customer($0) }
        visitorToken = Cookie.visitor.value(in: request).flatMap { Token($0) }
        personal =
            if let customer, let token {
                Personal(customer, token, wording)
            } else if let visitorToken {
                Personal(visitorWith: try shop.baskets.count(of: visitorToken.hash), wording)
            } else {
                nil
            }
        notice = Notice(request)
    }

    /// A visit by nobody in particular, whatever cookies came along.
    init(anyOf readers: Readers, _ request: Request, _ shop: Shop, _ storefront: Storefront) {
        self.request = request
        self.shop = shop
        self.storefront = storefront
        wording = Wording(words: storefront.words(Self.language(request)), timeZone: storefront.timeZone)
        clock = Blank.now.text
        (token, customer, visitorToken, notice) = (nil, nil, nil, nil)
        personal = Personal(blankOf: readers)
        if case .customers(_, let holding) = readers { held = holding }
    }

    /// The language that was chosen, or the one that the browser asks for.
    static func language(_ request: Request) -> Language {
        Cookie.language.value(in: request).flatMap { Language(rawValue: String($0)) }
            ?? Language(acceptLanguage: request.fields[.acceptLanguage])
    }

    /// The logged-in customer; sends anybody else to log in first.
    func signedIn() throws -> (customer: Customer, token: Token) {
        guard let customer, let token else { throw PageError.logInFirst }
        return (customer, token)
    }

    /// The member of staff who is logged in. Throws `ShopError.unauthenticated` or `.forbidden` for anybody else.
    func staff() throws -> Staff {
        guard let token else { throw ShopError.unauthenticated }
        return try shop.accounts.staff(token, by: .browser, from: request.remoteAddress).staff
    }

    /// Tells anybody who may not see a page of the staff's that there is no such page.
    func hidden(_ body: () throws -> Response) throws -> Response {
        do {
            return try asking(body)
        } catch ShopError.unauthenticated, ShopError.forbidden {
            throw RequestError.notFound
        }
    }

    /// The page to return to with GET: this one, or the one that the form was on.
    var back: String {
        if request.method == .post { return referer ?? SitePath.home.text }
        return request.query.isEmpty ? request.path : "\(request.path)?\(request.query)"
    }
}

/// What a page answers besides the shop's own refusals.
enum PageError: Error {
    /// Only for logged-in customers.
    case logInFirst
    /// The form was not sent from a page of this shop.
    case foreignForm
    /// The form does not belong to the session it was sent in.
    case staleForm
    /// More have come than can be served.
    case crowd
}

extension Response {
    /// Sends the browser on to another page, which it requests with GET.
    static func seeOther(_ path: SitePath) -> Response { seeOther(path.text) }

    /// The same, with something for the page to say.
    static func seeOther(_ path: SitePath, saying notice: Notice, _ request: Request) -> Response {
        seeOther(path.text, saying: notice, request)
    }

    /// Sends the browser on to an address from a form or a query, which is on this shop (`OwnPath`).
    static func seeOther(_ address: String) -> Response {
        Response(.seeOther, fields: [.location: address, .cacheControl: "no-store"])
    }

    /// The same, with something for the page to say.
    static func seeOther(_ address: String, saying notice: Notice, _ request: Request) -> Response {
        seeOther(address).saying(notice, request)
    }

    /// Gives the next page something to say.
    func saying(_ notice: Notice, _ request: Request) -> Response {
        let longestWay: Int64 = 60
        return setting(Cookie.notice.field(notice.text, for: request, seconds: longestWay))
    }

    func setting(_ cookie: HTTPField) -> Response {
        var response = self
        response.fields.append(cookie)
        return response
    }
}
