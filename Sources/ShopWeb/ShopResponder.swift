public import HTTPTypes
public import Logging
public import Shop
public import Web

/// The shop over HTTP: finds the controller, and makes answers of errors.
public struct ShopResponder: Responder {
    private let router: Router
    private let problems: ProblemPages
    private let logger: Logger

    public init(_ services: Services, _ storefront: Storefront, logger: Logger) {
        var router = Router()
        addAPI(to: &router, services)
        addPages(to: &router, services, storefront)
        self.router = router
        problems = ProblemPages(services: services, storefront: storefront)
        self.logger = logger
    }

    public func respond(to request: Request) -> Response {
        do {
            return try router.respond(to: request)
        } catch {
            let problem = problem(error, request.id)
            if request.path.utf8.starts(with: "/api/".utf8) {
                return problem.response(in: Language(acceptLanguage: request.fields[.acceptLanguage]))
            }
            return problems.response(to: error, problem, request)
        }
    }

    public func respond(to error: RequestError, fields: HTTPFields) -> Response {
        problem(error, "").response(in: Language(acceptLanguage: fields[.acceptLanguage]))
    }

    /// What the shop refuses is nobody's worry; what it could not do is the operator's.
    private func problem(_ error: any Error, _ requestID: String) -> Problem {
        if let error = error as? Unavailable {
            logger.warning("unavailable: \(error.reason)", metadata: ["request": "\(requestID)"])
        }
        if let problem = Problem(error) { return problem }
        if error is PageError { return Problem(ShopError.forbidden) }
        logger.error("unexpected: \(error)", metadata: ["request": "\(requestID)"])
        return .internalError
    }
}

/// What the controllers call.
public struct Services: Sendable {
    public let store: any Store
    public let clock: ShopClock
    public let policy: Policy
    public let views: ProductViews
    public let accounts: Accounts
    public let balances: Balances
    public let products: Products
    public let coupons: Coupons
    public let baskets: Baskets
    public let orders: Orders
    public let payments: Payments
    public let popular: PopularProducts

    public init(
        store: any Store, clock: ShopClock, policy: Policy, views: ProductViews, sessionUse: SessionUse,
        hasher: PasswordHasher, gate: HashingGate
    ) {
        self.store = store
        self.clock = clock
        self.policy = policy
        self.views = views
        accounts = Accounts(
            store: store, clock: clock, policy: policy, hasher: hasher, gate: gate, use: sessionUse)
        balances = Balances(store: store, clock: clock, policy: policy)
        products = Products(store: store, clock: clock, policy: policy, views: views)
        coupons = Coupons(store: store, clock: clock, policy: policy)
        orders = Orders(store: store, clock: clock, policy: policy)
        baskets = Baskets(store: store, clock: clock, policy: policy, orders: orders)
        payments = Payments(store: store, clock: clock, policy: policy)
        popular = PopularProducts(store: store, clock: clock, policy: policy)
    }
}
