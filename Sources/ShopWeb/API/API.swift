import HTTPTypes
import Shop
import Web

/// Adds the JSON API. What it promises stands in its OpenAPI description.
func addAPI(to router: inout Router, _ shop: Shop) {
    var api = RouterGroup(router, prefix: "/api/v1")
    let access = Access(accounts: shop.accounts)
    AccountsAPI(accounts: shop.accounts, access: access).addRoutes(to: &api)
    BalanceAPI(balances: shop.balances, access: access).addRoutes(to: &api)
    ProductsAPI(shop, access: access).addRoutes(to: &api)
    CouponsAPI(coupons: shop.coupons, clock: shop.clock, access: access).addRoutes(to: &api)
    OrdersAPI(orders: shop.orders, clock: shop.clock, access: access).addRoutes(to: &api)
    PaymentsAPI(payments: shop.payments, clock: shop.clock, access: access).addRoutes(to: &api)
    router = api.router
}

/// Who calls, by the bearer token (RFC 6750).
struct Access: Sendable {
    let accounts: Accounts

    /// Throws `unauthenticated` where there is no token or not a good one.
    func caller(_ request: Request) throws -> Caller {
        try accounts.caller(token(request))
    }

    func admin(_ request: Request) throws -> Caller {
        let caller = try caller(request)
        guard caller.role == .admin else { throw ShopError.forbidden }
        return caller
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
    /// The caller's wish with its `Idempotency-Key`, if it has one.
    ///
    /// - Parameter json: writes the outcome.
    func submission<Outcome>(
        of caller: Caller, status: Int, _ json: @escaping @Sendable (inout JSONWriter, Outcome) -> Void
    ) throws -> Submission<Outcome> {
        Submission(caller: caller.user, key: try idempotencyKey(Outcome.self)) { outcome in
            var writer = JSONWriter()
            json(&writer, outcome)
            return Answer(status: status, body: writer.finish())
        }
    }

    private func idempotencyKey<Outcome>(_: Outcome.Type) throws -> Submission<Outcome>.Key? {
        guard let text = fields.first(.idempotencyKey) else {
            _ = try bodyBytes()
            return nil
        }
        guard (1...255).contains(text.utf8.count) else {
            throw ValidationError(HTTPField.Name.idempotencyKey.rawName, text.isEmpty ? .shorter(1) : .longer(255))
        }
        guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
            throw ValidationError(HTTPField.Name.idempotencyKey.rawName, .characters)
        }
        return Submission.Key(text: text, of: Array(method.rawValue.utf8), Array(path.utf8), try bodyBytes())
    }
}

extension Response {
    init(_ answer: Answer) {
        let status: HTTPResponse.Status
        switch answer.status {
        case 200: status = .ok
        case 201: status = .created
        default: status = HTTPResponse.Status(code: answer.status)  // made of a number it has no reason phrase
        }
        self = .json(status, answer.body)
        if answer.isReplayed { fields[.idempotentReplayed] = "true" }
    }

    /// An answer written on the spot.
    static func json(_ status: HTTPResponse.Status = .ok, _ write: (inout JSONWriter) -> Void) -> Response {
        var json = JSONWriter()
        write(&json)
        return .json(status, json.finish())
    }
}
