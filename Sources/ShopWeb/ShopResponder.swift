import Glibc
public import HTTPTypes
public import Logging
import POSIX
public import Shop
public import Web

/// The shop over HTTP: finds the controller, and turns errors into answers.
public struct ShopResponder: Responder {
    private let router: Router
    private let storefront: Storefront
    private let problems: ProblemPages
    private let crowd: Crowd
    private let requests: RequestMetrics
    private let refusals: RefusalMetrics
    private let uploads: Uploads
    private let bodyFile: @Sendable () throws -> Int32
    private let logger: Logger

    /// - Parameter bodyFile: makes an empty file for a large body.
    /// - Parameter patience: how long a request may have waited in a queue that stands; money has ten times as long.
    public init(
        _ shop: Shop, _ storefront: Storefront, _ operations: Operations,
        patience: Duration = .milliseconds(200),
        bodyFile: @escaping @Sendable () throws -> Int32 = { throw UnavailableError("no place for large bodies") },
        logger: Logger
    ) {
        requests = RequestMetrics(shop.metrics)
        refusals = RefusalMetrics(shop.metrics)
        var group = RouterGroup(Router())
        operations.addRoutes(to: &group)
        var router = group.router
        let site = Site(shop, storefront, refusals)
        addAPI(to: &router, site)
        addPages(to: &router, site)
        self.router = router
        self.storefront = storefront
        problems = ProblemPages(shop: shop, storefront: storefront)
        crowd = Crowd(problems, storefront, patience: patience)
        uploads = Uploads(shop: shop)
        self.bodyFile = bodyFile
        self.logger = logger
    }

    public func room(forBodyOf request: Request) -> BodyRoom? {
        guard uploads.keep(request, router) else { return nil }
        do {
            return BodyRoom(descriptor: try bodyFile(), mostBytes: Uploads.mostBytes)
        } catch {
            logger.error("no file for what was sent", metadata: ["request": "\(request.id)", "error": "\(error)"])
            return BodyRoom(error: (error as? SystemError)?.code ?? EIO, mostBytes: Uploads.mostBytes)
        }
    }

    public func respond(to request: Request) -> Response {
        let began = ContinuousClock.now
        if let refusal = crowd.refusal(of: request) {
            refusals.count("unavailable")
            requests.count(request.method, "too late", refusal.status, since: began)
            return refusal
        }
        var route: String?
        let response: Response
        do {
            let match = try router.match(request)
            route = match.pattern
            response = try match.respond(to: request)
        } catch RequestError.methodNotAllowed(let methods) where request.method == .options {
            response = Response(.noContent, fields: [.allow: Problem.allow(methods), .cacheControl: "no-store"])
        } catch {
            response = answer(to: error, request)
        }
        requests.count(request.method, route, response.status, since: began)
        return response
    }

    private func answer(to error: any Error, _ request: Request) -> Response {
        let problem = problem(error, request.id)
        if request.path.utf8.starts(with: "/api/".utf8) {
            return problem.response(in: words(request.fields))
        }
        return problems.response(to: error, problem, request)
    }

    public func respond(to error: RequestError, fields: HTTPFields) -> Response {
        let began = ContinuousClock.now
        let response = problem(error, "").response(in: words(fields))
        requests.count(nil, nil, response.status, since: began)
        return response
    }

    private func words(_ fields: HTTPFields) -> Words {
        storefront.words(Language(acceptLanguage: fields[.acceptLanguage]))
    }

    private func problem(_ error: any Error, _ requestID: String) -> Problem {
        let problem = look(at: error, requestID)
        refusals.count(problem.code)
        return problem
    }

    /// What the shop refuses is nobody's worry; what it could not do is the operator's.
    private func look(at error: any Error, _ requestID: String) -> Problem {
        if let error = error as? UnavailableError {
            logger.warning("unavailable: \(error.reason)", metadata: ["request": "\(requestID)"])
        }
        if let problem = Problem(error) { return problem }
        if error is PageError { return Problem(ShopError.forbidden) }
        logger.error("unexpected: \(error)", metadata: ["request": "\(requestID)"])
        return .internalError
    }
}
