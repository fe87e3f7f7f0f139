import HTTPTypes
import Shop
import Web

/// The part of the navigation that a page belongs to.
enum NavigationItem: String {
    case home = "isHome"
    case products = "isProducts"
    case coupons = "isCoupons"
    case orders = "isOrders"
    case balance = "isBalance"
    case basket = "isBasket"
    case account = "isAccount"
}

extension Visit {
    /// A whole page.
    ///
    /// - Parameters:
    ///   - refusal: what was wrong with the form that the page is shown for again.
    ///   - data: what the template asks for besides what is on every page.
    func page(
        _ template: PageTemplate, _ title: String, in item: NavigationItem? = nil, refusal: FormRefusal? = nil,
        status: HTTPResponse.Status = .ok, _ data: PageData
    ) -> Response {
        // A visitor's form is bound to a cookie, which the first page with a form brings.
        let binding = visitorToken ?? .random()
        var all = layout(title, item)
        if let personal, personal.isCustomer {
            all["csrf"] = personal[.formToken]
            all["key"] = personal[.key]
        } else if visitorToken != nil || Self.hasVisitorsForm(template) {
            all["csrf"] = binding.formToken()
            all["key"] = Token.random().text
        }
        switch notice {
        case .word(let word): all["notice"] = words(word)
        case .charged(let entry): all["notice"] = charged(entry)
        case nil: break
        }
        all.merge(data) { $1 }
        if let refusal { all.merge(refusal.data) { $1 } }
        guard let html = storefront.templates.render(all, withTemplate: template.rawValue) else {
            preconditionFailure("no template \(template.rawValue)")
        }
        var response = Response(refusal?.status ?? status, fields: Self.fields, body: Array(html.utf8))
        response.fields[.contentLanguage] = language.rawValue
        if let seconds = refusal?.retryAfterSeconds { response.fields[.retryAfter] = String(seconds) }
        if !isCustomers, visitorToken == nil, Self.hasVisitorsForm(template) {
            response.fields.append(Cookie.visitor.field(binding.text, for: request, seconds: nil))
        }
        if notice != nil { response.fields.append(Cookie.notice.field("", for: request, seconds: 0)) }
        return response
    }

    private static func hasVisitorsForm(_ template: PageTemplate) -> Bool { template == .logIn || template == .signUp }

    private func layout(_ title: String, _ item: NavigationItem?) -> PageData {
        let languages: [PageData] = Language.allCases.map { other in
            [
                "code": other.rawValue, "name": storefront.words(other)(.languageName), "isCurrent": other == language,
                "href": SitePath.language(other, next: back).text,
            ]
        }
        var data: PageData = [
            "lang": language.rawValue, "t": words, "title": title, "assets": storefront.assets.named,
            "languages": languages, "search": "", "loginHref": SitePath.logIn(next: back).text,
            "signupHref": SitePath.signUp(next: back).text, "summaryTitle": words(.summaryTitle),
            "now": wording.time(now),
            "clock": clock,
        ]
        if let item { data["nav"] = [item.rawValue: true] }
        if let personal {
            if personal.hasBasket { data["basketCount"] = personal[.basketCount] }
            if personal.isCustomer {
                data["user"] =
                    [
                        "login": personal[.login], "name": personal[.name], "balance": personal[.balance],
                    ] as PageData
            }
        }
        return data
    }

    /// The page that a form was sent from, where it is one of ours.
    var referer: String? {
        guard let referer = request.fields.first(.referer), referer.hasPrefix(request.origin + "/") else { return nil }
        return OwnPath.path(String(referer.dropFirst(request.origin.count)))
    }

    /// No cache keeps a page, nothing on it comes from anywhere else, and nobody else's page shows it in a frame.
    private static let fields: HTTPFields = {
        var fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
            .contentSecurityPolicy:
                "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ]
        fields[.requiredName("Referrer-Policy")] = "same-origin"
        fields[.requiredName("Vary")] = "Accept-Language, Cookie"
        return fields
    }()
}

extension HTTPField.Name {
    static let host = requiredName("Host")
}

extension Request {
    /// Of this shop, as the client calls it.
    var origin: String { "\(isSecure ? "https" : "http")://\(fields.first(.host) ?? "")" }
}
