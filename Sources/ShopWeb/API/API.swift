import HTTPTypes
import Shop
import Web

/// Adds the JSON API. Its OpenAPI description says what it promises.
func addAPI(to router: inout Router, _ site: Site) {
    let (shop, downloads) = (site.shop, site.downloads)
    var api = RouterGroup(router, prefix: "/api/v1")
    let access = Access(accounts: shop.accounts)
    AccountsAPI(accounts: shop.accounts, access: access).addRoutes(to: &api)
    SecondFactorAPI(accounts: shop.accounts, access: access).addRoutes(to: &api)
    BalanceAPI(balances: shop.balances, access: access).addRoutes(to: &api)
    ProductsAPI(shop, access: access, downloads: downloads).addRoutes(to: &api)
    PicturesAPI(shop: shop, access: access).addRoutes(to: &api)
    CouponsAPI(shop: shop, access: access).addRoutes(to: &api)
    ManagedCouponsAPI(shop: shop, access: access, downloads: downloads).addRoutes(to: &api)
    ProductImportsAPI(shop: shop, access: access, downloads: downloads, storefront: site.storefront).addRoutes(to: &api)
    OrdersAPI(orders: shop.orders, clock: shop.clock, access: access).addRoutes(to: &api)
    PaymentsAPI(payments: shop.payments, access: access).addRoutes(to: &api)
    OrderOfficeAPI(shop: shop, access: access, downloads: downloads).addRoutes(to: &api)
    TraceAPI(shop: shop, access: access, downloads: downloads).addRoutes(to: &api)
    FiguresAPI(shop: shop, access: access, downloads: downloads).addRoutes(to: &api)
    CustomersAPI(shop: shop, access: access, downloads: downloads).addRoutes(to: &api)
    CorrectionsAPI(shop: shop, access: access, downloads: downloads).addRoutes(to: &api)
    StaffAPI(shop: shop, access: access, downloads: downloads).addRoutes(to: &api)
    DescriptionAPI().addRoutes(to: &api)
    router = api.router
}

/// Who calls, by the bearer token (RFC 6750).
struct Access: Sendable {
    let accounts: Accounts

    /// Throws `unauthenticated` if there is no token or not a valid one.
    func caller(_ request: Request) throws -> Caller {
        try accounts.caller(token(request))
    }

    /// Who of the staff calls. Throws `forbidden` for a customer.
    func staff(_ request: Request) throws -> (staff: Staff, user: UserID) {
        try accounts.staff(token(request), by: .program, from: request.remoteAddress)
    }

    func token(_ request: Request) throws -> Token {
        let scheme = "bearer "
        guard let credentials = request.fields.first(.authorization)?.utf8,
            credentials.prefix(scheme.utf8.count).elementsEqual(scheme.utf8, by: { $0 | 0x20 == $1 }),
            let token = Token(Substring(credentials.dropFirst(scheme.utf8.count)))
        else { throw ShopError.unauthenticated }
        return token
    }
}

extension HTTPField.Name {
    static let idempotencyKey = requiredName("Idempotency-Key")
    static let idempotentReplayed = requiredName("Idempotent-Replayed")

    static func requiredName(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no field name") }
        return name
    }
}

extension Request {
    /// The caller's submission, with its `Idempotency-Key` if it has one.
    ///
    /// - Parameters:
    ///   - token: the caller's, of a request with a password in it: from the fingerprint, which is stored, nobody can find
    ///     the password out, since the token is stored nowhere.
    ///   - json: writes the outcome.
    func submission<Outcome>(
        of user: UserID, hiddenBy token: Token? = nil, status: Int,
        _ json: @escaping @Sendable (inout JSONWriter, Outcome) -> Void
    ) throws -> Submission<Outcome> {
        Submission(caller: user, key: try idempotencyKey(hiddenBy: token)) { outcome in
            var writer = JSONWriter()
            json(&writer, outcome)
            return Receipt(code: status, bytes: writer.finish())
        }
    }

    private func idempotencyKey(hiddenBy token: Token?) throws -> IdempotencyKey? {
        guard let text = fields.first(.idempotencyKey) else {
            _ = try bodyBytes()
            return nil
        }
        let length = IdempotencyKey.length
        guard length.contains(text.utf8.count) else {
            let issue: FieldError.Issue = text.isEmpty ? .shorter(length.lowerBound) : .longer(length.upperBound)
            throw ValidationError(HTTPField.Name.idempotencyKey.rawName, issue)
        }
        guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw ValidationError(HTTPField.Name.idempotencyKey.rawName, .characters)
        }
        let secret = token.map { Array($0.text.utf8) } ?? []
        return IdempotencyKey(text: text, of: Array(method.rawValue.utf8), Array(path.utf8), try bodyBytes() + secret)
    }
}

extension Response {
    /// The receipt of a submission, new or from before.
    init(_ receipt: Receipt) {
        let status: HTTPResponse.Status
        switch receipt.code {
        case 200: status = .ok
        case 201: status = .created
        default: status = HTTPResponse.Status(code: receipt.code)  // made from a bare number it has no reason phrase
        }
        self = .json(status, receipt.bytes)
        if receipt.isReplayed { fields[.idempotentReplayed] = "true" }
    }

    /// An answer written in place.
    static func json(_ status: HTTPResponse.Status = .ok, _ write: (inout JSONWriter) -> Void) -> Response {
        var json = JSONWriter()
        write(&json)
        return .json(status, json.finish())
    }
}
