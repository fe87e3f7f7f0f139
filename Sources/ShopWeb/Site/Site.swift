import Shop
import Web

/// What every page is made with.
struct Site: Sendable {
    let shop: Shop
    let storefront: Storefront
    let cache: PageCache
    /// Counts refused forms by reason.
    let refusals: RefusalMetrics
    let downloads = Downloads()

    init(_ shop: Shop, _ storefront: Storefront, _ refusals: RefusalMetrics) {
        self.shop = shop
        self.storefront = storefront
        self.refusals = refusals
        cache = PageCache(shop.clock, CacheCounters("pages", shop.metrics))
    }

    /// Looks up who is asking.
    func visit(_ request: Request) throws -> Visit { try Visit(request, shop, storefront) }
}

extension Visit {
    /// If a log-in is needed, sends the browser to it first, and back to what was typed.
    func loggingIn(_ form: Form? = nil, _ body: () throws -> Response) throws -> Response {
        do {
            return try asking(body)
        } catch PageError.logInFirst {
            return .seeOther(.logIn(next: form.flatMap { $0.typed(at: back) } ?? back))
        }
    }

    /// If staff need a second factor or have to give the password again, sends the browser there first, and back. A form
    /// is kept for that time, and sent by nobody but the person.
    func asking(_ body: () throws -> Response) throws -> Response {
        do {
            return try body()
        } catch ShopError.secondFactorRequired {
            return .seeOther(.secondFactor(next: back))
        } catch ShopError.passwordRequired {
            guard request.method == .post, let kept = try KeptForm(request) else {
                return .seeOther(.passwordAgain(next: back))
            }
            return try passwordAgain(next: back, kept, nil)
        }
    }
}
